import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { OpeningError, OpeningErrorCode } from "../../../nodes/gpu/openings/errors.ts";
import { OpeningStore } from "../../../nodes/gpu/openings/store.ts";
import { encodeOpening, encodeTensor, MAX_OPENING_BYTES, openingOf, parseOpening } from "../../../sdk/src/index.ts";

const encoding = encodeTensor({ dtype: "u8", dims: [34], data: Array.from({ length: 34 }, (_, at) => BigInt(at)) });

describe("nodes/gpu/openings", () => {
  let folder: string;
  let store: OpeningStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "assay-openings-"));
    store = new OpeningStore(join(folder, "private"));
    await mkdir(join(folder, "private"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const place = (commitment: string) => join(folder, "private", `${commitment.slice(2)}.json`);
  const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
    await work.then(
      () => "nothing thrown",
      (error: unknown) => (error instanceof OpeningError ? error.code : error),
    );

  it("finds the opening that a requester left, by its commitment", async () => {
    const opening = openingOf(encoding);
    await writeFile(place(opening.commitment), encodeOpening(opening));
    expect(await store.get(opening.commitment)).to.deep.equal(opening);
  });

  it("keeps what it commits to, for its owner alone, and leaves nothing else", async () => {
    const opening = await store.commit(encoding);
    expect(parseOpening(await readFile(place(opening.commitment), "utf8"))).to.deep.equal(opening);
    expect((await stat(place(opening.commitment))).mode & 0o077, "others").to.equal(0);
    expect(await readdir(join(folder, "private"))).to.have.length(1);
    expect((await store.commit(encoding)).commitment, "a fresh salt").to.not.equal(opening.commitment);
    expect(await store.get(opening.commitment)).to.deep.equal(opening);
  });

  it("takes no file that opens another commitment, is damaged or too long", async () => {
    const [one, two] = [openingOf(encoding), openingOf(encoding)];
    for (const text of [encodeOpening(two), "", encodeOpening(one).slice(1), "{".repeat(MAX_OPENING_BYTES + 1)]) {
      await writeFile(place(one.commitment), text);
      expect(await codeOf(store.get(one.commitment)), text.slice(0, 40)).to.equal(OpeningErrorCode.Unusable);
    }
    await rm(place(one.commitment));
    await mkdir(place(one.commitment));
    expect(await codeOf(store.get(one.commitment)), "a folder").to.equal(OpeningErrorCode.Unusable);
  });

  it("says when there is no file, or no folder at all", async () => {
    const { commitment } = openingOf(encoding);
    expect(await codeOf(store.get(commitment))).to.equal(OpeningErrorCode.Missing);
    const none = new OpeningStore(undefined);
    expect(await codeOf(none.get(commitment))).to.equal(OpeningErrorCode.Missing);
    expect(await codeOf(none.commit(encoding))).to.equal(OpeningErrorCode.Missing);
  });
});
