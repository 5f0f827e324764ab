import { createHash } from "node:crypto";

import { BlobError, BlobErrorCode } from "./errors.ts";
import type { Digest } from "./store.ts";

/** SHA-256 of `bytes`, as 0x-prefixed hex. */
export function digestOf(bytes: Uint8Array): Digest {
  return `0x${createHash("sha256").update(bytes).digest("hex")}`;
}

/**
 * File name of a digest: its 64 hex digits, nothing that could leave a folder.
 * @throws {BlobError} when it is not 32 bytes of 0x-prefixed hex.
 */
export function nameOf(digest: Digest): string {
  if (/^0x[0-9a-f]{64}$/i.test(digest)) return digest.slice(2).toLowerCase();
  throw new BlobError(
    BlobErrorCode.DigestInvalid,
    `A digest of ${digest.length} characters: give 0x and 64 hex digits.`,
  );
}
