import { mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { groth16, zKey } from "snarkjs";

import { compileCircuit, type CompiledCircuit } from "../../compiler/src/emit/circom/compile.ts";
import type { IntegerGraph } from "../../compiler/src/graph/types.ts";
import { loadWitnessProgram } from "../../compiler/src/prove/witness.ts";
import { wordsOf } from "../../compiler/src/prove/words.ts";
import { borrowCurve, returnCurve } from "../../compiler/src/setup/curve.ts";
import { makeKeys, readSetup, setupDevelopment } from "../../compiler/src/setup/development.ts";
import { parseR1cs, readR1cs } from "../../compiler/src/setup/r1cs.ts";
import { developmentSecrets, domainPower } from "../../compiler/src/setup/scalars.ts";
import { verifyingKeyHash } from "../../compiler/src/setup/verifying-key-hash.ts";
import { parseVerifyingKey, toSnarkjs } from "../../compiler/src/setup/verifying-key.ts";
import { makePtau, sectionsOf } from "../support/ptau.ts";
import { encodeTensor, evaluate, randomMlp, tensor } from "../support/random-graphs.ts";

const root = fileURLToPath(new URL("../../build/test/", import.meta.url));
const outDir = join(root, "setup");

const graph: IntegerGraph = randomMlp({
  seed: 3,
  input: tensor("x", "u8", [3], 0n, 16n),
  hidden: [{ width: 2, shift: 5, clamp: { min: 0n, max: 15n } }],
  outputs: 2,
  output: "argmax",
  weight: 7,
});

describe("compiler/setup", () => {
  let circuit: CompiledCircuit;

  before(async () => {
    await borrowCurve();
    circuit = await compileCircuit(graph, { outDir: join(root, "zkml") });
    await rm(outDir, { recursive: true, force: true });
  });

  after(async () => {
    await returnCurve();
  });

  it("makes, byte for byte, the key that snarkjs makes from powers of the same tau", async () => {
    const r1cs = await readR1cs(circuit.r1csPath);
    const secrets = { ...developmentSecrets(Uint8Array.of(1), Uint8Array.of(2)), delta: 1n };
    const curve = await borrowCurve();
    await returnCurve();
    const log = domainPower(r1cs);
    const ptau = await makePtau(secrets, log, (k) => curve.Fr.toObject(curve.Fr.w[k] as Uint8Array));
    const theirs: { type: "mem"; data?: Uint8Array } = { type: "mem" };
    const bytes = new Uint8Array(await readFile(circuit.r1csPath));
    await zKey.newZKey({ type: "mem", data: bytes }, { type: "mem", data: new Uint8Array(ptau) }, theirs);
    const { zkey } = await makeKeys(r1cs, secrets);
    const [ours, expected] = [sectionsOf(zkey), sectionsOf(theirs.data as Uint8Array)];
    // Section 10, the record of contributions, starts with a digest that is free in form.
    for (let id = 1; id <= 9; id++) {
      expect(Buffer.from(ours.get(id) as Uint8Array).equals(expected.get(id) as Uint8Array), `section ${id}`).to.equal(
        true,
      );
    }
    expect(ours.get(10)?.length).to.equal(expected.get(10)?.length);
  });

  it("gives keys with which snarkjs proves and verifies, and the key that it exports", async () => {
    const steps: number[] = [];
    const setup = await setupDevelopment(circuit.r1csPath, {
      seed: "a test",
      outDir,
      onProgress: ({ done, total }) => void steps.push(done / total),
    });
    expect(steps.length).to.be.greaterThan(4);
    expect(
      steps.every((value, i) => value <= 1 && value >= (steps[i - 1] ?? 0)),
      "progress never falls",
    ).to.equal(true);
    const exported = await zKey.exportVerificationKey(setup.zkeyPath);
    expect(parseVerifyingKey(exported)).to.deep.equal(setup.verifyingKey);
    expect(verifyingKeyHash(setup.verifyingKey)).to.equal(setup.manifest.verifyingKeyHash);

    const program = await loadWitnessProgram(await readFile(circuit.wasmPath));
    const x = [3n, 16n, 0n];
    const y = evaluate(graph, x).get("output") as readonly bigint[];
    const words = wordsOf(new Uint8Array(31).fill(9), encodeTensor(graph.input, x), encodeTensor(graph.output, y));
    const witness = program.calculateFile({ words, x });
    const { proof, publicSignals } = await groth16.prove(setup.zkeyPath, { type: "mem", data: witness });
    expect(publicSignals.map(BigInt)).to.deep.equal(words);
    expect(await groth16.verify(exported, publicSignals, proof)).to.equal(true);
    for (const index of words.keys()) {
      const changed = publicSignals.map((word, i) => (i === index ? String(BigInt(word) + 1n) : word));
      expect(await groth16.verify(exported, changed, proof), `word ${index}`).to.equal(false);
    }
  });

  it("records how the keys were made, finds them again, and makes others from another seed", async () => {
    const graphDigest = `0x${"5a".repeat(32)}` as const;
    const options = { seed: "one", outDir, graphDigest };
    const one = await setupDevelopment(circuit.r1csPath, options);
    expect(one.manifest.setup).to.equal("development");
    expect(one.manifest.graphDigest).to.equal(graphDigest);
    expect(JSON.stringify(one.manifest)).to.not.include('one"');
    expect(await setupDevelopment(circuit.r1csPath, options)).to.deep.equal(one);
    const two = await setupDevelopment(circuit.r1csPath, { ...options, seed: "two" });
    expect(two.manifest.verifyingKeyHash).to.not.equal(one.manifest.verifyingKeyHash);
    await rm(one.folder, { recursive: true });
    expect((await setupDevelopment(circuit.r1csPath, options)).manifest).to.deep.equal(one.manifest);
  });

  it("refuses an empty seed, and a folder whose key is not the one it names", async () => {
    const empty = await setupDevelopment(circuit.r1csPath, { seed: "", outDir }).catch((error: unknown) => error);
    expect(empty).to.have.property("code", "ASY-ZKML-005");
    const setup = await setupDevelopment(circuit.r1csPath, { seed: "swapped", outDir });
    const other = await setupDevelopment(circuit.r1csPath, { seed: "other", outDir });
    await writeFile(setup.verifyingKeyPath, JSON.stringify(toSnarkjs(other.verifyingKey)));
    const swapped = await readSetup(setup.folder).catch((error: unknown) => error);
    expect(swapped).to.have.property("code", "ASY-ZKML-005");
  });

  for (const [what, file, content] of [
    ["a proving key that is cut short", "model.zkey", "zkey"],
    ["a manifest that is cut short", "setup.json", '{"format":'],
    ["a manifest that is none", "setup.json", "[]"],
    ["a verifying key that is cut short", "verifying-key.json", '{"protocol":'],
    ["a verifying key that is gone", "verifying-key.json", undefined],
  ] as const) {
    it(`makes keys again in place of ${what}`, async () => {
      const options = { seed: "damaged", outDir };
      const good = await setupDevelopment(circuit.r1csPath, options);
      const zkey = await readFile(good.zkeyPath);
      const path = join(good.folder, file);
      if (content === undefined) await rm(path);
      else await writeFile(path, content);
      if (file !== "model.zkey") {
        const error = await readSetup(good.folder).catch((caught: unknown) => caught);
        expect(error).to.have.property("code", "ASY-ZKML-005");
      }
      const again = await setupDevelopment(circuit.r1csPath, options);
      expect(again).to.deep.equal(good);
      expect(zkey.equals(await readFile(again.zkeyPath))).to.equal(true);
    });
  }

  it("refuses secrets that are not in the field, or a tau in the domain", async () => {
    const r1cs = await readR1cs(circuit.r1csPath);
    const good = developmentSecrets(Uint8Array.of(1), Uint8Array.of(2));
    for (const bad of [{ alpha: 0n }, { delta: 0n }, { tau: 1n }]) {
      const error = await makeKeys(r1cs, { ...good, ...bad }).catch((caught: unknown) => caught);
      expect(error, JSON.stringify(Object.keys(bad))).to.have.property("code", "ASY-ZKML-005");
    }
  });

  it("refuses constraint files that are too large, or no files, before it reads them", async () => {
    await mkdir(outDir, { recursive: true });
    const path = join(outDir, "large.r1cs");
    await writeFile(path, "");
    await truncate(path, 2 ** 30 + 1);
    const before = process.memoryUsage().rss;
    for (const each of [path, outDir, join(outDir, "none.r1cs")]) {
      const error = await setupDevelopment(each, { seed: "large", outDir }).catch((caught: unknown) => caught);
      expect(error, each).to.have.property("code", "ASY-ZKML-004");
    }
    expect(process.memoryUsage().rss - before).to.be.below(2 ** 28);
    await rm(path);
  });

  it("refuses damaged constraint files", async () => {
    const bytes = new Uint8Array(await readFile(circuit.r1csPath));
    const damage = (at: number, value: number): Uint8Array => {
      const copy = bytes.slice();
      copy[at] = value;
      return copy;
    };
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ["empty", new Uint8Array()],
      ["cut short", bytes.slice(0, bytes.length - 5)],
      ["half", bytes.slice(0, bytes.length >> 1)],
      ["another magic", damage(0, 0)],
      ["another version", damage(4, 9)],
      ["many sections", damage(9, 255)],
    ];
    for (const [name, file] of cases) {
      expect(() => parseR1cs(file), name)
        .to.throw()
        .with.property("code", "ASY-ZKML-004");
    }
    expect(parseR1cs(bytes).constraints.length).to.equal(circuit.constraints.total);
  });
});
