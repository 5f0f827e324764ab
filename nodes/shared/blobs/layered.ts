import { BlobError, BlobErrorCode } from "./errors.ts";
import type { BlobStore, Digest, GetOptions } from "./store.ts";

/** Several stores as one: reads from the first that has good bytes, writes to the first. */
export class LayeredBlobStore implements BlobStore {
  readonly #layers: readonly [BlobStore, ...BlobStore[]];

  constructor(layers: readonly [BlobStore, ...BlobStore[]]) {
    this.#layers = layers;
  }

  async put(bytes: Uint8Array): Promise<Digest> {
    return await this.#layers[0].put(bytes);
  }

  async get(digest: Digest, options: GetOptions): Promise<Uint8Array> {
    let worst: BlobError | undefined;
    for (const layer of this.#layers) {
      try {
        return await layer.get(digest, options);
      } catch (error) {
        if (!(error instanceof BlobError)) throw error;
        // A changed blob is worth more words than a missing one.
        if (worst === undefined || worst.code === BlobErrorCode.NotFound) worst = error;
      }
    }
    throw worst!;
  }

  async has(digest: Digest): Promise<boolean> {
    for (const layer of this.#layers) if (await layer.has(digest)) return true;
    return false;
  }
}
