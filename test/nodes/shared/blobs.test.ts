import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { BlobErrorCode, digestOf, DirectoryBlobStore, LayeredBlobStore } from "../../../nodes/shared/index.ts";

const bytes = new TextEncoder().encode("a blob");
const digest = digestOf(bytes);

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return await work.then(
    () => undefined,
    (error: unknown) => (error as { code: string }).code,
  );
}

describe("DirectoryBlobStore", () => {
  let folder: string;
  let store: DirectoryBlobStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-blobs-"));
    store = new DirectoryBlobStore(folder);
  });

  it("keeps bytes under their SHA-256 and leaves nothing else behind", async () => {
    expect(await store.has(digest)).to.equal(false);
    expect(await store.put(bytes)).to.equal(digest);
    expect(await store.put(bytes)).to.equal(digest);
    expect(await store.has(digest)).to.equal(true);
    expect(await store.get(digest, { maxBytes: 6, size: 6 })).to.deep.equal(bytes);
    expect(await readdir(join(folder, "sha256"))).to.deep.equal([digest.slice(2)]);
  });

  it("refuses bytes that are not those of the digest", async () => {
    await store.put(bytes);
    await writeFile(join(folder, "sha256", digest.slice(2)), "a blot");
    expect(await codeOf(store.get(digest, { maxBytes: 100 }))).to.equal(BlobErrorCode.DigestMismatch);
  });

  it("refuses a size past the limit or other than expected, before reading", async () => {
    await store.put(bytes);
    expect(await codeOf(store.get(digest, { maxBytes: 5 }))).to.equal(BlobErrorCode.TooLarge);
    expect(await codeOf(store.get(digest, { maxBytes: 100, size: 7 }))).to.equal(BlobErrorCode.SizeMismatch);
  });

  it("says what is missing, and lets no name leave the folder", async () => {
    expect(await codeOf(store.get(digest, { maxBytes: 100 }))).to.equal(BlobErrorCode.NotFound);
    expect(await codeOf(store.get("0x../../etc/passwd", { maxBytes: 100 }))).to.equal(BlobErrorCode.DigestInvalid);
  });
});

describe("LayeredBlobStore", () => {
  it("reads past a changed blob, and names the change when there is no other", async () => {
    const [first, second] = await Promise.all([1, 2].map(async () => await mkdtemp(join(tmpdir(), "assay-blobs-"))));
    const stores = [new DirectoryBlobStore(first!), new DirectoryBlobStore(second!)] as const;
    const layered = new LayeredBlobStore(stores);
    await stores[0].put(bytes);
    await writeFile(join(first!, "sha256", digest.slice(2)), "a blot");
    expect(await codeOf(layered.get(digest, { maxBytes: 100 }))).to.equal(BlobErrorCode.DigestMismatch);
    await stores[1].put(bytes);
    expect(await layered.get(digest, { maxBytes: 100 })).to.deep.equal(bytes);
    expect(await layered.has(digest)).to.equal(true);
  });
});
