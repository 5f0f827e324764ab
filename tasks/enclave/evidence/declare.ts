import { emptyTask } from "hardhat/config";
import { ArgumentType } from "hardhat/types/arguments";
import type { TaskDefinition } from "hardhat/types/tasks";

import { ACCOUNT, described, reporting, SEARCH, texts } from "../../shared/declare.ts";

const FILE = {
  name: "file",
  description: "File of evidence: bytes, base64, hexadecimal, or JSON with a quote",
  type: ArgumentType.STRING_WITHOUT_DEFAULT,
  defaultValue: undefined,
} as const;

const STORE = {
  store: "Address of DcapCollateral; default: that of the network's deployment record",
  deployment: "Id of Ignition's deployment record; default: chain-<id>",
} as const;

/** What evidence says, whether it holds, and what it is judged by. */
export const evidence: TaskDefinition[] = [
  reporting(
    ["enclave", "inspect"],
    described(
      "Show what evidence of an enclave claims: type, measurements, certificates, validity, debug, TCB. Verifies nothing.",
      "enclave inspect quote.bin",
    ),
  )
    .addPositionalArgument(FILE)
    .setAction(() => import("./inspect.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "verify"],
      described(
        "Verify evidence of an enclave as the contracts do.",
        "enclave verify document.bin",
        "enclave verify quote.bin --collateral collateral.json --at 2025-06-27T04:53:20Z",
      ),
    ),
    {
      collateral: "Intel: file that `enclave collateral fetch` wrote",
      at: "Time to judge at, Unix seconds or a date such as 2027-01-31T12:00:00Z; default: now",
    },
  )
    .addPositionalArgument(FILE)
    .setAction(() => import("./verify.ts"))
    .build(),
  emptyTask(["enclave", "collateral"], "What vendors sign about their machines").build(),
  texts(
    reporting(
      ["enclave", "collateral", "fetch"],
      described(
        "Fetch what Intel signs about one kind of machine: TCB Info, identity of the quoting enclave, revocation lists.",
        "enclave collateral fetch --file quote.bin --out collateral.json",
        "enclave collateral fetch --fmspc 90C06F000000 --tee tdx --out collateral.json",
      ),
    ),
    {
      file: "Quote of the machine, which says the next three",
      fmspc: "Family and model of the machine, 12 hexadecimal digits",
      tee: "Kind of the machine: sgx or tdx",
      ca: "Authority that certified the machine, processor or platform; default: platform",
      update: "standard, early, or an evaluation number; default: standard",
      service: "Address of Intel's service or of a cache of one's own; default: Intel's",
      rootCrl: "Address of the root's revocation list; default: Intel's",
      out: "File to write",
    },
  )
    .setAction(() => import("../collateral/fetch.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "collateral", "put"],
      described(
        "Bring what Intel signs on chain, where it is not there as new. Anyone may; contracts check the signatures.",
        "enclave collateral put --collateral collateral.json --network sepolia",
      ),
    ),
    { collateral: "File that `enclave collateral fetch` wrote", ...STORE, ...ACCOUNT },
  )
    .setAction(() => import("../collateral/put.ts"))
    .build(),
  texts(
    reporting(
      ["enclave", "collateral", "status"],
      described(
        "Show what verifiers on this chain judge by, and until when it is valid.",
        "enclave collateral status --network sepolia",
      ),
    ),
    { ...STORE, ...SEARCH },
  )
    .setAction(() => import("../collateral/status.ts"))
    .build(),
];
