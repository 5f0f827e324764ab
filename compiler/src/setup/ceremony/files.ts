import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";

import { CeremonyFileError, CeremonyInputError } from "./errors.ts";

/** Digest of a whole file, in lower-case hex without 0x. The file is streamed. */
export async function hashFile(path: string, algorithm: "sha256" | "blake2b512"): Promise<string> {
  const hash = createHash(algorithm);
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CeremonyFileError(`${path}: cannot be read (${code}); check the path`, { cause });
  }
  return hash.digest("hex");
}

/**
 * Lets `make` write a new file under a temporary name beside `path`, and gives it its name when all went well. What an
 * error leaves is removed.
 *
 * @throws {CeremonyInputError} when there is something at `path` already: a ceremony's files are never written over.
 */
export async function writeNew<T>(path: string, make: (work: string) => Promise<T>): Promise<T> {
  const taken = async (): Promise<void> => {
    if ((await stat(path).catch(() => undefined)) === undefined) return;
    throw new CeremonyInputError(`${path} exists; a ceremony's files are never written over, give another name`);
  };
  await taken();
  const work = `${path}.tmp-${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    try {
      await mkdir(dirname(path), { recursive: true });
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw new CeremonyInputError(`${dirname(path)} cannot be made (${code}); give another place`, { cause });
    }
    const result = await make(work);
    await taken();
    await rename(work, path);
    return result;
  } finally {
    await rm(work, { force: true });
  }
}
