import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, open, rename, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

import { makeFolder } from "../folder.ts";
import { digestOf, nameOf } from "./digest.ts";
import { BlobError, BlobErrorCode } from "./errors.ts";
import type { BlobStore, Digest, GetOptions } from "./store.ts";

/** Blobs as files `sha256/<hex>` in a folder. Writes are atomic: a name never shows half a blob, power cuts included. */
export class DirectoryBlobStore implements BlobStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, "sha256");
  }

  async put(bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes);
    await makeFolder(this.#folder);
    const draft = join(this.#folder, `.${nameOf(digest)}.${randomUUID()}`);
    try {
      const file = await open(draft, "wx");
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.#path(digest));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    return digest;
  }

  async get(digest: Digest, { maxBytes, size }: GetOptions): Promise<Uint8Array> {
    const path = this.#path(digest);
    let file: FileHandle;
    try {
      file = await open(path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new BlobError(BlobErrorCode.NotFound, `Blob ${digest} is not in ${this.#folder}; put it there.`);
    }
    try {
      const { size: length } = await file.stat();
      if (size !== undefined && length !== size) {
        const words = `Blob ${digest} has ${length} bytes where ${size} are expected; fetch it again.`;
        throw new BlobError(BlobErrorCode.SizeMismatch, words);
      }
      if (length > maxBytes) {
        throw new BlobError(
          BlobErrorCode.TooLarge,
          `Blob ${digest} has ${length} bytes; at most ${maxBytes} are read.`,
        );
      }
      const bytes = new Uint8Array(length);
      let offset = 0;
      while (offset < length) {
        const { bytesRead } = await file.read(bytes, offset, length - offset, offset);
        if (bytesRead === 0) break;
        offset += bytesRead;
      }
      const found = digestOf(bytes.subarray(0, offset));
      if (found === `0x${nameOf(digest)}`) return bytes;
      const words = `The file of blob ${digest} hashes to ${found}; it was changed, so delete it and fetch it again.`;
      throw new BlobError(BlobErrorCode.DigestMismatch, words);
    } finally {
      await file.close();
    }
  }

  async has(digest: Digest): Promise<boolean> {
    try {
      await access(this.#path(digest), constants.R_OK);
      return true;
    } catch {
      return false;
    }
  }

  #path(digest: Digest): string {
    return join(this.#folder, nameOf(digest));
  }
}
