import { expect } from "chai";

import { lower } from "../../../compiler/src/graph/lower.ts";
import {
  AccumulatorOverflowError,
  CalibrationDataError,
  compileOnnx,
  CompileOptionError,
  decodeTensor,
  encodeInput,
  InputEncodingError,
  LayerTooLargeError,
  NothingToProveError,
  readOnnx,
  ScaleError,
  type CompileOptions,
} from "../../../compiler/src/index.ts";
import { calibrationImages, compileDigits, digitsOnnx, heldOut } from "../../support/digits.ts";
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
    expect(report.layers.map(({ name, inputs, outputs }) => [name, inputs, outputs])).to.deep.equal([
      ["dense0", 64, 32],
      ["dense1", 32, 10],
    ]);
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
    expect(wide.graph.input.scale).to.equal(2);
    expect(wide.report.calibration.maxAbsoluteError).to.be.below(2.1);
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
    for (const activationBits of [1, 9])
      expect(() => compile({ activationBits })).to.throw(CompileOptionError, "activationBits");
    expect(() => compile({ name: "" })).to.throw(CompileOptionError, "name");
  });

  it("refuses sums that float32 cannot hold, naming layer and remedy", () => {
    expect(() => compile({ weightBits: 16 })).to.throw(
      AccumulatorOverflowError,
      /Layer dense[01], neuron \d+.*fewer weightBits/,
    );
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
    expect(() => compileOnnx(scalarModel(2e-30, 1), { calibration: [[1]] })).to.throw(ScaleError, "dense0");
    for (const value of [1e30, 5e-324, Number.MAX_VALUE]) {
      expect(() => compileOnnx(scalarModel(1, 1), { calibration: [[value], [-value]] })).to.throw(ScaleError, "input");
    }
    expect(() => compileOnnx(scalarModel(1e-9, 3e38), { calibration: [[1]] })).to.throw(ScaleError, "dense0");
  });
});

describe("lower", () => {
  it("folds affine steps into one matrix, scale factors and biases included", () => {
    const { layers } = lower(
      readOnnx(
        buildModel({
          inputs: [valueInfo("x", [1, 2])],
          outputs: [valueInfo("y", [1, 1])],
          nodes: [
            node("Add", ["x", "c"], "s"),
            node("Gemm", ["s", "w0", "b0"], "h", [attribute.float("alpha", 2), attribute.float("beta", 3)]),
            node("MatMul", ["h", "w1"], "m"),
            node("Add", ["m", "b1"], "y"),
          ],
          initializers: [
            floatTensor("c", [2], [1, -1]),
            floatTensor("w0", [2, 2], [1, 2, 3, 4]),
            floatTensor("b0", [2], [1, 1]),
            floatTensor("w1", [2, 1], [1, -1]),
            floatTensor("b1", [1], [10]),
          ],
        }),
      ),
      "folded",
    );
    // h = 2 * [x0 + 3 x1 - 2, 2 x0 + 4 x1 - 2] + 3; y = h0 - h1 + 10 = -2 x0 - 2 x1 + 10
    expect(layers.map(({ weights, bias }) => [weights.map((row) => [...row]), [...bias]])).to.deep.equal([
      [[[-2, -2]], [10]],
    ]);
  });

  it("refuses a model that only moves shapes", () => {
    const bytes = buildModel({
      inputs: [valueInfo("x", [1, 4])],
      outputs: [valueInfo("y", [1, 4])],
      nodes: [node("Identity", ["x"], "y")],
    });
    expect(() => lower(readOnnx(bytes), "shapes")).to.throw(NothingToProveError);
  });

  it("refuses to fold matrices that would keep it busy for minutes", () => {
    const wide = 1_800;
    const w = floatTensor(
      "w",
      [wide, wide],
      Array.from({ length: wide * wide }, () => 0),
    );
    const bytes = buildModel({
      inputs: [valueInfo("x", [1, wide])],
      outputs: [valueInfo("y", [1, wide])],
      nodes: [node("MatMul", ["x", "w"], "h"), node("MatMul", ["h", "w"], "y")],
      initializers: [w],
    });
    expect(() => lower(readOnnx(bytes), "wide")).to.throw(LayerTooLargeError, "dense0");
  });
});
