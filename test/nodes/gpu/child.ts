// Runs a node in a process of its own that kills itself, as a power cut would, at one point of the journal.
// Arguments: configuration as JSON, state the request goes to, "before" or "after" that is written.
import pino from "pino";

import { createGpuNode } from "../../../nodes/gpu/index.ts";
import type { GpuNodeConfigInput, Transition } from "../../../nodes/gpu/index.ts";

const [config, state, phase] = process.argv.slice(2);
const node = createGpuNode(JSON.parse(config!) as GpuNodeConfigInput, {
  logger: pino({ level: process.env["ASSAY_TEST_LOG"] ?? "silent" }, pino.destination(2)),
  onTransition(transition: Transition) {
    // SIGKILL cannot be caught: nothing is flushed, closed or rolled back.
    if (transition.to === state && transition.phase === phase) process.kill(process.pid, "SIGKILL");
  },
});
await node.start();
process.stdout.write("started\n");
