import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { compileCircuit, compileOnnx, encodeInput, interpret, wordsOf } from "../../../compiler/src/index.ts";
import { importOnnx } from "../../../compiler/src/onnx/import.ts";
import { freeUnits } from "../../../compiler/src/quantise/absorbing.ts";
import { CircuitTester } from "../../support/circuit.ts";
import { buildModel, floatTensor, node, valueInfo } from "../../support/onnx-builder.ts";
import { expectParity, extremes, randomInputs } from "../../support/parity.ts";
import { encodeTensor, legalInputs } from "../../support/random-graphs.ts";
import { Random } from "../../support/random.ts";
import { unevenModel } from "../../support/uneven.ts";

const outDir = fileURLToPath(new URL("../../../build/test/zkml", import.meta.url));
const { onnx, calibration } = unevenModel();
const powers = compileOnnx(onnx, { calibration, scales: "powers" });
const searched = compileOnnx(onnx, { calibration });

describe("scales", () => {
  it("gives channels of uneven weights a scale each: less error for no more constraints", () => {
    const shifts = searched.graph.nodes.flatMap((node) => (node.op === "requantise" ? [node.shift] : []));
    expect(new Set(shifts).size, "kinds of channels").to.be.above(1);
    expect(powers.graph.nodes.map(({ op }) => op)).to.deep.equal(["dense", "requantise", "dense"]);
    const [before, after] = [powers.report, searched.report];
    expect(after.calibration.meanAbsoluteError).to.be.below(0.9 * before.calibration.meanAbsoluteError);
    expect(after.calibration.relativeError).to.be.at.most(before.calibration.relativeError);
    expect(after.constraints.total).to.be.at.most(before.constraints.total);
  });

  it("is as much better on inputs that calibration has not seen", () => {
    const random = new Random(11);
    const inputs = Array.from({ length: 200 }, () => random.array(calibration[0]!.length, () => 2 * random.real() - 1));
    const fresh = inputs.filter((row) => {
      try {
        return encodeInput(searched.graph.input, row).length > 0;
      } catch {
        return false;
      }
    });
    expect(fresh.length, "inputs in range").to.be.above(150);
    const error = (scales: "powers" | "searched") =>
      compileOnnx(onnx, { calibration, scales, evaluation: { inputs: fresh } }).report.evaluation!.meanAbsoluteError;
    expect(error("searched")).to.be.below(0.95 * error("powers"));
  });

  it("means the same to interpreter and ONNX Runtime, bit for bit", async () => {
    const { graph } = searched;
    await expectParity(graph, [...extremes(graph), ...randomInputs(graph, 40, new Random(3))]);
  });

  it("costs the circuit what was counted, and means the same to it", async function () {
    this.timeout(240_000);
    const before = await compileCircuit(powers.graph, { outDir, binding: "packed" });
    expect(before.constraints.total).to.equal(powers.report.constraints.total);
    const { graph } = searched;
    const compiled = await compileCircuit(graph, { outDir, binding: "packed" });
    expect(compiled.constraints.total).to.equal(searched.report.constraints.total);
    const circuit = await CircuitTester.files(join(compiled.folder, "model"));
    for (const x of legalInputs(graph.input, 12)) {
      const y = interpret(graph, x).output.map(BigInt);
      const words = (output: readonly bigint[]) =>
        wordsOf(new Uint8Array(31), encodeTensor(graph.input, x), encodeTensor(graph.output, output));
      circuit.expectAccepted(circuit.witness({ x, words: words(y) }), `for [${x.join(", ")}]`);
      const wrong = y.map((each, at) => (at === 3 ? each + 1n : each));
      expect(() => circuit.witness({ x, words: words(wrong) })).to.throw("does not hold");
    }
  });

  it("takes a factor that is no power of two into the unit, as attention's, for no node", () => {
    const random = new Random(5);
    const weights = () => random.array(64, () => random.normal());
    const attention = buildModel({
      nodes: [
        node("MatMul", ["x", "q"], "qs"),
        node("MatMul", ["x", "k"], "ks"),
        node("Transpose", ["ks"], "kt"),
        node("MatMul", ["qs", "kt"], "scores"),
        node("Div", ["scores", "root"], "scaled"),
        node("Softmax", ["scaled"], "y"),
      ],
      initializers: [
        floatTensor("q", [8, 8], weights()),
        floatTensor("k", [8, 8], weights()),
        floatTensor("root", [1], [Math.sqrt(8)]),
      ],
      inputs: [valueInfo("x", [6, 8])],
      outputs: [valueInfo("y", [6, 6])],
    });
    const data = Array.from({ length: 12 }, () => random.array(48, () => 0.5 * random.normal()));
    const errorOf = (scales: "powers" | "searched") => {
      const { graph, report } = compileOnnx(attention, { calibration: data, scales });
      const scaled = graph.nodes.filter(
        ({ name }) => report.layers.find((each) => each.name === name)?.source === "Div_scaled",
      );
      expect(scaled.length > 0, scales).to.equal(scales === "powers");
      return report.calibration.meanAbsoluteError;
    };
    expect(errorOf("searched")).to.be.below(errorOf("powers"));
    const { program } = importOnnx(attention);
    const { free, tied } = freeUnits(program);
    const scaled = program.steps.find(({ source }) => source === "Div_scaled")!.output.id;
    expect(free.has(scaled), "less their greatest, then a table").to.equal(true);
    expect(tied.has(scaled), "one unit for both").to.equal(true);
    expect(free.has(program.outputs[0]!.value.id), "what is shown").to.equal(false);
  });
});
