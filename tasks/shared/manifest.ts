import { BlobError } from "@assay/nodes/operator";
import type { BlobStore } from "@assay/nodes/operator";
import { type Manifest, MAX_MANIFEST_BYTES, parseManifest } from "@assay/sdk";

/** The manifest with that digest, or in words why it cannot be had. */
export async function tryManifest(store: BlobStore, digest: string): Promise<Manifest | string> {
  try {
    return await readManifest(store, digest);
  } catch (error) {
    if (error instanceof BlobError) return error.message;
    throw error;
  }
}

/** The manifest with that digest. */
export async function readManifest(store: BlobStore, digest: string): Promise<Manifest> {
  return parseManifest(await store.get(digest, { maxBytes: MAX_MANIFEST_BYTES }));
}
