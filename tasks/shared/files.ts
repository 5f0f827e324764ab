import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { makeFolder } from "@assay/nodes/operator";

import { TaskError, TaskErrorCode } from "./error.ts";
import { whereNotJson } from "./not-json.ts";

/** Most bytes of the files that a task reads. */
export const FILE_LIMITS = {
  /** An ONNX model: the reader's own limit is lower. */
  model: 256 * 1024 * 1024,
  /** Keys of a circuit, its constraints and its program. */
  circuit: 1024 * 1024 * 1024,
  /** Inputs, proofs, deployment records, configurations. */
  json: 8 * 1024 * 1024,
  /** Calibration data. */
  calibration: 256 * 1024 * 1024,
} as const;

/** The file's bytes. The size is checked before anything is read. */
export async function readBounded(path: string, limit: number, what: string): Promise<Uint8Array> {
  let size: number;
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new TaskError(TaskErrorCode.File, `${path} is not a file; give ${what}.`);
    size = found.size;
  } catch (cause) {
    if (cause instanceof TaskError) throw cause;
    throw new TaskError(TaskErrorCode.File, `${path} cannot be read (${codeOf(cause)}); give ${what}.`, { cause });
  }
  if (size > limit) {
    throw new TaskError(TaskErrorCode.File, `${path} has ${size} bytes, the limit is ${limit}; give ${what}.`);
  }
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new TaskError(TaskErrorCode.File, `${path} cannot be read (${codeOf(cause)}); give ${what}.`, { cause });
  }
}

/** The JSON in a file; `parse` checks its form and throws an error of zod otherwise. */
export async function readJson<T>(
  path: string,
  what: string,
  parse: (value: unknown) => T,
  limit: number = FILE_LIMITS.json,
): Promise<T> {
  const bytes = await readBounded(path, limit, what);
  let text: string | undefined;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    const where = text === undefined ? ": it is not text in UTF-8" : whereNotJson(text, cause);
    // Not the parser's own words: they quote the file, which may hold a key.
    throw new TaskError(TaskErrorCode.FileContent, `${path} is not JSON${where}; give ${what}.`);
  }
  try {
    return parse(value);
  } catch (cause) {
    if (cause instanceof TaskError) throw cause;
    throw new TaskError(TaskErrorCode.FileContent, `${path} is not ${what}: ${reasonOf(cause)}.`, { cause });
  }
}

/** Throws where a folder stands in the place of a file that is to be written, before the work that makes it. */
export async function requireNoFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return;
  throw new TaskError(
    TaskErrorCode.File,
    `${path} is a folder; give the path of the file to write, in it or elsewhere.`,
  );
}

/** Writes a file whole or not at all, with its folder. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await requireNoFolder(path);
  const partial = `${path}.partial`;
  try {
    await makeFolder(dirname(path));
    await writeFile(partial, content);
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    const message = `${path} cannot be written (${codeOf(cause)}); choose a folder that can.`;
    throw new TaskError(TaskErrorCode.File, message, { cause });
  }
}

/** Writes a new file that only its owner can read. Never overwrites: a key that is lost cannot be had back. */
export async function writeSecret(path: string, content: string): Promise<void> {
  try {
    await makeFolder(dirname(path), 0o700);
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    const message = `${path} cannot be created (${codeOf(cause)}); choose another place.`;
    throw new TaskError(TaskErrorCode.File, message, { cause });
  }
}

/** Whether there is a file at `path`. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? "unknown reason";
}

function reasonOf(cause: unknown): string {
  const issue = (cause as { issues?: ReadonlyArray<{ path: PropertyKey[]; message: string }> }).issues?.[0];
  if (issue === undefined) return cause instanceof Error ? cause.message.slice(0, 300) : "the form is wrong";
  const where = issue.path.map(String).join(".").slice(0, 100);
  return `${where === "" ? "" : `${where}: `}${issue.message.slice(0, 200)}`;
}
