import { emptyTask } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";

import { ACCOUNT, BLOBS, CONTRACTS, described, reporting, texts } from "../shared/declare.ts";

const KEY = {
  policy: "Id of the measurement policy",
  key: "Address of the enclave's signing key; default: found by --key-file",
  keyFile: "File with the enclave's signing key; default: .assay/keys/enclave-<chain>.key",
} as const;

/** Enclave keys and the policies they are registered under. */
export const enclave: TaskDefinition[] = [
  emptyTask("enclave", "Register an enclave's signing key, look at it, revoke it").build(),
  texts(
    reporting(
      ["enclave", "register"],
      described(
        "Have a development enclave attest its key and register it (local chains only); makes key and policy where there are none.",
        "enclave register --version-id 0x5f... --network localhost",
      ),
    ),
    {
      policy: "Policy to register under; default: a new one of yours",
      versionId: "Version that the enclave serves, part of its measurement; default: none",
      code: "File of the program that the enclave runs, part of its measurement; default: this toolkit's GPU node",
      keyFile: KEY.keyFile,
      endpoint: "Where the enclave can be reached",
      maxKeyAge: "Longest life of the keys of a new policy, for example 7d; default: 30d",
      ...BLOBS,
      ...ACCOUNT,
      ...CONTRACTS,
    },
  )
    .setAction(() => import("./register.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "show"],
      described("Show a policy and a key under it.", "enclave show --policy 0x1c... --network localhost"),
    ),
    { ...KEY, ...CONTRACTS },
  )
    .setAction(() => import("./show.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "revoke"],
      described(
        "Revoke a key, or a measurement and with it every key that has it; final.",
        "enclave revoke --policy 0x1c... --network localhost",
        "enclave revoke --policy 0x1c... --measurement 0x77... --network localhost",
      ),
    ),
    { ...KEY, measurement: "Measurement to revoke in place of a key", ...ACCOUNT, ...CONTRACTS },
  )
    .setAction(() => import("./revoke.ts"))
    .build(),
];
