import { emptyTask } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";

import { BLOBS, CONTRACTS, described, reporting, texts } from "../shared/declare.ts";

/** The GPU node. */
export const runner: TaskDefinition[] = [
  emptyTask("runner", "Run a GPU node").build(),
  texts(
    reporting(
      ["runner", "start"],
      described(
        "Run a GPU node until SIGINT or SIGTERM, which let it finish what it has begun.",
        "runner start --node-config node.json --network localhost",
        "runner start --node-config node.json --pid-file runner.pid --network localhost",
      ),
    ),
    {
      nodeConfig: "JSON file of the node's configuration (docs/tasks.md, runner start)",
      journal: "Journal file; default: the configuration's, else .assay/journal-<chain>.sqlite",
      pidFile: "File to keep the process id in while it runs, for `kill`",
      ...BLOBS,
      ...CONTRACTS,
    },
  )
    .setAction(() => import("./start.ts"))
    .build(),
];
