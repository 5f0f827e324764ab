import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { ROOT } from "../../tasks/support/assay.ts";

const HARDHAT = join(ROOT, "node_modules", ".bin", "hardhat");

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that still runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Everything that it wrote so far. */
  written(): string;
  /** Resolves once what it wrote has `text`; rejects when it ends before. */
  wrote(text: string): Promise<void>;
}

/** Starts `hardhat <args>` as a user does, with `localhost` at `url`. */
export function startHardhat(url: string, args: readonly string[]): Running {
  const child = spawn(process.execPath, [HARDHAT, ...args], {
    cwd: ROOT,
    env: { ...process.env, ASSAY_LOCALHOST_URL: url, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true", FORCE_COLOR: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, out, err }));
  return {
    child,
    ended,
    written: () => `${out}\n${err}`,
    wrote: async (text) => {
      while (!out.includes(text) && !err.includes(text)) {
        const over = await Promise.race([
          ended.then(() => true),
          new Promise<false>((resolve) => setTimeout(() => resolve(false), 50)),
        ]);
        if (over && !out.includes(text) && !err.includes(text)) {
          throw new Error(`hardhat ${args.join(" ")} ended before it wrote "${text}":\n${out}\n${err}`);
        }
      }
    },
  };
}

/** Runs `hardhat <args>` to its end. */
export async function hardhat(url: string, args: readonly string[]): Promise<Ended> {
  return await startHardhat(url, args).ended;
}
