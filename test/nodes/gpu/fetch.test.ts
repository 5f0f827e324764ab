import { cp, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { FetchService } from "../../../nodes/gpu/fetch/service.ts";
import type { Hub } from "../../../nodes/gpu/hub/hub.ts";
import { DirectoryBlobStore } from "../../../nodes/shared/index.ts";
import { encodeManifest, type Manifest, type VersionStatus } from "../../../sdk/src/index.ts";
import { type PreparedModel, prepareDigits } from "../support/digits-model.ts";
import { addressOf, KEYS } from "../support/keys.ts";
import { makeNode, nodeConfig, until } from "../support/nodes.ts";
import { createWorld, PAYMENT, type World } from "../support/world.ts";

const VERSION = `0x${"01".repeat(32)}`;

/** A registry that knows one version. */
function registry(manifestDigest: string, status: VersionStatus = "active"): Hub {
  const record = { version: VERSION, status, manifestDigest, verifier: "" };
  return { version: () => Promise.resolve(record) } as unknown as Hub;
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return await work.then(
    () => undefined,
    (error: unknown) => (error as { code: string }).code,
  );
}

describe("FetchService", function () {
  this.timeout(60_000);
  let model: PreparedModel;
  let blobs: DirectoryBlobStore;
  before(async () => {
    model = await prepareDigits();
    blobs = new DirectoryBlobStore(model.folder);
  });

  const load = async (
    digest: string,
    { status = "active" as VersionStatus, maxFileBytes = 1 << 24 } = {},
  ): Promise<unknown> =>
    await new FetchService(registry(digest, status), blobs, { maxFileBytes, zkml: false }).load(VERSION, "latest");
  const changed = async (change: Partial<Manifest>): Promise<string> =>
    await blobs.put(encodeManifest({ ...model.manifest, ...change }));

  it("gives files that agree with one another", async () => {
    expect(await load(model.manifestDigest)).to.include({ version: VERSION, zk: undefined });
  });

  it("refuses versions that are not to be answered", async () => {
    expect(await codeOf(load(model.manifestDigest, { status: "revoked" }))).to.equal("ASY-FETCH-001");
    expect(await codeOf(load(model.manifestDigest, { status: "none" }))).to.equal("ASY-FETCH-001");
    expect(await codeOf(load(model.manifestDigest, { status: "deprecated" }))).to.equal(undefined);
  });

  it("refuses manifests whose files are missing, too large or of another model", async () => {
    const { files, input } = model.manifest;
    const graph = files.find(({ role }) => role === "graph")!;
    const rest = files.filter(({ role }) => role !== "graph");
    const twice = [...files, { ...graph, path: "again.json" }];
    expect(await codeOf(load(await changed({ files: rest })))).to.equal("ASY-FETCH-002");
    expect(await codeOf(load(await changed({ files: twice })))).to.equal("ASY-FETCH-002");
    expect(await codeOf(load(await changed({ graphDigest: VERSION })))).to.equal("ASY-FETCH-003");
    const range = { min: "0", max: "15" };
    expect(await codeOf(load(await changed({ input: { ...input, range } })))).to.equal("ASY-FETCH-003");
    const other = [...rest, { ...graph, bytes: graph.bytes + 1 }];
    expect(await codeOf(load(await changed({ files: other })))).to.equal("ASY-BLOB-004");
    expect(await codeOf(load(model.manifestDigest, { maxFileBytes: 100 }))).to.equal("ASY-BLOB-003");
    expect(await codeOf(load(VERSION))).to.equal("ASY-BLOB-001");
  });

  it("refuses a manifest that is not in canonical form, though its digest is registered", async () => {
    const loose = new TextEncoder().encode(` ${new TextDecoder().decode(encodeManifest(model.manifest))}`);
    expect(await codeOf(load(await blobs.put(loose)))).to.equal("ASY-MANIFEST-004");
  });
});

describe("a GPU node with bad blobs", function () {
  this.timeout(120_000);
  let world: World;
  before(async () => {
    world = await createWorld();
    await world.registerNode(KEYS.node1);
  });
  after(async () => await world?.close());

  const copyBlobs = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), "assay-blobs-"));
    await cp(world.model.folder, folder, { recursive: true });
    return folder;
  };
  const fileOf = (folder: string, digest: string): string => join(folder, "sha256", digest.slice(2));

  for (const what of ["manifest", "graph", "runtime"]) {
    it(`answers nothing with a changed ${what}`, async () => {
      const folder = await copyBlobs();
      const digest = what === "manifest" ? world.model.manifestDigest : world.model.digests[what]!;
      const bytes = await new DirectoryBlobStore(folder).get(digest, { maxBytes: 1 << 24 });
      bytes[bytes.length - 2]! ^= 1;
      await writeFile(fileOf(folder, digest), bytes);
      const startBlock = (await world.chain.provider.getBlockNumber()) + 1;
      const { id } = await world.request();
      const node = makeNode(nodeConfig(world, { blobs: [folder], startBlock, reorgDepth: 0 }));
      const nonce = await world.chain.provider.getTransactionCount(addressOf(KEYS.node1));
      await node.start();
      try {
        await until("the failure", async () => (await node.stats()).requests.failed === 1);
        expect(await world.client.status(id)).to.equal("pending");
        expect(await world.chain.provider.getTransactionCount(addressOf(KEYS.node1))).to.equal(nonce);
        expect(await node.metrics()).to.contain('assay_node_stage_errors_total{stage="infer"} 1');
      } finally {
        await node.stop();
        await rm(folder, { recursive: true });
      }
    });
  }

  it("waits for a blob that comes later", async () => {
    const folder = await copyBlobs();
    const path = fileOf(folder, world.model.digests["graph"]!);
    await rename(path, `${path}.away`);
    const startBlock = (await world.chain.provider.getBlockNumber()) + 1;
    const before = await world.credit(addressOf(KEYS.node1));
    await world.request();
    const node = makeNode(nodeConfig(world, { blobs: [folder], startBlock, reorgDepth: 0 }));
    await node.start();
    try {
      await until("a miss", async () => (await node.metrics()).includes('stage_errors_total{stage="infer"}'));
      await rename(`${path}.away`, path);
      await until("the answer", async () => (await world.credit(addressOf(KEYS.node1))) === before + PAYMENT);
    } finally {
      await node.stop();
      await rm(folder, { recursive: true });
    }
  });
});
