import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { Interface } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { DIGITS, fail, hardhatAt, heldOut, runTask, succeed } from "./support/assay.ts";
import { compileDigits } from "./support/world.ts";

const HELD_OUT = join(DIGITS, "held-out.json");
const MODEL = join(DIGITS, "model.onnx");
const CALIBRATION = join(DIGITS, "calibration.json");

describe("zkml tasks", function () {
  this.timeout(300_000);

  let hre: HardhatRuntimeEnvironment;
  let home: string;
  let dir: string;
  const at = (name: string): string => join(home, name);
  const write = async (name: string, content: string): Promise<string> => {
    await writeFile(at(name), content);
    return at(name);
  };

  before(async () => {
    // No task here may need a network: nothing listens on that port.
    hre = await hardhatAt("http://127.0.0.1:1");
    home = await mkdtemp(join(tmpdir(), "assay-zkml-"));
    dir = at("model");
    await compileDigits(hre, dir);
  });

  after(async () => {
    await rm(home, { recursive: true, force: true });
  });

  describe("compile", () => {
    const compile = ["zkml", "compile"];

    it("writes the folder that docs/tasks.md describes", async () => {
      const report = JSON.parse(await readFile(join(dir, "report.json"), "utf8"));
      expect(report.layers.map((layer: { elements: number }) => layer.elements)).to.deep.equal([32, 32, 10, 1]);
      const files = ["model.onnx", "graph.json", "runtime.onnx", "circuit/model.circom", "circuit/model.r1cs"];
      for (const file of [...files, "circuit/model.wasm", "circuit/circuit.json"]) {
        expect((await readFile(join(dir, file))).length, file).to.be.greaterThan(100);
      }
      expect(await readFile(join(dir, "model.onnx"))).to.deep.equal(await readFile(MODEL));
    });

    it("prints a table of layers and accuracy", async () => {
      const run = await runTask(hre, compile, {
        model: MODEL,
        calibration: CALIBRATION,
        name: "digits",
        out: at("again"),
      });
      expect(run.out)
        .to.match(/node .* elements .* constraints/)
        .and.contain("accuracy");
      expect(await readFile(at("again/graph.json"))).to.deep.equal(await readFile(join(dir, "graph.json")));
    });

    it("takes fewer bits, for a smaller circuit", async () => {
      const small = { model: MODEL, calibration: CALIBRATION, name: "digits", out: at("small"), activationBits: "4" };
      const { constraints, report } = await succeed(hre, compile, small);
      const full = JSON.parse(await readFile(join(dir, "circuit", "circuit.json"), "utf8"));
      expect(constraints.total).to.be.lessThan(full.constraints.total);
      expect(report.calibration.integerAccuracy).to.be.greaterThan(0.9);
    });

    it("names the option that is missing", async () => {
      expect(await fail(hre, compile)).to.deep.equal({
        code: "ASY-TASK-001",
        message: "--model is missing; give an ONNX file.",
        retryable: false,
      });
    });

    it("names the file that is not there, or no file", async () => {
      const absent = await fail(hre, compile, { model: at("absent.onnx"), calibration: CALIBRATION });
      expect([absent.code, absent.message]).to.deep.equal([
        "ASY-TASK-003",
        `${at("absent.onnx")} cannot be read (ENOENT); give an ONNX file.`,
      ]);
      expect((await fail(hre, compile, { model: home, calibration: CALIBRATION })).message).to.contain("is not a file");
    });

    it("reads no file over the limit", async () => {
      const large = await write("large.onnx", "");
      await truncate(large, 256 * 1024 * 1024 + 1);
      const error = await fail(hre, compile, { model: large, calibration: CALIBRATION });
      expect(error.code).to.equal("ASY-TASK-003");
      expect(error.message).to.contain("the limit is 268435456");
    });

    it("passes on what the compiler says of a file that is no model", async () => {
      const error = await fail(hre, compile, { model: CALIBRATION, calibration: CALIBRATION });
      expect(error.code).to.match(/^ASY-ONNX-/);
    });

    it("refuses calibration data in any other form", async () => {
      for (const [content, words] of [
        ["{", "is not JSON"],
        ["[]", "it has no row"],
        ['[["a"]]', "value 0 of row 0, both from 0, is not a finite number"],
        ['{"images": [{}]}', "row 0, from 0, is no list of numbers"],
        ['{"rows": [[1]]}', "no row of finite numbers"],
      ] as const) {
        const error = await fail(hre, compile, { model: MODEL, calibration: await write("data.json", content) });
        expect([error.code, error.message.includes(words)], content).to.deep.equal(["ASY-TASK-004", true]);
      }
      const narrow = await fail(hre, compile, { model: MODEL, calibration: await write("data.json", "[[1, 2]]") });
      expect(narrow.code).to.match(/^ASY-QUANT-/);
      expect(narrow.message).to.contain(at("data.json")).and.contain("--calibration");
    });

    it("refuses widths that are not numbers in their range", async () => {
      for (const weightBits of ["3", "17", "x", "-8", "8.5"]) {
        const error = await fail(hre, compile, { model: MODEL, calibration: CALIBRATION, weightBits });
        expect(error).to.include({ code: "ASY-TASK-002" });
        expect(error.message).to.equal(`--weight-bits is "${weightBits}"; give a whole number from 4 to 16.`);
      }
    });

    it("refuses a name that cannot be a folder's", async () => {
      const error = await fail(hre, compile, { model: MODEL, calibration: CALIBRATION, name: "../up" });
      expect(error.message).to.contain('--name is "../up"');
    });
  });

  describe("setup", () => {
    it("compiles a verifier with the project's own settings", async () => {
      const verifier = JSON.parse(await readFile(join(dir, "verifier", "Verifier.json"), "utf8"));
      expect(verifier.compiler.settings.viaIR).to.equal(true);
      expect(verifier.compiler.version).to.match(/^0\.8\.30\+/);
      expect(new Interface(verifier.abi).getFunction("verify")?.selector).to.be.a("string");
      const { verifyingKeyHash } = JSON.parse(await readFile(join(dir, "setup", "setup.json"), "utf8"));
      expect(verifier.verifyingKeyHash).to.equal(verifyingKeyHash);
    });

    it("makes other keys of another seed, and random ones of none", async () => {
      const copy = at("seeds");
      await cp(dir, copy, { recursive: true });
      const { verifyingKeyHash: first } = JSON.parse(await readFile(join(dir, "setup", "setup.json"), "utf8"));
      const random = await succeed(hre, ["zkml", "setup"], { dir: copy, dev: true });
      expect(random.verifyingKeyHash).not.to.equal(first);
      const { holds } = await proveAndVerify(copy);
      expect(holds).to.equal(true);
    });

    it("takes the place of a setup of another circuit, all of it or none", async () => {
      const copy = at("again-with-setup");
      await cp(dir, copy, { recursive: true });
      const compiled = { model: MODEL, calibration: CALIBRATION, name: "digits", out: copy, activationBits: "5" };
      await succeed(hre, ["zkml", "compile"], compiled);
      const stale = await fail(hre, ["zkml", "prove"], { dir: copy, input: HELD_OUT, index: "0" });
      expect(stale.message).to.contain("is of another circuit").and.contain(`zkml setup --dir ${copy} --dev`);
      // Nothing can be put where a folder is: the old setup stays as it was.
      const blocked = join(copy, "verifier", "Verifier.json.partial");
      await mkdir(blocked);
      const before = await readFile(join(copy, "setup", "setup.json"), "utf8");
      await fail(hre, ["zkml", "setup"], { dir: copy, dev: true, seed: "assay task tests" });
      expect(await readFile(join(copy, "setup", "setup.json"), "utf8")).to.equal(before);
      expect(await readFile(join(copy, "verifier", "Verifier.json"), "utf8")).to.equal(
        await readFile(join(dir, "verifier", "Verifier.json"), "utf8"),
      );
      await rm(blocked, { recursive: true });
      const made = await succeed(hre, ["zkml", "setup"], { dir: copy, dev: true, seed: "assay task tests" });
      expect(JSON.parse(await readFile(join(copy, "setup", "setup.json"), "utf8")).verifyingKeyHash).to.equal(
        made.verifyingKeyHash,
      );
      expect((await proveAndVerify(copy)).holds).to.equal(true);
    });

    it("wants to be told that the keys are for development", async () => {
      const error = await fail(hre, ["zkml", "setup"], { dir, dev: false });
      expect(error.code).to.equal("ASY-TASK-001");
      expect(error.message).to.contain("--dev").and.contain("can forge");
    });

    it("wants a compiled model", async () => {
      const error = await fail(hre, ["zkml", "setup"], { dir: at("nothing"), dev: true });
      expect(error.code).to.equal("ASY-OPERATOR-002");
      expect(error.message).to.contain("zkml compile");
    });
  });

  describe("prove and verify", () => {
    it("proves the answer to an image, bound to a context", async () => {
      const { label } = await heldOut(7);
      const context = `0x${"a5".repeat(31)}`;
      const { proof, answer } = await succeed(hre, ["zkml", "prove"], {
        dir,
        input: HELD_OUT,
        index: "7",
        context,
        out: at("p.json"),
      });
      expect(answer).to.deep.equal([label]);
      expect(proof.context).to.equal(context);
      const verified = await succeed(hre, ["zkml", "verify"], { dir, proof: at("p.json") });
      expect(verified).to.include({ holds: true, context });
      expect(verified.answer).to.deep.equal([label]);
    });

    it("proves nothing for a file that cannot be written", async () => {
      // A prover that is not there would be told of next.
      const proving = { dir, input: HELD_OUT, index: "7", rapidsnark: at("absent") };
      const error = await fail(hre, ["zkml", "prove"], { ...proving, out: dir });
      expect([error.code, error.message.includes(`${dir} is a folder`)], error.message).to.deep.equal([
        "ASY-TASK-003",
        true,
      ]);
      expect(existsSync(`${dir}.partial`)).to.equal(false);
      const elsewhere = await fail(hre, ["zkml", "prove"], { ...proving, out: at("r.json") });
      expect(elsewhere.message).to.not.contain("is a folder");
    });

    it("takes values nested as the tensor is", async () => {
      const { label, pixels } = await heldOut(1);
      const rows = Array.from({ length: 8 }, (_, row) => pixels.slice(8 * row, 8 * row + 8));
      const input = await write("nested.json", JSON.stringify(rows));
      expect((await succeed(hre, ["zkml", "prove"], { dir, input, out: at("n.json") })).answer).to.deep.equal([label]);
    });

    it("refuses a proof in which anything was changed", async () => {
      await proveAndVerify(dir);
      const good = JSON.parse(await readFile(at("q.json"), "utf8"));
      const flip = (hex: string): string => `${hex.slice(0, -1)}${hex.endsWith("0") ? "1" : "0"}`;
      for (const changed of [
        { output: flip(good.output) },
        { input: flip(good.input) },
        { context: flip(good.context) },
        ...good.proof.map((_: string, index: number) => ({
          proof: good.proof.map((other: string, place: number) => (place === index ? flip(other) : other)),
        })),
      ]) {
        const proof = await write("changed.json", JSON.stringify({ ...good, ...changed }));
        const error = await fail(hre, ["zkml", "verify"], { dir, proof });
        expect(error.code, JSON.stringify(Object.keys(changed))).to.equal("ASY-TASK-011");
      }
    });

    it("refuses a proof under other keys, and files that are no proof", async () => {
      await proveAndVerify(dir);
      const good = JSON.parse(await readFile(at("q.json"), "utf8"));
      const other = await write("other.json", JSON.stringify({ ...good, verifyingKeyHash: `0x${"1".repeat(64)}` }));
      expect((await fail(hre, ["zkml", "verify"], { dir, proof: other })).message).to.contain("give the folder");
      for (const bad of ["[]", "{}", JSON.stringify({ ...good, proof: [] }), JSON.stringify({ ...good, more: 1 })]) {
        const proof = await write("bad.json", bad);
        expect((await fail(hre, ["zkml", "verify"], { dir, proof })).code, bad).to.equal("ASY-TASK-004");
      }
    });

    it("refuses inputs that are not the model's", async () => {
      const { pixels } = await heldOut(0);
      for (const [content, index, code, words] of [
        ["[1, 2, 3]", undefined, "ASY-TASK-004", "takes 64"],
        [JSON.stringify(pixels.map(() => 1e9)), undefined, "ASY-QUANT", ""],
        ['[1, "a"]', undefined, "ASY-TASK-004", "value 1 is not a finite number"],
        ["{}", undefined, "ASY-TASK-004", "not a list of numbers"],
        [JSON.stringify([pixels]), "1", "ASY-TASK-002", "--index"],
        ['{"inputs": [[1]]}', undefined, "ASY-TASK-001", "--index"],
        [JSON.stringify([pixels, pixels]), undefined, "ASY-TASK-001", "2 inputs of 64 values each"],
      ] as const) {
        const input = await write("input.json", content);
        const error = await fail(hre, ["zkml", "prove"], { dir, input, ...(index === undefined ? {} : { index }) });
        expect(
          [error.code.startsWith(code), error.message.includes(words)],
          `${content}: ${error.message}`,
        ).to.deep.equal([true, true]);
      }
      const short = await fail(hre, ["zkml", "prove"], { dir, input: HELD_OUT, index: "0", context: "0x00" });
      expect(short.message).to.contain("--context");
    });

    it("says what to run where keys are missing", async () => {
      const bare = at("bare");
      await cp(dir, bare, { recursive: true });
      await rm(join(bare, "setup"), { recursive: true });
      const error = await fail(hre, ["zkml", "prove"], { dir: bare, input: HELD_OUT, index: "0" });
      expect(error).to.include({ code: "ASY-OPERATOR-002" });
      expect(error.message).to.contain(`zkml setup --dir ${bare} --dev`);
    });

    it("refuses a folder whose parts were exchanged", async () => {
      const mixed = at("mixed");
      await cp(dir, mixed, { recursive: true });
      const graph = JSON.parse(await readFile(join(mixed, "graph.json"), "utf8"));
      await writeFile(join(mixed, "graph.json"), JSON.stringify({ ...graph, name: "other" }));
      expect((await fail(hre, ["zkml", "prove"], { dir: mixed, input: HELD_OUT, index: "0" })).message).to.contain(
        "is of another graph",
      );
      await cp(join(dir, "graph.json"), join(mixed, "graph.json"));
      await writeFile(join(mixed, "circuit", "model.r1cs"), "r1cs");
      expect((await fail(hre, ["zkml", "prove"], { dir: mixed, input: HELD_OUT, index: "0" })).message).to.contain(
        "is of another circuit",
      );
    });
  });

  async function proveAndVerify(folder: string): Promise<{ holds: boolean }> {
    await succeed(hre, ["zkml", "prove"], { dir: folder, input: HELD_OUT, index: "0", out: at("q.json") });
    return await succeed(hre, ["zkml", "verify"], { dir: folder, proof: at("q.json") });
  }
});
