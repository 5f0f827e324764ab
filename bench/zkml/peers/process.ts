import { spawn } from "node:child_process";
import { join } from "node:path";

import { ROOT } from "../../../scripts/checks/files.ts";

// By itself a signal ends Node without the handlers of "exit".
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

/** Folder for what peers need and make; git ignores it. */
export const PEERS = join(ROOT, "build", "peers");

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why a process gave nothing. */
export class ProcessError extends Error {}

/** Runs a program to its end, or to `seconds`; its standard output. */
export async function runProcess(
  command: readonly [string, ...string[]],
  {
    seconds,
    cwd = ROOT,
    env = {},
  }: { readonly seconds: number; readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const [program, ...given] = command;
  return await new Promise((resolve, reject) => {
    // A group of its own, so that what the program started ends with it.
    const child = spawn(program, given, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const kill = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    };
    process.on("exit", kill);
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (err = (err + chunk.toString()).slice(-4_000)));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, 1_000 * seconds);
    child.on("error", (cause) => {
      clearTimeout(timer);
      reject(new ProcessError(`${program} could not be started: ${cause.message}`, { cause }));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      process.off("exit", kill);
      if (late) reject(new ProcessError(`not done after ${seconds} s`));
      else if (code === 0) resolve(out);
      else reject(new ProcessError(`ended with ${signal ?? code}: ${err.trim().split("\n").at(-1) ?? ""}`));
    });
  });
}

/** The same for a program whose last line is JSON. */
export async function runJson<T>(
  parse: (value: unknown) => T,
  command: readonly [string, ...string[]],
  options: Parameters<typeof runProcess>[1],
): Promise<T> {
  const text = await runProcess(command, options);
  return parse(JSON.parse(text.trim().split("\n").at(-1) ?? ""));
}
