import { open, rename, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import type { Progress } from "../../emit/circom/compile.ts";
import { PtauDownloadError, PtauHashError } from "./errors.ts";
import { hashFile } from "./files.ts";

/** What {@link downloadFile} fetches. */
export interface DownloadOptions {
  readonly url: string;
  /** Where the file goes; what came so far is in `PATH.partial`. */
  readonly path: string;
  /** BLAKE2b-512 of the whole file in lower-case hex. */
  readonly blake2b512: string;
  /** Most bytes that are taken. */
  readonly maxBytes: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
  /** How often to try again when nothing more came, 1 s later and then twice as long each time. Default 4. */
  readonly retries?: number;
  /** Milliseconds without a byte after which a connection is given up. Default 60,000. */
  readonly idleMs?: number;
  /** Milliseconds before the first retry. Default 1,000. */
  readonly delayMs?: number;
}

/** A server's answer that trying again does not change. */
class RefusedError extends Error {}

/**
 * Downloads a file, going on where an earlier call stopped, and gives it its name once its hash is right. A file whose
 * hash is wrong is removed.
 *
 * @throws {PtauDownloadError} when the server refuses, sends too much, or the connection keeps breaking.
 * @throws {PtauHashError} when the hash is wrong.
 */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  const { url, path, signal, retries = 4, delayMs = 1_000 } = options;
  const partial = `${path}.partial`;
  for (let failures = 0; ;) {
    const before = await sizeOf(partial);
    try {
      await fetchRest(options, partial, before);
      break;
    } catch (cause) {
      signal?.throwIfAborted();
      // Only tries that brought nothing count, so a long file may break off as often as it likes.
      failures = (await sizeOf(partial)) > before ? 1 : failures + 1;
      if (cause instanceof RefusedError || failures > retries) {
        throw new PtauDownloadError(
          `${url}: ${reasonOf(cause)}; ${await sizeOf(partial)} bytes are kept in ${partial}`,
          {
            cause,
          },
        );
      }
      await sleep(delayMs * 2 ** (failures - 1), undefined, signal === undefined ? {} : { signal });
    }
  }
  const found = await hashFile(partial, "blake2b512");
  if (found !== options.blake2b512) {
    await rm(partial);
    throw new PtauHashError(
      `${url}: what came has BLAKE2b-512 ${found}, not ${options.blake2b512}; it was removed, try another mirror`,
    );
  }
  await rename(partial, path);
}

async function fetchRest(options: DownloadOptions, partial: string, offset: number): Promise<void> {
  const { url, maxBytes, onProgress, signal, idleMs = 60_000 } = options;
  const idle = new AbortController();
  const stop = (): void => idle.abort(new Error(`nothing came for ${idleMs} ms`));
  let clock = setTimeout(stop, idleMs);
  try {
    const response = await fetch(url, {
      // Ranges are of the bytes that are sent, so they must not be compressed.
      headers: { "accept-encoding": "identity", ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) },
      signal: signal === undefined ? idle.signal : AbortSignal.any([idle.signal, signal]),
    });
    const { start, total, complete } = placeOf(response, offset);
    if (complete) {
      await response.body?.cancel();
      return;
    }
    if (total !== undefined && total > maxBytes) {
      await response.body?.cancel();
      throw new RefusedError(`the file has ${total} bytes, and at most ${maxBytes} are expected`);
    }
    const file = await open(partial, start === 0 ? "w" : "a");
    let at = start;
    try {
      for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        clearTimeout(clock);
        clock = setTimeout(stop, idleMs);
        at += chunk.length;
        if (at > maxBytes) throw new RefusedError(`more than ${maxBytes} bytes came`);
        await file.writeFile(chunk);
        onProgress?.({ step: "downloading powers of tau", done: at, total: total ?? maxBytes });
      }
      await file.sync();
    } finally {
      await file.close();
      if (at > maxBytes) await rm(partial, { force: true });
    }
    if (total !== undefined && at !== total) throw new Error(`the connection ended at byte ${at} of ${total}`);
  } finally {
    clearTimeout(clock);
  }
}

/** Where in the file a response's body begins, and how long the file is. */
function placeOf(
  { status, headers }: Response,
  offset: number,
): { readonly start: number; readonly total: number | undefined; readonly complete: boolean } {
  const range = /^bytes (?:(\d{1,15})-\d{1,15}|\*)\/(\d{1,15})$/.exec(headers.get("content-range") ?? "");
  const total = range?.[2] === undefined ? undefined : Number(range[2]);
  if (status === 206) {
    if (Number(range?.[1] ?? Number.NaN) !== offset) throw new RefusedError("it answers with another range than asked");
    return { start: offset, total, complete: false };
  }
  if (status === 416 && offset > 0) {
    // Nothing is left to send: all of it is here, or what is here is of another file, which its hash will show.
    return { start: offset, total, complete: true };
  }
  if (status === 200) {
    const length = headers.get("content-length");
    return { start: 0, total: length === null ? undefined : Number(length), complete: false };
  }
  if (status >= 500 || status === 408 || status === 429) throw new Error(`the server answers ${status}`);
  throw new RefusedError(`the server answers ${status}`);
}

/** What fetch keeps in the error behind its "fetch failed". */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { readonly cause?: { readonly code?: string } };
  return cause?.code === undefined ? message : `${message} (${cause.code})`;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
