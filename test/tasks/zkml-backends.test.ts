import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { compileCircuit } from "../../compiler/src/emit/circom/compile.ts";
import { serialiseGraph } from "../../compiler/src/graph/serialise.ts";
import { writeCompiled } from "../../nodes/operator/model-folder.ts";
import { BUILD, tiny } from "../support/tiny-model.ts";
import { fail, hardhatAt, runTask, succeed } from "./support/assay.ts";

describe("zkml tasks: backends", function () {
  this.timeout(120_000);
  let hre: HardhatRuntimeEnvironment;
  let home: string;
  let dir: string;
  let input: string;
  const setup = ["zkml", "setup"];
  const prove = ["zkml", "prove"];

  before(async () => {
    hre = await hardhatAt("http://127.0.0.1:1");
    home = await mkdtemp(join(tmpdir(), "assay-backends-"));
    dir = join(home, "model");
    input = join(home, "input.json");
    await writeFile(input, "[3, -8, 7, 0]");
    await writeCompiled(dir, {
      model: Uint8Array.of(0),
      graph: tiny,
      graphJson: serialiseGraph(tiny),
      runtimeOnnx: Uint8Array.of(0),
      report: "{}",
      circuit: await compileCircuit(tiny, { outDir: join(BUILD, "zkml") }),
    });
  });

  after(async () => {
    await rm(home, { recursive: true, force: true });
  });

  for (const backend of ["plonk", "fflonk"]) {
    it(`sets up, proves and verifies with ${backend}, and says that no contract checks it`, async () => {
      const made = await runTask(hre, setup, { dir, backend, dev: true, seed: "backends" });
      expect(made.success, made.err).to.equal(true);
      expect(made.out).to.contain("checked off chain").and.contain("a deployment needs Groth16 keys");
      expect(made.data).to.include({ backend, setup: "development", onChain: false, verified: true });
      const out = join(home, `${backend}.json`);
      const { proof, stages } = await succeed(hre, prove, { dir, input, backend, out });
      expect(Object.keys(stages)).to.deep.equal(["load", "witness", "prove", "verify"]);
      expect(proof).to.include({ system: backend, verifyingKeyHash: made.data.verifyingKeyHash });
      expect(await succeed(hre, ["zkml", "verify"], { dir, proof: out })).to.include({ holds: true });
      const flip = (hex: string): string => `${hex.slice(0, -1)}${hex.endsWith("0") ? "1" : "0"}`;
      const words = proof.proof as readonly string[];
      for (const changed of [
        { context: flip(proof.context) },
        { output: flip(proof.output) },
        ...[0, words.length - 1].map((index) => ({ proof: words.map((word, i) => (i === index ? flip(word) : word)) })),
      ]) {
        const path = join(home, "changed.json");
        await writeFile(path, JSON.stringify({ ...proof, ...changed }));
        expect((await fail(hre, ["zkml", "verify"], { dir, proof: path })).code).to.equal("ASY-TASK-011");
      }
      for (const changed of [{ system: "groth16" }, { system: "stark" }, { proof: words.slice(1) }]) {
        const path = join(home, "changed.json");
        await writeFile(path, JSON.stringify({ ...proof, ...changed }));
        expect((await fail(hre, ["zkml", "verify"], { dir, proof: path })).code).to.equal("ASY-TASK-004");
      }
    });
  }

  it("says which option or which keys are missing", async () => {
    expect((await fail(hre, setup, { dir, backend: "stark", dev: true })).code).to.equal("ASY-TASK-002");
    expect((await fail(hre, setup, { dir, backend: "plonk" })).code).to.equal("ASY-TASK-001");
    expect((await fail(hre, setup, { dir, backend: "plonk", dev: true, ptau: "x.ptau" })).code).to.equal(
      "ASY-TASK-001",
    );
    expect((await fail(hre, setup, { dir, dev: true, ptau: "x.ptau" })).message).to.contain("zkml ceremony");
    expect((await fail(hre, setup, { dir, backend: "plonk", ptau: join(home, "x.ptau") })).code).to.equal(
      "ASY-CEREMONY-001",
    );
    expect((await fail(hre, prove, { dir, input, backend: "plonk", rapidsnark: "rapidsnark" })).code).to.equal(
      "ASY-PROVER-003",
    );
    const bare = join(home, "bare");
    await cp(dir, bare, { recursive: true });
    await rm(join(bare, "plonk"), { recursive: true });
    const error = await fail(hre, prove, { dir: bare, input, backend: "plonk" });
    expect(error.message).to.contain(`zkml setup --dir ${bare} --backend plonk --dev`);
  });

  it("refuses keys of another circuit, and keys that were exchanged", async () => {
    const copy = join(home, "copy");
    await cp(dir, copy, { recursive: true });
    const place = join(copy, "plonk", "setup.json");
    const manifest = JSON.parse(await readFile(place, "utf8"));
    await writeFile(place, JSON.stringify({ ...manifest, r1csDigest: `0x${"5".repeat(64)}` }));
    expect((await fail(hre, prove, { dir: copy, input, backend: "plonk" })).message).to.contain(
      "is of another circuit",
    );
    await writeFile(place, JSON.stringify({ ...manifest, zkeyDigest: `0x${"5".repeat(64)}` }));
    expect((await fail(hre, prove, { dir: copy, input, backend: "plonk" })).code).to.equal("ASY-ZKML-005");
    await writeFile(place, "{");
    expect((await fail(hre, prove, { dir: copy, input, backend: "plonk" })).code).to.equal("ASY-ZKML-005");
  });
});
