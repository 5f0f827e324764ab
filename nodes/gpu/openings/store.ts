import { randomBytes } from "node:crypto";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { AssayError, encodeOpening, MAX_OPENING_BYTES, type Opening, openingOf, parseOpening } from "@assay/sdk";

import { makeFolder } from "../../shared/folder.ts";
import { OpeningError, OpeningErrorCode } from "./errors.ts";

/**
 * A private folder of openings, `<commitment without 0x>.json`: requesters of models with a committed input have theirs put
 * there, and the node puts there those of committed outputs that it makes. A file counts only if it opens the commitment it
 * is named by, so what lies there can be missing or useless, never wrong. How files get in and out is the operator's
 * business; whoever reads one knows the tensor.
 */
export class OpeningStore {
  readonly #folder: string | undefined;

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  /**
   * The opening of a commitment.
   * @param commitment 32 bytes, lower-case hex.
   * @throws {OpeningError} when there is none or it cannot be used.
   */
  async get(commitment: string): Promise<Opening> {
    const path = this.#path(commitment);
    const text = await readBounded(path).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
        throw new OpeningError(OpeningErrorCode.Missing, `There is no opening of ${commitment} at ${path}.`);
      }
      throw new OpeningError(OpeningErrorCode.Unusable, `The opening at ${path} cannot be read.`, { cause });
    });
    try {
      return parseOpening(text ?? "", commitment);
    } catch (cause) {
      if (!(cause instanceof AssayError)) throw cause;
      throw new OpeningError(OpeningErrorCode.Unusable, `The opening at ${path} cannot be used: ${cause.message}`, {
        cause,
      });
    }
  }

  /**
   * Commits to an encoding under a fresh salt and keeps the opening.
   * @throws {OpeningError} when the node has no folder for openings.
   */
  async commit(encoding: Uint8Array): Promise<Opening> {
    const opening = openingOf(encoding);
    const path = this.#path(opening.commitment);
    const partial = `${path}.${randomBytes(4).toString("hex")}.partial`;
    try {
      await makeFolder(join(path, ".."), 0o700);
      await writeFile(partial, encodeOpening(opening), { mode: 0o600, flag: "wx" });
      await rename(partial, path);
    } finally {
      await rm(partial, { force: true });
    }
    return opening;
  }

  #path(commitment: string): string {
    if (this.#folder === undefined) {
      const words =
        "The model commits to its input or output, and the node has no folder for openings; configure openings.";
      throw new OpeningError(OpeningErrorCode.Missing, words);
    }
    return join(this.#folder, `${commitment.slice(2)}.json`);
  }
}

/** The text of a file, undefined when it is longer than any opening. */
async function readBounded(path: string): Promise<string | undefined> {
  const file = await open(path, "r");
  try {
    const buffer = Buffer.alloc(MAX_OPENING_BYTES + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return bytesRead > MAX_OPENING_BYTES ? undefined : buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}
