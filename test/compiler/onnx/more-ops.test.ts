import { expect } from "chai";

import { compileOnnx } from "../../../compiler/src/compile.ts";
import { interpret } from "../../../compiler/src/interpret/interpret.ts";
import {
  OnnxAttributeError,
  OnnxDtypeError,
  OnnxShapeError,
  OnnxTooLargeError,
  OnnxUnsupportedOpError,
} from "../../../compiler/src/onnx/errors.ts";
import { importOnnx } from "../../../compiler/src/onnx/import.ts";
import { bitwiseOps } from "../../../compiler/src/onnx/ops/bitwise.ts";
import { einsumOps } from "../../../compiler/src/onnx/ops/einsum.ts";
import { lpNormaliseOps } from "../../../compiler/src/onnx/ops/lp-normalise.ts";
import { quantisedLinearOps } from "../../../compiler/src/onnx/ops/quantised-linear.ts";
import { sequenceOps } from "../../../compiler/src/onnx/ops/sequences.ts";
import { windowOps } from "../../../compiler/src/onnx/ops/windows.ts";
import { elementCount } from "../../../compiler/src/program/geometry.ts";
import { encodeInput } from "../../../compiler/src/quantise/input.ts";
import { attribute, buildModel, node, outputInfo, tensor, valueInfo } from "../../support/onnx-builder.ts";
import {
  booleans,
  fixed,
  floats,
  integers,
  list,
  modelOf,
  of,
  weights,
  type Case,
  type Given,
} from "../../support/onnx-cases.ts";
import { distance, runImported, runOnnx } from "../../support/onnx-run.ts";
import { Random } from "../../support/random.ts";

const [UINT8, INT8, INT32, INT64, UINT32, UINT64] = [2, 3, 6, 7, 12, 13];
const ROUNDS = 3;

const whole = (type: number, opset = 18) => ({ outputs: [type], opset });
const einsum = (equation: string, ...inputs: Given[]) => of("Einsum", inputs, { equation });
const byte = (dims: readonly number[]) => integers(dims, 0, 255, UINT8);
const char = (dims: readonly number[]) => integers(dims, -128, 127, INT8);
/** Constants of one byte that differ from each other. */
const bytes = (dims: readonly number[], type: number) => {
  const values = Array.from(
    { length: elementCount(dims) },
    (_, at) => ((at * 37 + 11) % 256) - (type === INT8 ? 128 : 0),
  );
  return fixed(dims, values, type);
};

const bits = ["BitwiseAnd", "BitwiseOr", "BitwiseXor"];

const CASES: readonly Case[] = [
  einsum("ij,jk->ik", floats([2, 3]), floats([3, 4])),
  einsum("ij,jk->ki", floats([2, 3]), weights(3, 4)),
  einsum(" ij , kj -> ki ", weights(2, 3), floats([4, 3])),
  einsum("ij,jk", floats([2, 3]), floats([3, 4])),
  einsum("ba", floats([2, 3])),
  einsum("bij,bjk->bik", floats([2, 2, 3]), floats([2, 3, 4])),
  einsum("bij,bjk->bik", floats([2, 2, 3]), weights(2, 3, 4)),
  einsum("bhqd,bhkd->bhqk", floats([1, 2, 3, 4]), floats([1, 2, 5, 4])),
  einsum("bqhd,bkhd->bhqk", floats([1, 3, 2, 4]), floats([1, 5, 2, 4])),
  einsum("i,j->ij", floats([2]), floats([3])),
  einsum("i,i->", floats([4]), floats([4])),
  einsum("i,i->i", floats([4]), weights(4)),
  einsum("bi,bi->b", floats([3, 4]), weights(3, 4)),
  einsum("bi,bi->b", floats([3, 4]), floats([3, 4])),
  einsum("ij->", floats([2, 3])),
  einsum("ij->j", floats([2, 3])),
  einsum("ii->i", floats([3, 3])),
  einsum("ii", floats([3, 3])),
  einsum("bii->b", floats([2, 3, 3])),
  einsum("iij,jk->ik", floats([3, 3, 2]), floats([2, 4])),
  einsum("ij,k->i", floats([2, 3]), floats([4])),
  einsum("ij,jk,kl->il", floats([2, 3]), weights(3, 4), floats([4, 2])),
  einsum("i,i,i->i", floats([4]), floats([4]), floats([4])),
  einsum("bn,anm,bm->ba", floats([2, 3]), weights(4, 3, 2), floats([2, 2])),
  einsum("...ij,...jk->...ik", floats([2, 3, 4]), floats([2, 4, 2])),
  einsum("...ij,jk->...ik", floats([2, 2, 3, 4]), weights(4, 2)),
  einsum("...ij,...jk", floats([2, 2, 3]), floats([1, 3, 2])),
  einsum("i...->...", floats([2, 3, 4])),
  einsum("ij,ij->ij", floats([2, 1]), floats([2, 3])),
  einsum("ij,jk->ik", weights(2, 3), weights(3, 2)),
  of(
    "Einsum",
    [integers([2, 3], -5, 5, INT32), integers([3, 2], -5, 5, INT32)],
    { equation: "ij,jk->ik" },
    whole(INT32),
  ),

  ...bits.flatMap((op) => [
    of(op, [integers([9], -99, 99), fixed([], [13], INT64)], {}, whole(INT64)),
    of(op, [fixed([3], [12, -7, 1], INT64), integers([4, 3], -99, 99)], {}, whole(INT64)),
    of(op, [byte([9]), fixed([], [0x5a], UINT8)], {}, whole(UINT8)),
    of(op, [byte([2, 9]), byte([9])], {}, whole(UINT8)),
    of(op, [char([20]), char([20])], {}, whole(INT8)),
    of(op, [fixed([3], [12, -7, 1], INT32), fixed([], [6], INT32)], {}, whole(INT32)),
  ]),
  of("BitwiseNot", [integers([9], -99, 99)], {}, whole(INT64)),
  of("BitwiseNot", [byte([9])], {}, whole(UINT8)),
  of("BitwiseNot", [integers([9], 0, 99, UINT32)], {}, whole(UINT32)),
  of("BitShift", [byte([9]), fixed([], [3], UINT8)], { direction: "LEFT" }, whole(UINT8)),
  of("BitShift", [byte([9]), fixed([3, 1], [0, 1, 7], UINT8)], { direction: "RIGHT" }, whole(UINT8)),
  of("BitShift", [fixed([], [0xa5], UINT8), integers([9], 0, 7, UINT8)], { direction: "LEFT" }, whole(UINT8)),
  of("BitShift", [integers([9], 0, 9999, UINT32), fixed([], [20], UINT32)], { direction: "LEFT" }, whole(UINT32)),
  of("BitShift", [fixed([2], [4, 7], UINT64), fixed([2], [2, 1], UINT64)], { direction: "LEFT" }, whole(UINT64)),

  ...["HannWindow", "HammingWindow", "BlackmanWindow"].flatMap((op) => [
    of(op, [fixed([], [10], INT64)]),
    of(op, [fixed([], [7], INT32)], { periodic: 0 }),
    of(op, [fixed([], [6], INT64)], { output_datatype: 11 }, { outputs: [11] }),
  ]),

  ...[1, 2].flatMap((p) => [
    of("LpNormalization", [floats([3, 4])], { p }),
    of("LpNormalization", [floats([2, 3, 4])], { p, axis: 1 }),
    of("LpNormalization", [fixed([2, 2], [0, 0, 3, -4])], { p }),
  ]),
  of("LRN", [floats([1, 5, 2, 3])], { size: 3 }),
  of("LRN", [floats([2, 5, 2, 2])], { size: 5, alpha: { f: 0.3 }, beta: { f: 0.6 }, bias: { f: 2 } }),
  of("LRN", [floats([1, 3, 2, 2])], { size: 15, alpha: { f: 1 } }),
  of("MeanVarianceNormalization", [floats([2, 3, 2, 2])]),
  of("MeanVarianceNormalization", [floats([2, 3, 2, 2])], { axes: [0, 1, 2, 3] }),
  of("RMSNormalization", [floats([2, 3, 4]), weights(4)], {}, { opset: 23 }),
  of("RMSNormalization", [floats([2, 3, 4]), weights(3, 4)], { axis: 1, epsilon: { f: 0.1 } }, { opset: 23 }),

  of("MatMulInteger", [byte([2, 3]), bytes([3, 4], UINT8)], {}, whole(INT32)),
  of(
    "MatMulInteger",
    [byte([2, 3]), bytes([3, 4], INT8), fixed([], [120], UINT8), fixed([], [-3], INT8)],
    {},
    whole(INT32),
  ),
  of(
    "MatMulInteger",
    [byte([2, 2, 3]), bytes([3, 2], INT8), fixed([], [7], UINT8), fixed([2], [5, -3], INT8)],
    {},
    whole(INT32),
  ),
  of("MatMulInteger", [byte([2, 3]), byte([3, 2]), integers([], 0, 255, UINT8), undefined], {}, whole(INT32)),
  of("ConvInteger", [byte([1, 2, 4, 5]), bytes([3, 2, 2, 3], UINT8)], {}, whole(INT32)),
  of("ConvInteger", [byte([2, 2, 4, 4]), bytes([2, 2, 3, 3], UINT8), fixed([], [99], UINT8), fixed([], [7], UINT8)], { pads: [1, 1, 0, 1], strides: [2, 1] }, whole(INT32)), // prettier-ignore
  of("QLinearMatMul", [byte([2, 3]), fixed([], [0.02]), fixed([], [120], UINT8), bytes([3, 4], UINT8), fixed([], [0.013]), fixed([], [99], UINT8), fixed([], [0.05]), fixed([], [110], UINT8)], {}, whole(UINT8)), // prettier-ignore
  of("QLinearMatMul", [char([2, 2, 3]), fixed([], [0.02]), fixed([], [-3], INT8), bytes([3, 2], INT8), fixed([2], [0.013, 0.021]), fixed([2], [0, 0], INT8), fixed([], [0.07]), fixed([], [5], INT8)], {}, whole(INT8)), // prettier-ignore
  of("QLinearConv", [byte([1, 2, 4, 4]), fixed([], [0.02]), fixed([], [120], UINT8), bytes([3, 2, 3, 3], UINT8), fixed([], [0.013]), fixed([], [128], UINT8), fixed([], [0.09]), fixed([], [100], UINT8)], { pads: [1, 1, 1, 1] }, whole(UINT8)), // prettier-ignore
  of("QLinearConv", [byte([2, 2, 3, 4]), fixed([], [0.02]), fixed([], [120], UINT8), bytes([2, 2, 2, 2], INT8), fixed([2], [0.013, 0.03]), fixed([2], [0, 0], INT8), fixed([], [0.11]), fixed([], [100], UINT8), fixed([2], [150, -99], INT32)], {}, whole(UINT8)), // prettier-ignore
  of("DynamicQuantizeLinear", [floats([3, 4])], {}, { outputs: [UINT8, 1, UINT8] }),
  of("DynamicQuantizeLinear", [floats([9], 1, 4)], {}, { outputs: [UINT8, 1, UINT8] }),
  of("DynamicQuantizeLinear", [floats([9], -4, -1)], {}, { outputs: [UINT8, 1, UINT8] }),

  of("ReverseSequence", [floats([4, 3]), list(4, 1, 2)]),
  of("ReverseSequence", [floats([3, 4, 2]), list(2, 4, 3)], { batch_axis: 0, time_axis: 1 }),
  of("ReverseSequence", [integers([2, 3], -9, 9), list(1, 2, 2)], {}, whole(INT64)),
  of("Compress", [floats([3, 4]), fixed([3], [1, 0, 1], 9)], { axis: 0 }),
  of("Compress", [floats([3, 4]), fixed([2], [0, 1], 9)], { axis: -1 }),
  of("Compress", [floats([2, 3]), fixed([5], [0, 1, 0, 0, 1], 9)]),
  of("Compress", [booleans([4]), fixed([4], [0, 1, 1, 0], 9)], { axis: 0 }, whole(9)),
  of("CenterCropPad", [floats([5, 4]), list(2, 2)], {}, { opset: 18 }),
  of("CenterCropPad", [floats([2, 5]), list(5, 3)], {}, { opset: 18 }),
  of("CenterCropPad", [floats([2, 3, 4]), list(7, 2)], { axes: [-1, 1] }, { opset: 18 }),
];

const tables = [bitwiseOps, einsumOps, lpNormaliseOps, quantisedLinearOps, sequenceOps, windowOps];

/** Expects that the importer refuses the node with this error, which names the node. */
function refuses(each: Case, kind: abstract new (...args: never[]) => Error, words: string): void {
  let caught: unknown;
  try {
    importOnnx(modelOf(each).bytes);
  } catch (error) {
    caught = error;
  }
  expect(caught, "an error").to.be.instanceOf(kind);
  expect((caught as Error).message)
    .to.contain(`${each.op}_o0`)
    .and.to.contain(words);
}

describe("importOnnx, more operators, against ONNX Runtime", () => {
  it("has a case for every operator", () => {
    const tested = new Set(CASES.map(({ op }) => op));
    expect(tables.flatMap((table) => Object.keys(table)).filter((op) => !tested.has(op))).to.deep.equal([]);
  });

  for (const each of CASES) {
    it(`${each.op} ${each.about}`, async () => {
      const { bytes: file, varying } = modelOf(each);
      const dims = varying.map((given) => given.dims);
      const random = new Random(elementCount(dims.flat()) + 5);
      for (let round = 0; round < ROUNDS; round++) {
        const inputs = varying.map(({ dims: shape, draw }) => random.array(elementCount(shape), () => draw(random)));
        const expected = await runOnnx(file, dims, inputs);
        const { results } = runImported(file, inputs);
        for (const [at, { name, dims: shape, data }] of results.entries()) {
          expect(shape, `shape of ${name}`).to.deep.equal(expected[at]?.dims);
          const apart = distance(data, expected[at]?.data ?? []);
          expect(apart, `${name}: ${data.join()} and not ${expected[at]?.data.join()}`).to.be.below(1e-4);
        }
      }
    });
  }

  it("a dynamically quantised layer, as ONNX Runtime's tool writes it", async () => {
    const file = buildModel({
      opset: 17,
      nodes: [
        node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]),
        node("MatMulInteger", ["q", "w", "zero", "wz"], "sums"),
        node("Cast", ["sums"], "reals", [attribute.integer("to", 1)]),
        node("Mul", ["scale", "ws"], "unit"),
        node("Mul", ["reals", "unit"], "y"),
      ],
      initializers: [
        tensor("w", INT8, [3, 2], [12, -45, 127, 90, -128, 3]),
        tensor("wz", INT8, [], [4]),
        tensor("ws", 1, [], [0.013]),
      ],
      inputs: [valueInfo("x", [2, 3])],
      outputs: [outputInfo("y")],
      model: { ir_version: 8, opset_import: [{ domain: "", version: 17 }] },
    });
    const x = [0.3, -1.2, 2.2, 0.7, 1.9, -0.4];
    const [expected] = await runOnnx(file, [[2, 3]], [x]);
    const [result] = runImported(file, [x]).results;
    expect(distance(result!.data, expected!.data)).to.be.below(1e-4);
    // In integers too: its sums have proven intervals that fit.
    const random = new Random(3);
    const calibration = Array.from({ length: 200 }, () => random.array(6, () => random.real() * 5 - 2.5));
    const { graph } = compileOnnx(file, { calibration, name: "dynamic" });
    const { output } = interpret(graph, encodeInput(graph.input, x));
    const reals = output.map((value) => graph.output.scale * value);
    expect(distance(reals, expected!.data)).to.be.below(0.03);
  });

  it("LRN of an even size, by the formula of ONNX: its window has one channel more after than before", () => {
    const each = of("LRN", [floats([1, 5])], { size: 4, alpha: { f: 2 }, beta: { f: 0.5 } });
    const x = [1, -2, 3, 0.5, -1.5];
    const [result] = runImported(modelOf(each).bytes, [x]).results;
    const expected = x.map((value, at) => {
      const near = x.slice(Math.max(at - 1, 0), at + 3);
      return value / Math.sqrt(1 + 0.5 * near.reduce((sum, other) => sum + other * other, 0));
    });
    expect(distance(result!.data, expected)).to.be.below(1e-6);
  });

  it("a number that is known costs no table of bits, two that vary cost eight products", () => {
    const made = (each: Case, op: string) =>
      importOnnx(modelOf(each).bytes).program.steps.filter((step) => step.op === op).length;
    expect(made(of("BitwiseAnd", [byte([4]), fixed([], [3], UINT8)], {}, whole(UINT8)), "table")).to.equal(1);
    expect(made(of("BitwiseAnd", [byte([4]), byte([4])], {}, whole(UINT8)), "multiply")).to.equal(8);
    expect(made(of("BitwiseXor", [booleans([4]), booleans([4])], {}, whole(9)), "multiply")).to.equal(1);
    expect(made(einsum("ij,kj->ik", floats([2, 3]), weights(4, 3)), "dense")).to.equal(1);
  });
});

describe("importOnnx, more operators, what it refuses", () => {
  const [x, square] = [floats([2, 3]), floats([3, 3])];

  it("equations without meaning", () => {
    refuses(einsum("i".repeat(300), x), OnnxAttributeError, "256 characters");
    for (const equation of ["i1->i", "i.j", "i....j->ij", "...i...->i", "ij->i.", "ij;k", "é j", "ij\u0000"]) {
      refuses(einsum(equation, x), OnnxAttributeError, "may have letters");
    }
    refuses(einsum("ij->i->j", x), OnnxAttributeError, 'one "->"');
    refuses(einsum("ij->ik", x), OnnxAttributeError, '"k" of its output');
    refuses(einsum("ij->ii", x), OnnxAttributeError, '"i" of its output');
    refuses(einsum("aB", x), OnnxAttributeError, "say its output");
    refuses(einsum("...j->j", x), OnnxAttributeError, '"..."');
    refuses(einsum("", x), OnnxShapeError, "names 0 axes");
    refuses(of("Einsum", [x]), OnnxShapeError, "names 0 axes");
  });

  it("operands that do not fit their equation", () => {
    refuses(einsum("ij,jk->ik", x), OnnxShapeError, "2 terms for 1");
    refuses(einsum("ij->i", x, x), OnnxShapeError, "1 terms for 2");
    refuses(einsum("ijk->i", x), OnnxShapeError, "names 3 axes");
    refuses(einsum("i->i", x), OnnxShapeError, "names 1 axes");
    refuses(einsum("ijk...->i", x), OnnxShapeError, "names 3 axes");
    refuses(einsum("ij,jk->ik", x, x), OnnxShapeError, "3 and 2 elements");
    refuses(einsum("ii->i", x), OnnxShapeError, "sides of 2 and 3");
    refuses(einsum("ii->i", floats([1, 3])), OnnxShapeError, "sides of 1 and 3");
    refuses(einsum("...ij,...jk", floats([2, 2, 3]), floats([3, 2])), OnnxShapeError, "for 0 axes and for 1");
    refuses(einsum("ij->j", booleans([2, 3])), OnnxDtypeError, "BOOL");
    refuses(einsum("i,j,k->ijk", floats([999]), floats([999]), floats([999])), OnnxTooLargeError, "Elements");
    refuses(einsum("bij,bjk->bik", floats([9000, 2, 2]), weights(9000, 2, 2)), OnnxTooLargeError, "Rounds");
  });

  it("bits of numbers that have none, or too many", () => {
    refuses(of("BitwiseAnd", [x, x], {}, whole(1)), OnnxDtypeError, "integer");
    refuses(of("BitwiseOr", [integers([3], 0, 9), booleans([3])], {}, whole(INT64)), OnnxDtypeError, "boolean");
    refuses(
      of("BitwiseXor", [integers([3], 0, 9), integers([3], 0, 9)], {}, whole(INT64)),
      OnnxUnsupportedOpError,
      "8 bits",
    );
    refuses(of("BitwiseNot", [integers([3], 0, 9, UINT64)], {}, whole(UINT64)), OnnxUnsupportedOpError, "Cast");
    const shift = (value: Given, by: Given, direction: string) =>
      of("BitShift", [value, by], { direction }, whole(UINT8));
    refuses(shift(byte([3]), byte([3]), "LEFT"), OnnxUnsupportedOpError, "by a constant");
    refuses(shift(char([3]), bytes([3], INT8), "LEFT"), OnnxUnsupportedOpError, "unsigned");
    refuses(shift(byte([3]), bytes([3], UINT8), "UP"), OnnxAttributeError, "LEFT or RIGHT");
    refuses(shift(byte([3]), bytes([4], UINT8), "LEFT"), OnnxShapeError, "do not broadcast");
  });

  it("windows, norms and sequences without meaning", () => {
    refuses(of("HannWindow", [list(3, 4)]), OnnxShapeError, "one number");
    refuses(of("HannWindow", [fixed([], [-1], INT64)]), OnnxShapeError, "above 0");
    refuses(of("HannWindow", [fixed([], [2 ** 40], INT64)]), OnnxTooLargeError, "Elements");
    refuses(of("HannWindow", [integers([], 1, 9)]), OnnxUnsupportedOpError, "size must be constant");
    refuses(of("HannWindow", [list(3)], { output_datatype: 8 }), OnnxAttributeError, "number type");
    refuses(of("LpNormalization", [x], { p: 3 }), OnnxAttributeError, "1 or 2");
    refuses(of("LpNormalization", [x], { axis: 2 }), OnnxAttributeError, '"axis" is 2');
    refuses(of("LRN", [floats([1, 3, 2, 2])]), OnnxAttributeError, '"size" is 0');
    refuses(of("LRN", [floats([1, 3, 2, 2])], { size: 3, bias: { f: 0 } }), OnnxAttributeError, "above 0");
    refuses(of("MeanVarianceNormalization", [x]), OnnxAttributeError, "axes");
    refuses(of("MeanVarianceNormalization", [x], { axes: [1, -1] }), OnnxAttributeError, "each once");
    refuses(of("RMSNormalization", [x, weights(4)], {}, { opset: 23 }), OnnxShapeError, "do not broadcast");
    refuses(of("RMSNormalization", [x, weights(2, 2, 3)], {}, { opset: 23 }), OnnxShapeError, "does not fit");
    refuses(of("ReverseSequence", [x, list(1, 2)]), OnnxShapeError, "3 sequence lengths");
    refuses(of("ReverseSequence", [x, list(1, 2, 3)]), OnnxShapeError, "from 0 to 2");
    refuses(of("ReverseSequence", [x, list(1, 2)], { batch_axis: 0 }), OnnxAttributeError, "time axis");
    refuses(of("Compress", [x, booleans([2])], { axis: 0 }), OnnxUnsupportedOpError, "condition must be constant");
    refuses(of("Compress", [x, fixed([3], [1, 1, 1], 9)], { axis: 0 }), OnnxShapeError, "3 elements for 2");
    refuses(of("Compress", [x, fixed([2], [0, 0], 9)], { axis: 0 }), OnnxShapeError, "empty");
    refuses(of("CenterCropPad", [x, list(2)], {}, { opset: 18 }), OnnxShapeError, "2 sizes");
    refuses(of("CenterCropPad", [x, list(2, 0)], {}, { opset: 18 }), OnnxShapeError, "above 0");
    refuses(of("CenterCropPad", [x, list(2, 2 ** 50)], {}, { opset: 18 }), OnnxTooLargeError, "Elements");
    refuses(of("CenterCropPad", [x, list(2, 2)], { axes: [1, 1] }, { opset: 18 }), OnnxAttributeError, "once");
  });

  it("quantised layers whose parameters do not fit", () => {
    const matrix = bytes([3, 4], UINT8);
    const four = fixed([4], [1, 2, 3, 4], UINT8);
    refuses(of("MatMulInteger", [square, matrix], {}, whole(INT32)), OnnxDtypeError, "integer");
    refuses(of("MatMulInteger", [byte([2, 3]), matrix, four], {}, whole(INT32)), OnnxShapeError, "do not broadcast");
    refuses(of("MatMulInteger", [byte([3]), matrix, four], {}, whole(INT32)), OnnxShapeError, "does not fit");
    const image = byte([1, 2, 4, 4]);
    refuses(
      of("ConvInteger", [image, byte([2, 2, 3, 3])], {}, whole(INT32)),
      OnnxUnsupportedOpError,
      "weights must be constant",
    );
    const two = fixed([2], [1, 2], UINT8);
    refuses(
      of("ConvInteger", [image, bytes([2, 2, 3, 3], UINT8), two], {}, whole(INT32)),
      OnnxShapeError,
      "does not fit",
    );
    const layer = (scale: Given, result: Given, zero: Given) => {
      const [unit, none] = [fixed([], [0.1]), fixed([], [0], UINT8)];
      return of("QLinearMatMul", [byte([2, 3]), scale, none, matrix, unit, none, result, zero], {}, whole(UINT8));
    };
    const [one, point] = [fixed([], [0.1]), fixed([], [3], UINT8)];
    refuses(layer(fixed([], [0]), one, point), OnnxShapeError, "not above 0");
    refuses(layer(fixed([], [-1]), one, point), OnnxShapeError, "not above 0");
    refuses(layer(floats([]), one, point), OnnxUnsupportedOpError, "must be constant");
    refuses(layer(one, weights(2), point), OnnxShapeError, "above 0");
    refuses(layer(one, fixed([2], [1, 2]), point), OnnxShapeError, "2 elements, not one");
    refuses(layer(one, one, two), OnnxShapeError, "2 elements, not one");
    refuses(layer(one, one, fixed([], [3], INT32)), OnnxUnsupportedOpError, "INT32");
    refuses(layer(fixed([3], [1, 2, 3]), one, point), OnnxShapeError, "do not broadcast");
  });
});
