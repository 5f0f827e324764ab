import { emptyTask } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";

import { ACCOUNT, BLOBS, CONTRACTS, described, flags, reporting, texts } from "../shared/declare.ts";
import { policy } from "./policy/declare.ts";

const KEY = {
  policy: "Id of the measurement policy",
  key: "The enclave's signing key: an address, x and y on P-256, or exponent and modulus of RSA; default: found by --key-file",
  keyFile: "File with the enclave's signing key; default: .assay/keys/enclave-<chain>.key",
} as const;

const BOUND = {
  endpoint: "Where the enclave can be reached; part of what evidence binds",
  gpuClaims: "Hash of what the enclave found out about its GPUs, 32 bytes; default: zero",
} as const;

/** Enclave keys and the policies they are registered under. */
export const enclave: TaskDefinition[] = [
  emptyTask("enclave", "Register an enclave's signing key, look at it, revoke it").build(),
  texts(
    flags(
      reporting(
        ["enclave", "register"],
        described(
          "Register an enclave's key with --evidence of real hardware; without, that of a development enclave (local chains only).",
          "enclave register --policy 0x1c... --evidence quote.bin --challenge-block 812 --key 0x3c... --key-signature 0x9f... --network sepolia",
          "enclave register --policy 0x1c... --evidence document.bin --cache --challenge-block 812 --key-file enclave.key --network sepolia",
          "enclave register --version-id 0x5f... --network localhost",
        ),
      ),
      { cache: "AWS: have the machine's certificates remembered first, which makes later documents cheaper" },
    ),
    {
      policy: "Policy to register under; development default: a new one of yours",
      evidence: "File of evidence: bytes, base64, hexadecimal, or JSON with a quote",
      challengeBlock: "Block of the challenge, which `enclave context` named",
      key: KEY.key,
      keySignature: "The key's signature of the context; default: made with --key-file",
      keyFile: KEY.keyFile,
      ...BOUND,
      verifier: "Verifier of the evidence: nitro, sgx, tdx, or an address; default: by the kind of evidence",
      scheme:
        "What ties evidence to key: canonical, address-nonce, nitro-public-key, nitriding, or an address; default: canonical",
      aux: "Preimages for the scheme, hexadecimal; default: none",
      versionId: "Development: version that the enclave serves, part of its measurement; default: none",
      code: "Development: file of the program that the enclave runs, part of its measurement; default: this toolkit's GPU node",
      maxKeyAge: "Development: longest life of the keys of a new policy, for example 7d; default: 30d",
      ...BLOBS,
      ...ACCOUNT,
      ...CONTRACTS,
    },
  )
    .setAction(() => import("./register.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "context"],
      described(
        "Print what evidence of an enclave, and its key's signature, must bind to be registered by the account.",
        "enclave context --policy 0x1c... --key 0x3c... --network sepolia",
      ),
    ),
    {
      policy: KEY.policy,
      key: KEY.key,
      keyFile: KEY.keyFile,
      ...BOUND,
      challengeBlock: "Block of the challenge; default: the newest but one",
      ...ACCOUNT,
      ...CONTRACTS,
    },
  )
    .setAction(() => import("./context.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "heartbeat"],
      described(
        "Keep a key valid under a policy that asks for heartbeats; its counter is one more than the last.",
        "enclave heartbeat --policy 0x1c... --key-file enclave.key --network sepolia",
      ),
    ),
    { policy: KEY.policy, keyFile: KEY.keyFile, ...ACCOUNT, ...CONTRACTS },
  )
    .setAction(() => import("./heartbeat.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "refresh"],
      described(
        "Hold a key against its policy as it is now, so that it counts again after the policy became tighter. Anyone may.",
        "enclave refresh --policy 0x1c... --key 0x3c... --network sepolia",
      ),
    ),
    { ...KEY, ...ACCOUNT, ...CONTRACTS },
  )
    .setAction(() => import("./refresh.ts"))
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
        "Revoke a key; final. `enclave policy revoke` ends a measurement, and every key that has it.",
        "enclave revoke --policy 0x1c... --network localhost",
      ),
    ),
    { ...KEY, ...ACCOUNT, ...CONTRACTS },
  )
    .setAction(() => import("./revoke.ts"))
    .build(),
  ...policy,
];
