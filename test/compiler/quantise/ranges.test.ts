import { expect } from "chai";

import { AccumulatorOverflowError } from "../../../compiler/src/graph/errors.ts";
import { compileOnnx, encodeInput, interpret, ScaleError } from "../../../compiler/src/index.ts";
import {
  attribute,
  buildModel,
  floatTensor,
  integerTensor,
  node,
  tensor,
  valueInfo,
} from "../../support/onnx-builder.ts";
import { errorOf } from "../../support/quantised-error.ts";

const x = [0.3, 2.7, 1.1, 0.5];
const reals = { inputs: [valueInfo("x", [4])], outputs: [valueInfo("y", [4])] };

/** max(x, 0) + 10 is never below 10. */
const raised = [node("Relu", ["x"], "r"), node("Add", ["r", "ten"], "h")];
const ten = floatTensor("ten", [], [10]);

describe("ranges", () => {
  for (const [low, high] of [
    [0, 6],
    [-5, -1],
    [-7, 3],
    [1e3, 2e3],
    [4, 10],
    [6, 2],
    [1e3, Infinity],
    [-Infinity, 6],
  ] as const) {
    it(`clamped to [${low}, ${high}], which they do not reach, are one number`, async () => {
      const onnx = buildModel({
        nodes: [...raised, node("Clip", ["h", low > -Infinity ? "low" : "", high < Infinity ? "high" : ""], "y")],
        initializers: [ten, ...Object.entries({ low, high }).filter(([, end]) => Number.isFinite(end)).map(([name, end]) => floatTensor(name, [], [end]))], // prettier-ignore
        ...reals,
      });
      expect(await errorOf(onnx, [[4]], [x])).to.be.below(0.02);
    });
  }

  it("that reach 2^24 but for the half that rounds are clamped at both ends", () => {
    const nodes = [
      ...[node("Relu", ["a"], "ra"), node("Relu", ["b"], "rb"), node("Mul", ["ra", "rb"], "h")],
      ...[node("Clip", ["h", "low", "high"], "c"), node("MatMul", ["c", "w"], "y")],
    ];
    const weights = [0.5, 0.25, -0.5, 0.75];
    const onnx = buildModel({
      nodes,
      initializers: [floatTensor("low", [], [0.25]), floatTensor("high", [], [230]), floatTensor("w", [4, 1], weights)],
      inputs: [valueInfo("a", [1, 4]), valueInfo("b", [1, 4])],
      outputs: [valueInfo("y", [1, 1])],
    });
    const [a, b] = [[15.99, 3.123, 7.77, 0.125], [14.987, 2.125, 0.33, 15.9]] as const; // prettier-ignore
    const wide = { results: 12 };
    const { graph } = compileOnnx(onnx, {
      calibration: [[...a, ...b]],
      bitsOf: { Relu_ra: wide, Relu_rb: wide, Clip_c: { results: 8 } },
    });
    const [output = NaN] = interpret(graph, encodeInput(graph.input, [...a, ...b])).output;
    const wanted = weights.reduce((sum, w, at) => sum + w * Math.min(Math.max(a[at]! * b[at]!, 0.25), 230), 0);
    expect(output * graph.output.scale).to.be.closeTo(wanted, 0.01 * wanted);
  });

  it("that are always 0 add nothing, however large their factors", async () => {
    const onnx = (factor: number) =>
      buildModel({
        nodes: [
          ...[node("Less", ["x", "zero"], "b"), node("Cast", ["b"], "c", [attribute.integer("to", 7)])],
          ...[node("Mul", ["c", "k"], "h"), node("Add", ["h", "x"], "y")],
        ],
        initializers: [integerTensor("k", [factor]), tensor("zero", 7, [], [0])],
        inputs: [valueInfo("x", [4], 7)],
        outputs: [valueInfo("y", [4], 7)],
      });
    const none = compileOnnx(onnx(0), { calibration: [[1, 2, 3, 4]] });
    for (const factor of [7, 2 ** 40, -(2 ** 52)]) {
      expect(await errorOf(onnx(factor), [[4]], [[1, 2, 3, 4]])).to.equal(0);
      const { report } = compileOnnx(onnx(factor), { calibration: [[1, 2, 3, 4]] });
      expect(report.constraints.total).to.equal(none.report.constraints.total);
    }
    const alone = buildModel({
      nodes: [
        ...[node("Less", ["x", "zero"], "b"), node("Cast", ["b"], "c", [attribute.integer("to", 7)])],
        node("Add", ["c", "k"], "y"),
      ],
      initializers: [integerTensor("k", [1_000_003]), tensor("zero", 7, [], [0])],
      inputs: [valueInfo("x", [4], 7)],
      outputs: [valueInfo("y", [4], 7)],
    });
    expect(await errorOf(alone, [[4]], [[1, 2, 3, 4]])).to.equal(0);
    // Below 0 the factor counts, and no integer has room for it.
    const below = () => compileOnnx(onnx(2 ** 40), { calibration: [[-1, 2, 3, 4]] });
    expect(below)
      .to.throw(ScaleError, /Layer .*whole numbers up to 109\d+/)
      .with.property("code", "ASY-QUANT-004");
  });

  for (const [op, constant, error] of [
    ["Pow", 15, ScaleError],
    ["Mul", 2 ** 40, ScaleError],
    ["Add", 2 ** 40, AccumulatorOverflowError],
    ["Max", 2 ** 40, AccumulatorOverflowError],
  ] as const) {
    it(`of whole numbers that ${op} brings to 2^24 are refused, with its name`, () => {
      const onnx = buildModel({
        nodes: [node(op, ["x", "k"], "y")],
        initializers: [integerTensor("k", [constant])],
        inputs: [valueInfo("x", [4], 7)],
        outputs: [valueInfo("y", [4], 7)],
      });
      expect(() => compileOnnx(onnx, { calibration: [[1, 2, 3, 4]] })).to.throw(error, `Layer ${op}_y`);
    });
  }
});
