import { Worker } from "node:worker_threads";

import { reasonOf } from "../reason.ts";
import { WitnessStoppedError } from "../witness.ts";

/** Longest that a witness program may take to say how many wires it makes, in milliseconds; a circuit's takes none. */
const LIMIT_MS = 5_000;

/**
 * Wires that a witness program makes, asked in a thread that is ended then: a program that loops stops nothing else.
 *
 * @throws {WitnessStoppedError} when it fails, or does not answer in time.
 */
export async function wiresInThread(program: WebAssemblyModule): Promise<number> {
  const thread = new Worker(new URL("./wires-worker.ts", import.meta.url), { workerData: program, env: {} });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<number>((done, failed) => {
      thread.on("online", () => {
        const late = `it did not answer in ${LIMIT_MS} ms`;
        timer = setTimeout(() => failed(new WitnessStoppedError(late)), LIMIT_MS);
      });
      thread.on("message", done);
      thread.on("error", (cause) => failed(new WitnessStoppedError(reasonOf(cause), { cause })));
      thread.on("exit", () => failed(new WitnessStoppedError("it ended its thread")));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
