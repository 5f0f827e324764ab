import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import {
  compileCircuit,
  createGroth16Prover,
  graphDigest,
  type IntegerGraph,
  interpret,
  serialiseGraph,
  setupDevelopment,
  verifyOffChain,
  weightsCommitment,
  emitRuntime,
} from "../../compiler/src/index.ts";
import { readModelFolder, writeCompiled, writeSetup } from "../../nodes/operator/index.ts";
import { storeModel } from "../../nodes/operator/manifest.ts";
import { DirectoryBlobStore } from "../../nodes/shared/index.ts";
import { buildVerifier } from "../../tasks/shared/compile-verifier.ts";
import { encodeTensor, randomMlp, tensor } from "../support/random-graphs.ts";

const root = fileURLToPath(new URL("../../build/test/", import.meta.url));

/** A multilayer perceptron whose weights are private. */
const graph: IntegerGraph = {
  ...randomMlp({
    seed: 77,
    input: tensor("pixels", "u8", [1, 8], 0n, 15n),
    hidden: [{ width: 6, shift: 6, clamp: { min: 0n, max: 63n } }],
    outputs: 3,
    output: "logits",
    weight: 90,
  }),
  weightsSalt: `0x${"5a".repeat(31)}`,
};

describe("compiler: a folder of a model with private weights", () => {
  let folder: string;
  let blobs: string;

  before(async function () {
    this.timeout(600_000);
    [folder, blobs] = [await mkdtemp(join(tmpdir(), "private-")), await mkdtemp(join(tmpdir(), "blobs-"))];
    const circuit = await compileCircuit(graph, { outDir: join(root, "zkml") });
    const runtimeOnnx = emitRuntime(graph);
    const model = new TextEncoder().encode("the model itself");
    await writeCompiled(folder, { model, graph, graphJson: serialiseGraph(graph), runtimeOnnx, report: "{}", circuit });
  });

  after(async () => {
    for (const each of [folder, blobs]) await rm(each, { recursive: true, force: true });
  });

  it("is set up, proves, names the commitment in its verifier, and publishes nothing that has the weights", async function () {
    this.timeout(600_000);
    const compiled = await readModelFolder(folder);
    expect(compiled.graph.weightsSalt).to.equal(graph.weightsSalt);
    const store = new DirectoryBlobStore(blobs);
    const names = { name: "mlp", licence: "LicenseRef-private" };
    const early = await storeModel(store, compiled, { ...names, zkml: false }).catch((error: unknown) => error);
    expect(String(early)).to.contain("private weights");

    const outDir = join(root, "setup-private");
    const setup = await setupDevelopment(compiled.circuit.r1csPath, { seed: "folder", outDir });
    const settings = { optimizer: { enabled: true, runs: 1 }, viaIR: true, evmVersion: "cancun" };
    const built = await buildVerifier(compiled, setup, settings);
    await writeSetup(folder, { setup, ...built });
    const abi = built.verifier.abi.find(({ name }) => name === "weightsCommitment");
    expect(abi).to.deep.include({ type: "function", stateMutability: "view" });
    expect(built.verifier.bytecode).to.contain(weightsCommitment(graph)!.toString(16).padStart(64, "0"));

    const ready = await readModelFolder(folder);
    const prover = await createGroth16Prover({ graph: ready.graph, circuit: ready.circuit, zkeyPath: setup.zkeyPath });
    try {
      const x = [15n, 0n, 3n, 9n, 1n, 14n, 7n, 2n];
      const y = Array.from(interpret(graph, x.map(Number)).output, BigInt);
      const request = {
        context: new Uint8Array(31),
        input: encodeTensor(graph.input, x),
        output: encodeTensor(graph.output, y),
      };
      const { words, proof } = await prover.prove(request);
      expect(await verifyOffChain(setup.verifyingKey, words, proof)).to.equal(true);
    } finally {
      await prover.close();
    }

    const { manifest } = await storeModel(store, ready, { ...names, zkml: true });
    expect(manifest.files.map(({ role }) => role)).to.deep.equal([
      "circuit",
      "witness",
      "proving-key",
      "verifying-key",
    ]);
    expect([manifest.output.range.min, manifest.output.range.max]).to.deep.equal(["-2147483648", "2147483647"]);
    expect(manifest.graphDigest).to.equal(graphDigest(graph));
    const secrets = [graph.weightsSalt!.slice(2), "the model itself"].map((each) => Buffer.from(each));
    const bytes = Buffer.from(serialiseGraph(graph));
    expect(bytes.includes(secrets[0]!), "what is looked for is in the graph").to.equal(true);
    for (const entry of await readdir(blobs, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const kept = await readFile(join(entry.parentPath, entry.name));
      for (const secret of secrets) expect(kept.includes(secret), entry.name).to.equal(false);
    }
  });
});
