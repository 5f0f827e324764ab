import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { stripVTControlCharacters } from "node:util";

import { CircomFailedError, ZkmlAbortedError } from "./errors.ts";

const require = createRequire(import.meta.url);

/** Version of the npm package whose circom is used; part of the cache key. */
export const CIRCOM_PACKAGE = `circom2@${(require("circom2/package.json") as { version: string }).version}`;

/** Last characters of the compiler's output that a message repeats. */
const TAIL = 2_000;

/**
 * Runs circom on `file` in `folder` with --O1 and writes r1cs, wasm and sym files there. circom runs as WebAssembly in a
 * process of its own, so that it can be stopped, and sees only what is in `folder`.
 *
 * @throws {CircomFailedError} when circom refuses the program or cannot be started.
 * @throws {ZkmlAbortedError} when `signal` ends it.
 */
export async function runCircom(folder: string, file: string, signal?: AbortSignal): Promise<void> {
  // --O1: what --O2 saves in linear constraints it pays back in dense rows, and it can run for many minutes.
  const args = [require.resolve("circom2/cli.js"), file, "--r1cs", "--wasm", "--sym", "--O1"];
  const output = await new Promise<{ readonly code: number | null; readonly text: string }>((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    const take = (chunk: Buffer): void => {
      text = (text + chunk.toString()).slice(-TAIL);
    };
    const stop = (): void => void child.kill();
    signal?.addEventListener("abort", stop, { once: true });
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (cause) => {
      reject(new CircomFailedError(`circom could not be started: ${cause.message}; run npm ci`, { cause }));
    });
    child.on("close", (code) => {
      signal?.removeEventListener("abort", stop);
      resolve({ code, text });
    });
    if (signal?.aborted === true) stop();
  });
  if (signal?.aborted === true) throw new ZkmlAbortedError("compiling was stopped by the caller");
  // circom's WebAssembly build can end with 0 after an error, so its own last line is looked for as well.
  if (output.code !== 0 || !output.text.includes("Everything went okay")) {
    const text = stripVTControlCharacters(output.text).trim();
    throw new CircomFailedError(`circom refused ${file} (exit ${output.code}):\n${text}`);
  }
}
