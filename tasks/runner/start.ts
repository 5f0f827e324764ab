import { createGpuNode, type GpuNode } from "@assay/nodes/gpu";

import { action } from "../shared/action.ts";
import { required } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSession } from "../shared/session.ts";
import { readNodeConfig } from "./settings.ts";

interface Arguments {
  readonly json: boolean;
  readonly nodeConfig: string | undefined;
  readonly blobs: string | undefined;
  readonly hub: string | undefined;
  readonly deployment: string | undefined;
}

/** Runs a GPU node until it is told to stop. Its log goes to the standard output, one JSON object a line. */
export default action<Arguments>(async (args, { hre, note }) => {
  const path = required(args, "nodeConfig", "the node's configuration file");
  const session = await openSession(hre, args);
  const node = createGpuNode(await readNodeConfig(hre, session, path, args.blobs));
  const stop = untilStopped();
  await node.start();
  const { wallet, port } = await node.stats();
  note(`GPU node of hub ${session.addresses.hub} runs as ${wallet}${port === undefined ? "" : `, port ${port}`}`);
  const signal = await stop;
  note(`${signal}: finishing what has begun`);
  const data = await ended(node, signal);
  const text = fields([
    ["stopped by", signal],
    [
      "requests",
      Object.entries(data.requests)
        .map(([state, count]) => `${count} ${state}`)
        .join(", ") || "none",
    ],
  ]);
  return { data, text };
});

/** The signal that ends the process, once it comes. A second one ends it at once. */
function untilStopped(): Promise<"SIGINT" | "SIGTERM"> {
  return new Promise((resolve) => {
    const on = (signal: "SIGINT" | "SIGTERM"): void => {
      process.removeListener("SIGINT", on);
      process.removeListener("SIGTERM", on);
      resolve(signal);
    };
    process.on("SIGINT", on);
    process.on("SIGTERM", on);
  });
}

async function ended(node: GpuNode, signal: string) {
  const { requests } = await node.stats();
  await node.stop();
  return { stoppedBy: signal, requests };
}
