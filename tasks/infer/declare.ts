import { emptyTask } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";

import { ACCOUNT, BLOBS, CONTRACTS, described, flags, reporting, SEARCH, texts } from "../shared/declare.ts";

const ID = { id: "Id of the request" } as const;

/** Requests and their answers. */
export const infer: TaskDefinition[] = [
  emptyTask("infer", "Ask a model, follow the request, check the answer, get the money back").build(),
  texts(
    flags(
      reporting(
        ["infer", "request"],
        described(
          "Ask a model version, with payment in escrow; --wait follows the request to its answer.",
          "infer request --version-id 0x5f... --input image.json --kinds zkml --amount 0.01 --wait --network localhost",
        ),
      ),
      {
        wait: "Wait for the answer and show it",
        otherPolicy: "Ask under --policy although the model's owner names others",
        storeResult: "Leave the answer's digest in the hub's storage, for contracts to read",
      },
    ),
    {
      versionId: "Id of the model version",
      input: "JSON file with the real input values",
      index: "Which row to take, from 0, where the file holds many",
      openings: "For a version that commits to its input: folder for the file that opens it, which the node must get",
      kinds: "Evidence that must hold, all of it, from signature, tee, zkml; default: signature",
      policy:
        "Measurement policy that tee evidence must satisfy; default: the one that the model's owner names, where it is one only",
      amount: "What you pay, for example 0.01, the version's price included; default: the price",
      token: "ERC-20 token of the payment; default: that of the price, else the chain's own coin",
      deadline: "How long an answer is accepted, for example 90s, 15m, 2h; default: 10m, at most 7d",
      callback: "Contract to call with the answer",
      callbackGas: "Gas that it gets; default with a callback: 200000",
      ...BLOBS,
      ...ACCOUNT,
      ...CONTRACTS,
    },
  )
    .setAction(() => import("./request.ts"))
    .build(),
  texts(
    reporting(
      ["infer", "status"],
      described("Say where a request stands and what it waits for.", "infer status --id 0x9a... --network localhost"),
    ),
    { ...ID, ...SEARCH, ...BLOBS, ...CONTRACTS },
  )
    .setAction(() => import("./status.ts"))
    .build(),
  texts(
    reporting(
      ["infer", "verify"],
      described(
        "Check the evidence of an accepted answer again, off chain.",
        "infer verify --id 0x9a... --receipt receipt.json --network localhost",
        "infer verify --receipt receipt.json --network localhost",
      ),
    ),
    {
      ...ID,
      receipt: "With --id, file to write the receipt to; alone, the receipt to check",
      ...SEARCH,
      ...BLOBS,
      ...CONTRACTS,
    },
  )
    .setAction(() => import("./verify.ts"))
    .build(),
  texts(
    flags(
      reporting(
        ["infer", "reclaim"],
        described(
          "Give the payment of an expired request back to its requester; --withdraw pays your credit out, too.",
          "infer reclaim --id 0x9a... --withdraw --network localhost",
        ),
      ),
      { withdraw: "Then withdraw your whole credit in the payment's token" },
    ),
    { ...ID, ...SEARCH, ...ACCOUNT, ...CONTRACTS },
  )
    .setAction(() => import("./reclaim.ts"))
    .build(),
];
