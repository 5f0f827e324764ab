import type { TaskDefinition } from "hardhat/types/tasks";

import { ACCOUNT, CONTRACTS, described, reporting, texts } from "../shared/declare.ts";

const NODE = { nodeId: "Id of the node; default: found by --key-file or --signer" } as const;
const KEY = {
  keyFile: "File with the node's signing key; default: .assay/keys/node-<chain>.key",
  signer: "Address of the signing key, in place of a key file",
} as const;

/** Bonded nodes. Hardhat itself has the task `node`, a local chain; these are subtasks of it. */
export const node: TaskDefinition[] = [
  texts(
    reporting(
      ["node", "register"],
      described(
        "Register a node with its bond; makes its signing key where there is none.",
        "node register --endpoint https://node.example --network localhost",
      ),
    ),
    {
      keyFile: KEY.keyFile,
      payee: "Account that is paid; default: your account",
      roles: "Roles, from gpu, full, data, storage; default: gpu",
      bond: "Bond, for example 0.1; default: the least that is allowed",
      endpoint: "Where the node can be reached",
      ...ACCOUNT,
      ...CONTRACTS,
    },
  )
    .setAction(() => import("./register.ts"))
    .build(),
  texts(
    reporting(["node", "show"], described("Show what the registry knows of a node.", "node show --network localhost")),
    { ...NODE, ...KEY, ...ACCOUNT, ...CONTRACTS },
  )
    .setAction(() => import("./show.ts"))
    .build(),
  texts(
    reporting(
      ["node", "exit"],
      described(
        "Stop a node and, once the unbonding delay is over, take its bond back: run it twice.",
        "node exit --network localhost",
      ),
    ),
    { ...NODE, ...KEY, to: "Account that gets the bond; default: yours", ...ACCOUNT, ...CONTRACTS },
  )
    .setAction(() => import("./exit.ts"))
    .build(),
];
