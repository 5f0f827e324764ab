import { spawn } from "node:child_process";
import { access, constants, readdir, readFile, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";

import { ZkmlAbortedError } from "../../emit/circom/errors.ts";
import { ExternalProgramError, ProvingTimeoutError } from "../errors.ts";

/** A program from outside, its arguments and what it may use. */
export interface ProgramRun {
  readonly file: string;
  readonly args: readonly string[];
  /** An empty folder of its own, in which it runs. */
  readonly folder: string;
  /** Most bytes that it may leave in `folder`, beside what was there. */
  readonly maxFileBytes: number;
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /** Last characters of what it printed. */
  readonly tail: string;
}

/** Most characters that a program may print before it is ended. */
const MAX_PRINTED = 1 << 20;
const TAIL = 400;
/** Time between two looks at what a program has written. */
const LOOK_MS = 100;
/** All that a prover needs of the environment. Keys and passwords of the operator stay out of it. */
const ENVIRONMENT = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot", "OMP_NUM_THREADS"];

/**
 * Runs a program without a shell, in a group of its own that is ended whole: at the time limit, when the signal says so,
 * and when it prints or writes more than it may. Nothing of it runs when this returns, unless it left its group.
 *
 * Not checked: what it is. It runs with this user's rights; name only programs that you trust with them.
 *
 * @throws {ExternalProgramError} when it cannot be started, or printed or wrote too much.
 * @throws {ProvingTimeoutError} at the time limit.
 * @throws {ZkmlAbortedError} when `signal` ended it.
 */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  const { file, args, folder, maxFileBytes, timeLimitMs, signal } = run;
  if (signal?.aborted === true) throw new ZkmlAbortedError("proving was ended", { cause: signal.reason });
  const before = await folderBytes(folder);
  const grouped = process.platform !== "win32";
  const env = Object.fromEntries(
    ENVIRONMENT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  const child = spawn(file, args, { cwd: folder, env, detached: grouped, stdio: ["ignore", "pipe", "pipe"] });
  let stopped: Error | undefined;
  const stop = (reason: Error): void => {
    stopped ??= reason;
    try {
      if (grouped && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      else child.kill("SIGKILL");
    } catch {
      // It had ended.
    }
  };
  let printed = 0;
  let tail = "";
  const keep = (chunk: Buffer): void => {
    printed += chunk.length;
    tail = (tail + chunk.subarray(-TAIL).toString("latin1")).slice(-TAIL);
    if (printed > MAX_PRINTED)
      stop(
        new ExternalProgramError(`${file}: printed over ${MAX_PRINTED} bytes, and was ended; is it the right program?`),
      );
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const onAbort = (): void => stop(new ZkmlAbortedError("proving was ended", { cause: signal?.reason }));
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => {
    stop(
      new ProvingTimeoutError(
        `${file}: ran for over ${timeLimitMs} ms, and was ended; allow more time, or look why it hangs`,
      ),
    );
  }, timeLimitMs);
  const look = setInterval(() => {
    void folderBytes(folder).then(
      (now) => {
        if (now - before > maxFileBytes) stop(wroteTooMuch(file, maxFileBytes));
      },
      () => undefined,
    );
  }, LOOK_MS);
  try {
    const end = await new Promise<ProgramEnd>((done, failed) => {
      child.on("error", (cause) => {
        failed(
          new ExternalProgramError(
            `${file}: cannot be started (${(cause as NodeJS.ErrnoException).code}); check the path and its rights`,
            { cause },
          ),
        );
      });
      child.on("close", (code, killedBy) => done({ code, killedBy, tail: tail.trim() }));
      // Something that it started may hold its output open; its end is what counts.
      child.on("exit", (code, killedBy) =>
        setTimeout(() => done({ code, killedBy, tail: tail.trim() }), LOOK_MS).unref(),
      );
    });
    if (stopped !== undefined) throw stopped;
    const after = await folderBytes(folder).catch((cause: unknown) => {
      throw new ExternalProgramError(`${file}: left a folder that cannot be read; is it the right program?`, { cause });
    });
    if (after - before > maxFileBytes) throw wroteTooMuch(file, maxFileBytes);
    return end;
  } finally {
    clearTimeout(timer);
    clearInterval(look);
    signal?.removeEventListener("abort", onAbort);
    if (child.pid !== undefined) stop(new Error("ended"));
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function wroteTooMuch(file: string, most: number): ExternalProgramError {
  return new ExternalProgramError(`${file}: wrote over ${most} bytes, and was ended; is it the right program?`);
}

async function folderBytes(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    sum += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return sum;
}

/** What a program left in `path`: a file and not more than `most` bytes, or a typed error. */
export async function readOutput(program: string, path: string, most: number): Promise<Uint8Array> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isFile())
    throw new ExternalProgramError(`${program}: ended well and wrote no result; is it the right program?`);
  if (info.size > most) throw wroteTooMuch(program, most);
  return new Uint8Array(await readFile(path));
}

/**
 * The absolute path of a program that may be run: `name` itself where it is a path, else found on PATH.
 *
 * @throws {ExternalProgramError} when there is none.
 */
export async function findProgram(name: string): Promise<string> {
  const places =
    isAbsolute(name) || name.includes("/") || name.includes("\\")
      ? [resolve(name)]
      : (process.env["PATH"] ?? "")
          .split(delimiter)
          .flatMap((folder) => (folder === "" ? [] : [resolve(folder, name)]));
  for (const place of places) {
    const info = await stat(place).catch(() => undefined);
    if (info?.isFile() !== true) continue;
    if (
      await access(place, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return place;
  }
  throw new ExternalProgramError(`${name}: there is no such program that may be run; give its path`);
}
