import { expect } from "chai";

import {
  AccumulatorOverflowError,
  CalibrationDataError,
  compileOnnx,
  CompileOptionError,
  decodeTensor,
  encodeInput,
  InputEncodingError,
  interpret,
  ScaleError,
  type CompileOptions,
} from "../../../compiler/src/index.ts";
import { calibrationImages, compileDigits, digitsOnnx, heldOut } from "../../support/digits.ts";
import { lists } from "../../support/lowering.ts";
import { attribute, buildModel, floatTensor, node, valueInfo } from "../../support/onnx-builder.ts";

const calibration = calibrationImages.map(({ pixels }) => pixels);

function compile(options: Partial<CompileOptions> = {}) {
  return compileOnnx(digitsOnnx(), { name: "digits", calibration, ...options });
}

/** y = w * x + b with one element each. */
function scalarModel(w: number, b: number): Uint8Array {
  return buildModel({
    nodes: [node("Gemm", ["x", "w", "b"], "y")],
    initializers: [floatTensor("w", [1, 1], [w]), floatTensor("b", [1], [b])],
    inputs: [valueInfo("x", [1, 1])],
    outputs: [valueInfo("y", [1, 1])],
  });
}

/** y = weight times the sum of x. */
function sumModel(count: number, weight = 1): Uint8Array {
  return buildModel({
    nodes: [node("MatMul", ["x", "w"], "y")],
    initializers: [floatTensor("w", [count, 1], new Array<number>(count).fill(weight))],
    inputs: [valueInfo("x", [1, count])],
    outputs: [valueInfo("y", [1, 1])],
  });
}

describe("compileOnnx", () => {
  it("keeps whole pixels as they are: scale 1, five bits", () => {
    expect(compileDigits().graph.input).to.deep.equal({
      name: "pixels",
      dtype: "u8",
      dims: [64],
      range: { min: 0n, max: 31n },
      scale: 1,
      zeroPoint: 0,
    });
  });

  it("gives the label as one u8 from 0 to 9", () => {
    const { output } = compileDigits().graph;
    expect(output).to.deep.equal({
      name: "label",
      dtype: "u8",
      dims: [1],
      range: { min: 0n, max: 9n },
      scale: 1,
      zeroPoint: 0,
    });
  });

  it("gives the same bytes for the same file and options", () => {
    expect(compile().runtimeOnnx).to.deep.equal(compileDigits().runtimeOnnx);
    expect(compile({ weightBits: 7 }).runtimeOnnx).not.to.deep.equal(compileDigits().runtimeOnnx);
  });

  it("keeps weights within weightBits and uses the last of them", () => {
    for (const weightBits of [4, 6, 8, 12]) {
      for (const layer of compile({ weightBits }).graph.nodes) {
        if (layer.op !== "dense") continue;
        const greatest = Math.max(...layer.weights.flat().map(Math.abs));
        expect(greatest, `${weightBits} bits`).to.be.at.most(2 ** (weightBits - 1) - 1);
        expect(greatest, `${weightBits} bits`).to.be.above(2 ** (weightBits - 2) - 1);
      }
    }
  });

  it("reports accuracy on data that calibration has not seen", () => {
    const evaluation = { inputs: heldOut.map(({ pixels }) => pixels), labels: heldOut.map(({ label }) => label) };
    const { report } = compile({ evaluation, calibrationLabels: calibrationImages.map(({ label }) => label) });
    expect(report.evaluation?.samples).to.equal(360);
    expect(report.evaluation?.integerAccuracy).to.be.within((report.evaluation?.floatAccuracy ?? 1) - 0.01, 1);
    expect(report.calibration.floatAccuracy).to.be.above(0.98);
    expect(report.evaluation?.relativeError, "share of the float model's range").to.be.within(1e-6, 0.02);
    expect(report.bound, "sizes given to open dimensions").to.deep.equal({});
  });

  it("reports every node of the graph: where it comes from, its unit and what its results can be", () => {
    const { graph, report } = compile();
    const rows = report.layers.map(({ name, op, source, elements }) => [name, op, source, elements]);
    expect(rows).to.deep.equal([
      ["dense0", "dense", "node_linear", 32],
      ["requantise0", "requantise", "node_relu", 32],
      ["dense1", "dense", "node_linear_1", 10],
      ["argmax0", "argmax", "node_argmax", 1],
    ]);
    const [first, relu, , label] = report.layers;
    expect(relu).to.deep.include({ bits: 8, range: { min: 0n, max: 255n } });
    expect(label).to.deep.include({ scale: 1, bits: 4, range: { min: 0n, max: 9n } });
    const [{ shift } = { shift: NaN }] = graph.nodes.filter((each) => each.op === "requantise");
    expect(relu?.scale, "the sums' unit, shifted").to.equal((first?.scale ?? NaN) * 2 ** shift);
    expect(report.layers.map(({ range }) => range)).to.deep.equal(
      graph.nodes.map(({ output }) => graph.ranges[output]),
    );
  });

  it("loses accuracy where bits are few: the comparison can fail", () => {
    const fine = compile().report.calibration.meanAbsoluteError;
    const coarse = compile({ weightBits: 4, activationBits: 2 }).report.calibration.meanAbsoluteError;
    expect(coarse).to.be.above(5 * fine);
  });

  it("takes the input's range from the caller", () => {
    expect(compile({ inputRange: "dtype" }).graph.input.range).to.deep.equal({ min: 0n, max: 255n });
    expect(compile({ inputRange: { min: 0n, max: 16n } }).graph.input.range).to.deep.equal({ min: 0n, max: 16n });
    for (const inputRange of [
      { min: 0n, max: 256n },
      { min: -1n, max: 3n },
      { min: 5n, max: 5n },
    ]) {
      expect(() => compile({ inputRange })).to.throw(CompileOptionError, "inputRange");
    }
  });

  it("gives signed and fractional inputs a scale and a zero point", () => {
    const { graph } = compileOnnx(scalarModel(2, 1), { calibration: [[-1], [0.25], [2.5]] });
    const { scale, zeroPoint, range } = graph.input;
    expect([scale, zeroPoint, range]).to.deep.equal([0.25, 4, { min: 0n, max: 15n }]);
    expect(encodeInput(graph.input, [-1])).to.deep.equal([0]);
    expect(decodeTensor(graph.input, encodeInput(graph.input, [2.5]))).to.deep.equal([2.5]);
    const wide = compileOnnx(scalarModel(2, 1), { calibration: [[-Math.PI], [100 * Math.E]] });
    expect(wide.graph.input, "few inputs: ten bits").to.deep.include({ scale: 0.5, dtype: "u16" });
    expect(wide.report.calibration.maxAbsoluteError).to.be.below(0.51);
    const row = (value: number) => new Array<number>(17).fill(value);
    const many = compileOnnx(sumModel(17), { calibration: [row(-Math.PI), row(100 * Math.E)] });
    expect(many.graph.input, "many inputs: eight bits").to.deep.include({ scale: 2, dtype: "u8" });
  });

  it("rounds inputs half up and refuses those outside the range", () => {
    const { input } = compileDigits().graph;
    const row = (value: number) => [value, ...Array.from({ length: 63 }, () => 0)];
    expect([0.5, 1.49, 1.5, -0.5, 31.49].map((value) => encodeInput(input, row(value))[0])).to.deep.equal([
      1, 1, 2, 0, 31,
    ]);
    for (const value of [31.5, -0.51, NaN, Infinity]) {
      expect(() => encodeInput(input, row(value))).to.throw(InputEncodingError, "pixels[0]");
    }
  });

  it("refuses bit widths outside their range", () => {
    for (const weightBits of [3, 17, 8.5, NaN])
      expect(() => compile({ weightBits })).to.throw(CompileOptionError, "weightBits");
    for (const activationBits of [1, 13, 2.5])
      expect(() => compile({ activationBits })).to.throw(CompileOptionError, "activationBits");
    expect(() => compile({ name: "" })).to.throw(CompileOptionError, "name");
  });

  it("takes bits from the weights where sums would reach 2^24", () => {
    const { graph } = compile({ weightBits: 16 });
    const greatest = graph.nodes.flatMap((each) => {
      return each.op === "dense" ? [Math.max(...each.weights.flat().map(Math.abs))] : [];
    });
    expect(greatest[0], "five-bit pixels have room for 16 bits").to.be.within(2 ** 14, 2 ** 15);
    expect(greatest[1], "eight-bit activations for fewer").to.be.within(2 ** 8, 2 ** 14);
    expect(compile({ weightBits: 12 }).report.calibration.meanAbsoluteError).to.be.below(
      compile({ weightBits: 4 }).report.calibration.meanAbsoluteError,
    );
  });

  it("refuses sums that float32 cannot hold even so, naming layer and remedy", () => {
    // Weights of 4 bits, inputs of 8: 7 * 255 * 9,399 = 2^24 - 1.
    const wide = (count: number) =>
      compileOnnx(sumModel(count, 7), { calibration: [new Array<number>(count).fill(255)] });
    expect(wide(9_399).graph.nodes).to.have.length(1);
    expect(() => wide(9_400)).to.throw(AccumulatorOverflowError, /Layer dense0, neuron 0.*fewer weightBits/);
  });

  it("refuses calibration data that does not fit the model", () => {
    expect(() => compile({ calibration: [] })).to.throw(CalibrationDataError, "calibration");
    expect(() => compile({ calibration: [[1, 2]] })).to.throw(CalibrationDataError, "calibration[0]");
    const row = [...(calibration[0] ?? [])];
    row[5] = NaN;
    expect(() => compile({ calibration: [row] })).to.throw(CalibrationDataError, "calibration[0][5]");
    const labels = { inputs: calibration.slice(0, 2), labels: [1] };
    expect(() => compile({ evaluation: labels })).to.throw(CalibrationDataError, "evaluation.labels");
  });

  it("refuses numbers that no scale fits", () => {
    expect(() => compileOnnx(scalarModel(2e-30, 1), { calibration: [[1]] })).to.throw(ScaleError, "Gemm_y");
    for (const value of [1e30, 5e-324, Number.MAX_VALUE]) {
      expect(() => compileOnnx(scalarModel(1, 1), { calibration: [[value], [-value]] })).to.throw(ScaleError, "input");
    }
    expect(() => compileOnnx(scalarModel(1e-9, 3e38), { calibration: [[1]] })).to.throw(ScaleError, "Gemm_y");
  });

  it("compiles a model that only moves shapes, exactly", () => {
    const bytes = buildModel({
      inputs: [valueInfo("x", [1, 2, 3])],
      outputs: [valueInfo("y", [1, 3, 2])],
      nodes: [node("Transpose", ["x"], "y", [lists.integers("perm", [0, 2, 1])])],
    });
    const { graph, report } = compileOnnx(bytes, { calibration: [[1, 2, 3, 4, 5, 6]] });
    expect(graph.nodes.map(({ op }) => op)).to.deep.equal(["gather"]);
    expect(interpret(graph, [7, 2, 3, 4, 5, 6]).output).to.deep.equal([7, 4, 2, 5, 3, 6]);
    expect(report.calibration).to.deep.include({ maxAbsoluteError: 0, agreement: 1 });
    const copy = buildModel({
      inputs: [valueInfo("x", [1, 4])],
      outputs: [valueInfo("y", [1, 4])],
      nodes: [node("Identity", ["x"], "y")],
    });
    expect(compileOnnx(copy, { calibration: [[1, 0, 1, 1]] }).graph.output.name, "not the input").to.equal("y");
  });

  it("puts a layer's own scale factors and bias into its weights", () => {
    const bytes = buildModel({
      inputs: [valueInfo("x", [1, 2])],
      outputs: [valueInfo("y", [1, 2])],
      nodes: [
        node("Gemm", ["x", "w", "b"], "h", [attribute.float("alpha", 2), attribute.float("beta", 3)]),
        node("Add", ["h", "c"], "y"),
      ],
      initializers: [
        floatTensor("w", [2, 2], [1, 2, 3, 4]),
        floatTensor("b", [2], [1, 1]),
        floatTensor("c", [2], [10, -10]),
      ],
    });
    const { graph } = compileOnnx(bytes, {
      calibration: [
        [1, 2],
        [3, 0],
      ],
    });
    expect(graph.nodes.map(({ op }) => op)).to.deep.equal(["dense"]);
    // y = 2 * [x0 + 3 x1, 2 x0 + 4 x1] + 3 + [10, -10]
    const [unit, [x0, x1]] = [graph.output.scale, [3, 1]];
    expect(interpret(graph, [x0, x1]).output.map((each) => each * unit)).to.deep.equal([25, 13]);
  });
});
