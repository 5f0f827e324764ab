import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";

import type { Progress } from "../../emit/circom/compile.ts";
import { downloadFile } from "./download.ts";
import { CircuitTooLargeError, PtauDownloadError } from "./errors.ts";
import { MAX_PTAU_POWER, MIN_PTAU_POWER, PINNED_PTAU, PTAU_BASE_URL, ptauName } from "./pinned.ts";
import { openPtau, type Ptau, ptauMaxBytes } from "./ptau.ts";

/** Where powers of tau come from. */
export interface PtauSource {
  /** A file at hand, whatever its name. Left out: the perpetual powers of tau, from `cacheDir` or downloaded into it. */
  readonly path?: string;
  /** Take a `path` that is not in the table of the perpetual powers of tau; recorded in the setup. Default false. */
  readonly unpinned?: boolean;
  /** Folder of downloaded files. Default `build/ptau` under the working directory. */
  readonly cacheDir?: string;
  /** Where files are downloaded from. Default {@link PTAU_BASE_URL}. */
  readonly baseUrl?: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Finds powers of tau for a domain of 2^`needed`: the file that was given, else the smallest in the cache that will do,
 * else the smallest that there is, downloaded. The hash of the whole file is checked in every case.
 *
 * @throws {CircuitTooLargeError} when no file is large enough.
 * @throws {PtauHashError} when a file has another hash than the pinned one.
 * @throws {PtauDownloadError} with what to put where, when it cannot be downloaded.
 */
export async function findPtau(needed: number, source: PtauSource = {}): Promise<Ptau> {
  const { path, unpinned = false, cacheDir = join("build", "ptau") } = source;
  if (path !== undefined) return await openPtau(path, needed, unpinned);
  if (needed > MAX_PTAU_POWER) {
    throw new CircuitTooLargeError(
      `the circuit needs 2^${needed} powers of tau, and the ceremony made 2^${MAX_PTAU_POWER}; compile a smaller model`,
    );
  }
  const least = Math.max(needed, MIN_PTAU_POWER);
  for (let power = least; power <= MAX_PTAU_POWER; power++) {
    const cached = join(cacheDir, ptauName(power));
    if ((await stat(cached).catch(() => undefined)) !== undefined) return await openPtau(cached, needed, false);
  }
  const cached = join(cacheDir, ptauName(least));
  await download(least, cached, cacheDir, source);
  return await openPtau(cached, needed, false);
}

async function download(power: number, path: string, cacheDir: string, source: PtauSource): Promise<void> {
  const { baseUrl = PTAU_BASE_URL, onProgress, signal } = source;
  const url = `${baseUrl.replace(/\/+$/, "")}/${ptauName(power)}`;
  const blake2b512 = PINNED_PTAU.get(power) as string;
  await mkdir(cacheDir, { recursive: true });
  try {
    await downloadFile({
      url,
      path,
      blake2b512,
      maxBytes: ptauMaxBytes(power),
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (!(cause instanceof PtauDownloadError)) throw cause;
    throw new PtauDownloadError(
      `${cause.message}. Run it again to go on there. Without a connection: get ${ptauName(power)} (BLAKE2b-512 ` +
        `${blake2b512}) from anywhere, and put it into ${cacheDir}, or name it with --ptau`,
      { cause },
    );
  }
}
