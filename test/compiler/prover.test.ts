import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { compileCircuit } from "../../compiler/src/emit/circom/compile.ts";
import type { IntegerGraph } from "../../compiler/src/graph/types.ts";
import { proofFromEvm, proofToEvm, verifyOffChain, type EvmProof } from "../../compiler/src/prove/proof.ts";
import { createGroth16Prover, type Prover } from "../../compiler/src/prove/prover.ts";
import { wordsOf } from "../../compiler/src/prove/words.ts";
import { setupDevelopment, type Setup } from "../../compiler/src/setup/development.ts";
import { BASE_MODULUS, SCALAR_MODULUS } from "../../compiler/src/setup/field.ts";
import { encodeTensor, evaluate, legalInputs, randomMlp, tensor } from "../support/random-graphs.ts";

const root = fileURLToPath(new URL("../../build/test/", import.meta.url));

const graph: IntegerGraph = randomMlp({
  seed: 21,
  input: tensor("pixels", "i8", [1, 4], -8n, 7n),
  hidden: [{ width: 3, shift: 4, clamp: { min: 0n, max: 15n } }],
  outputs: 3,
  output: "logits",
  weight: 9,
});

const request = (x: readonly bigint[], context = new Uint8Array(31).fill(1)) => ({
  context,
  input: encodeTensor(graph.input, x),
  output: encodeTensor(graph.output, evaluate(graph, x).get("output") as readonly bigint[]),
});

describe("compiler/prove", () => {
  let prover: Prover;
  let setup: Setup;

  before(async () => {
    const circuit = await compileCircuit(graph, { outDir: join(root, "zkml") });
    setup = await setupDevelopment(circuit.r1csPath, { seed: "prover", outDir: join(root, "setup-prover") });
    prover = await createGroth16Prover({ graph, circuit, zkeyPath: setup.zkeyPath });
  });

  after(async () => {
    await prover.close();
  });

  it("proves extremes and random inputs, two at once", async () => {
    const proofs = await Promise.all([...legalInputs(graph.input, 6)].map((x) => prover.prove(request(x))));
    for (const { words, proof } of proofs)
      expect(await verifyOffChain(setup.verifyingKey, words, proof)).to.equal(true);
  });

  it("refuses a proof under other words, and the words of another proof", async () => {
    const one = await prover.prove(request([1n, 2n, 3n, 4n]));
    const two = await prover.prove(request([-1n, 2n, 3n, 4n]));
    expect(await verifyOffChain(setup.verifyingKey, two.words, one.proof)).to.equal(false);
    for (const index of one.words.keys()) {
      const words = one.words.map((word, i) => (i === index ? word ^ 1n : word));
      expect(await verifyOffChain(setup.verifyingKey, words, one.proof), `word ${index}`).to.equal(false);
    }
  });

  it("says which element of the input is out of range", async () => {
    const good = request([0n, 0n, 0n, 0n]);
    const input = encodeTensor(graph.input, [0n, 0n, 8n, 0n]);
    const error = await prover.prove({ ...good, input }).catch((caught: unknown) => caught as Error);
    expect(error).to.have.property("code", "ASY-ZKML-006");
    expect((error as Error).message).to.match(/pixels: element 2 is 8, outside of \[-8, 7\]/);
  });

  it("refuses encodings of another length, dtype or shape", async () => {
    const good = request([0n, 0n, 0n, 0n]);
    const header = Uint8Array.from(good.input);
    header[0] = 1;
    const dims = encodeTensor({ ...graph.input, dims: [4, 1] }, [0n, 0n, 0n, 0n]);
    for (const input of [good.input.slice(1), header, dims, new Uint8Array()]) {
      expect(await prover.prove({ ...good, input }).catch((e: unknown) => e)).to.have.property("code", "ASY-ZKML-006");
    }
    const context = new Uint8Array(32);
    expect(await prover.prove({ ...good, context }).catch((e: unknown) => e)).to.have.property("code", "ASY-ZKML-006");
  });

  it("does not prove a false statement", async () => {
    const good = request([3n, -4n, 5n, -6n]);
    const y = [...(evaluate(graph, [3n, -4n, 5n, -6n]).get("output") as readonly bigint[])];
    y[1] = (y[1] as bigint) - 1n;
    const output = encodeTensor(graph.output, y);
    const error = await prover.prove({ ...good, output }).catch((caught: unknown) => caught);
    expect(error).to.have.property("code", "ASY-ZKML-007");
    await prover.prove(good);
  });

  it("orders coordinates for the precompiles and back", () => {
    const proof: EvmProof = [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n];
    expect(proofToEvm(proofFromEvm(proof))).to.deep.equal(proof);
    expect(proofFromEvm(proof).pi_b).to.deep.equal([
      ["4", "3"],
      ["6", "5"],
      ["1", "0"],
    ]);
  });

  it("refuses words and coordinates that are not in their fields", async () => {
    const { words, proof } = await prover.prove(request([1n, 1n, 1n, 1n]));
    const attempts: readonly (readonly [readonly bigint[], readonly bigint[]])[] = [
      [words.slice(1), proof],
      [[(words[0] as bigint) + SCALAR_MODULUS, ...words.slice(1)], proof],
      [words, [proof[0] + BASE_MODULUS, ...proof.slice(1)]],
      [words, [-proof[0], ...proof.slice(1)]],
    ];
    for (const [otherWords, otherProof] of attempts) {
      const attempt = verifyOffChain(setup.verifyingKey, otherWords, otherProof as unknown as EvmProof);
      const error = await attempt.catch((caught: unknown) => caught);
      expect(error).to.have.property("code", "ASY-ZKML-006");
    }
  });

  it("cuts words of 31 bytes, the last one padded on the right", () => {
    const words = wordsOf(new Uint8Array(31).fill(0xff), Uint8Array.of(1, 2), new Uint8Array(30).fill(3));
    expect(words).to.have.length(3);
    expect(words[0]).to.equal((1n << 248n) - 1n);
    expect(words[1]).to.equal(BigInt(`0x0102${"03".repeat(29)}`));
    expect(words[2]).to.equal(3n << 240n);
  });

  it("lets the process end after close, and refuses to go on", async function () {
    this.timeout(60_000);
    const script = `
      import { createGroth16Prover } from "./compiler/src/prove/prover.ts";
      import { compileCircuit } from "./compiler/src/emit/circom/compile.ts";
      import { readSetup } from "./compiler/src/setup/development.ts";
      const graph = (await import("./test/support/random-graphs.ts"));
      const g = graph.randomMlp({ seed: 21, input: graph.tensor("pixels", "i8", [1, 4], -8n, 7n), hidden: [{ width: 3,
        shift: 4, clamp: { min: 0n, max: 15n } }], outputs: 3, output: "logits", weight: 9 });
      const circuit = await compileCircuit(g, { outDir: ${JSON.stringify(join(root, "zkml"))} });
      const setup = await readSetup(${JSON.stringify(setup.folder)});
      const prover = await createGroth16Prover({ graph: g, circuit, zkeyPath: setup.zkeyPath });
      const x = [1n, 2n, 3n, 4n];
      const request = { context: new Uint8Array(31), input: graph.encodeTensor(g.input, x),
        output: graph.encodeTensor(g.output, graph.evaluate(g, x).get("output")) };
      await prover.prove(request);
      await prover.close();
      console.log((await prover.prove(request).catch((error) => error)).code);
    `;
    const cwd = fileURLToPath(new URL("../../", import.meta.url));
    const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], { cwd, timeout: 30_000 });
    expect(run.error, String(run.error)).to.equal(undefined);
    expect(run.stdout.toString().trim(), run.stderr.toString()).to.equal("ASY-ZKML-009");
  });
});
