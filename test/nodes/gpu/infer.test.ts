import { expect } from "chai";
import pino from "pino";

import { emitRuntime, interpret, type IntegerGraph } from "../../../compiler/src/index.ts";
import type { ModelFiles } from "../../../nodes/gpu/fetch/types.ts";
import { openOnnxSession } from "../../../nodes/gpu/infer/onnx.ts";
import { ModelRunner } from "../../../nodes/gpu/infer/runner.ts";
import { checkInputs } from "../../../nodes/gpu/infer/self-check.ts";
import { readInput, writeOutput } from "../../../nodes/gpu/infer/tensor.ts";
import type { OpenSession, ProviderName, Session } from "../../../nodes/gpu/infer/types.ts";
import { encodeTensor, type Manifest, type ManifestTensor, PACKED_BINDING } from "../../../sdk/src/index.ts";
import { compileDigits, heldOut } from "../../support/digits.ts";

const log = pino({ level: "silent" });

function digitsFiles(): ModelFiles {
  const { graph, runtimeOnnx } = compileDigits();
  return {
    version: `0x${"01".repeat(32)}`,
    manifest: {} as Manifest,
    graph,
    runtime: runtimeOnnx,
    zk: undefined,
    binding: PACKED_BINDING,
  };
}

/** A provider that computes like the reference, until told to fail. */
function reference(graph: IntegerGraph, failing: () => boolean): OpenSession {
  return (): Promise<Session> =>
    Promise.resolve({
      run: (input) =>
        failing()
          ? Promise.reject(new Error("device lost"))
          : Promise.resolve(interpret(graph, input).output.map(BigInt)),
      close: () => Promise.resolve(),
    });
}

describe("ModelRunner", function () {
  this.timeout(60_000);

  it("takes the first provider that is there and exact", async () => {
    const files = digitsFiles();
    const tried: ProviderName[] = [];
    const open: OpenSession = async (onnx, provider) => {
      tried.push(provider);
      if (provider === "webgpu") throw new Error("no adapter");
      if (provider === "cpu") return await openOnnxSession(onnx, "cpu");
      // A provider that is there, but off by one for one of the check inputs.
      let runs = 0;
      const honest = await openOnnxSession(onnx, "cpu");
      return {
        ...honest,
        run: async (input) => (await honest.run(input)).map((value) => (++runs === 5 ? value ^ 1n : value)),
      };
    };
    const chosen: ProviderName[] = [];
    const onProvider = (_: string, provider: ProviderName): void => void chosen.push(provider);
    const runner = await ModelRunner.open(files, { providers: ["webgpu", "cuda", "cpu"], open, log, onProvider });
    expect(tried).to.deep.equal(["webgpu", "cuda", "cpu"]);
    expect(chosen).to.deep.equal(["cpu"]);
    for (const { pixels } of heldOut.slice(0, 20)) {
      const input = pixels.map(BigInt);
      expect(await runner.run(input)).to.deep.equal(interpret(files.graph, input).output.map(BigInt));
    }
    await runner.close();
  });

  it("falls to the next provider when one fails at work", async () => {
    const files = digitsFiles();
    let lost = false;
    const flaky = reference(files.graph, () => lost);
    const open: OpenSession = async (onnx, provider) =>
      provider === "cpu" ? await openOnnxSession(onnx, "cpu") : await flaky(onnx, provider);
    const runner = await ModelRunner.open(files, { providers: ["cuda", "cpu"], open, log });
    expect(runner.provider).to.equal("cuda");
    lost = true;
    const input = heldOut[0]!.pixels.map(BigInt);
    expect(await runner.run(input)).to.deep.equal(interpret(files.graph, input).output.map(BigInt));
    expect(runner.provider).to.equal("cpu");
    await runner.close();
  });

  it("says which providers failed when none is left", async () => {
    const open: OpenSession = () => Promise.reject(new Error("no driver"));
    const error = await ModelRunner.open(digitsFiles(), { providers: ["webgpu", "cuda"], open, log }).catch(
      (reason: unknown) => reason as Error & { code: string },
    );
    expect(error).to.have.property("code", "ASY-INFER-001");
    expect((error as Error).message).to.contain("webgpu: no driver; cuda: no driver");
  });

  it("runs what its own compiler emits when the publisher's file is another", async () => {
    const files = digitsFiles();
    const opened: Uint8Array[] = [];
    const open: OpenSession = async (onnx, provider) => {
      opened.push(onnx);
      return await openOnnxSession(onnx, provider);
    };
    const runner = await ModelRunner.open(
      { ...files, runtime: Uint8Array.of(1, 2, 3) },
      { providers: ["cpu"], open, log },
    );
    expect(Buffer.from(opened[0]!).equals(emitRuntime(files.graph))).to.equal(true);
    await runner.close();
  });

  it("checks the ends of the range and scatters between", () => {
    const { graph } = compileDigits();
    const inputs = checkInputs(graph);
    const { min, max } = graph.input.range;
    expect(inputs[0]!.every((value) => value === min)).to.equal(true);
    expect(inputs[1]!.every((value) => value === max)).to.equal(true);
    expect(inputs.flat().every((value) => value >= min && value <= max)).to.equal(true);
    expect(new Set(inputs[5]).size).to.be.greaterThan(5);
  });
});

describe("tensors of a model", () => {
  const spec: ManifestTensor = {
    name: "x",
    dtype: "i8",
    dims: [2],
    range: { min: "-3", max: "4" },
    scale: 1,
    zeroPoint: 0,
  };
  const code = (bytes: Uint8Array): string => {
    try {
      readInput(bytes, spec);
      return "none";
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it("reads both ends of the range and refuses one past each", () => {
    const encode = (...data: bigint[]): Uint8Array => encodeTensor({ dtype: "i8", dims: [data.length], data });
    expect(readInput(encode(-3n, 4n), spec)).to.deep.equal([-3n, 4n]);
    for (const bytes of [
      encode(-4n, 0n),
      encode(0n, 5n),
      encode(0n),
      encodeTensor({ dtype: "u8", dims: [2], data: [0n, 0n] }),
      encodeTensor({ dtype: "i8", dims: [1, 2], data: [0n, 0n] }),
      encodeTensor({ dtype: "f32", dims: [2], data: [0, 0] }),
      Uint8Array.of(1),
    ]) {
      expect(code(bytes)).to.equal("ASY-INFER-004");
    }
  });

  it("does not write an output that the manifest rules out", () => {
    expect(writeOutput([-3n, 4n], spec)).to.deep.equal(encodeTensor({ dtype: "i8", dims: [2], data: [-3n, 4n] }));
    for (const values of [[-4n, 0n], [5n, 0n], [0n]]) expect(() => writeOutput(values, spec)).to.throw();
  });
});
