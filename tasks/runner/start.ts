import { rm } from "node:fs/promises";

import { createGpuNode, type GpuNode } from "@assay/nodes/gpu";

import { action, type Tools } from "../shared/action.ts";
import { writeWhole } from "../shared/files.ts";
import { required } from "../shared/options.ts";
import { fields, type View } from "../shared/report.ts";
import { openSession } from "../shared/session.ts";
import { readNodeConfig } from "./settings.ts";

interface Arguments {
  readonly json: boolean;
  readonly nodeConfig: string | undefined;
  readonly journal: string | undefined;
  readonly pidFile: string | undefined;
  readonly blobs: string | undefined;
  readonly hub: string | undefined;
  readonly deployment: string | undefined;
}

/** Runs a GPU node until it is told to stop. Its log goes to the standard output, one JSON object a line. */
export default action<Arguments>(async (args, { hre, note }) => {
  const path = required(args, "nodeConfig", "the node's configuration file");
  const session = await openSession(hre, args);
  const config = await readNodeConfig(hre, session, path, args.blobs);
  const node = createGpuNode(args.journal === undefined ? config : { ...config, journal: args.journal });
  const stop = untilStopped();
  await node.start();
  const release = await keepPid(args.pidFile);
  try {
    return await runUntil(stop, node, session.addresses.hub, note);
  } finally {
    await release();
  }
});

async function runUntil(
  stop: ReturnType<typeof untilStopped>,
  node: GpuNode,
  hub: string,
  note: Tools["note"],
): Promise<View> {
  const { wallet, port } = await node.stats();
  note(`GPU node of hub ${hub} runs as ${wallet}${port === undefined ? "" : `, port ${port}`}`);
  const signal = await Promise.race([stop, node.broken]);
  if (signal instanceof Error) {
    await node.stop();
    throw signal;
  }
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
}

/** Keeps this process's id in a file, in place of an older one, and gives what removes it. */
async function keepPid(path: string | undefined): Promise<() => Promise<void>> {
  if (path === undefined) return () => Promise.resolve();
  await writeWhole(path, `${process.pid}\n`);
  return async () => await rm(path, { force: true });
}

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
