import { spawn } from "node:child_process";

import { ROOT } from "../checks/files.ts";

/** How often a silent process is reported on, in milliseconds. */
const CLOCK_MS = 10_000;
const CLOCK_MS_TERMINAL = 1_000;

/** How a process ended. */
export interface Ended {
  /** Exit status; 128 and more when a signal ended it, 127 when it could not be started. */
  readonly code: number;
  readonly milliseconds: number;
  /** Everything it wrote, both streams, in the order it came. */
  readonly output: string;
}

/** What {@link runShown} may be told besides the command. */
export interface ShownOptions {
  /** Variables added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is written to; `process.stderr` when left out. */
  readonly write?: (text: string) => void;
}

/**
 * Runs a command in the root of the checkout, keeps what it writes, and meanwhile shows a clock with its last line.
 *
 * Never throws: a command that cannot be started ends with 127. It gets no standard input.
 */
export async function runShown(
  label: string,
  command: readonly [string, ...string[]],
  { env = {}, write = (text): void => void process.stderr.write(text) }: ShownOptions = {},
): Promise<Ended> {
  const [program, ...args] = command;
  const started = performance.now();
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  let last = "";
  const keep = (chunk: Buffer): void => {
    chunks.push(chunk);
    const lines = plain(chunk.toString("utf8")).split(/[\r\n]+/);
    last = lines.findLast((line) => line.trim() !== "")?.trim() ?? last;
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);

  const tty = process.stderr.isTTY;
  const clock = setInterval(
    () => {
      const seconds = Math.round((performance.now() - started) / 1000);
      const line = `  ${label} ${seconds} s  ${last}`.slice(0, 110);
      write(tty ? `\r\u001b[K${line}` : `${line}\n`);
    },
    tty ? CLOCK_MS_TERMINAL : CLOCK_MS,
  );
  const code = await new Promise<number>((resolve) => {
    child.on("error", (error) => {
      chunks.push(Buffer.from(`${error.message}\n`));
      resolve(127);
    });
    child.on("close", (status, signal) => resolve(status ?? (signal === null ? 128 : 129)));
  });
  clearInterval(clock);
  if (tty) write("\r\u001b[K");
  return { code, milliseconds: performance.now() - started, output: Buffer.concat(chunks).toString("utf8") };
}

/** `text` without the escape sequences that colour a terminal. */
export function plain(text: string): string {
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
}
