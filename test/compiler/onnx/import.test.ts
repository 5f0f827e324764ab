import { expect } from "chai";

import * as errors from "../../../compiler/src/onnx/errors.ts";
import { importOnnx, type ImportOptions } from "../../../compiler/src/onnx/import.ts";
import { runProgram } from "../../../compiler/src/program/run.ts";
import { digitsOnnx } from "../../support/digits.ts";
import { attribute, floatTensor, integerTensor, node, tensor, valueInfo } from "../../support/onnx-builder.ts";
import { argmax, B, gemm, model, refuses, refusesWith, VALUES, W } from "../../support/onnx-model.ts";

/** What the program makes of an input, output by output. */
function outputs(bytes: Uint8Array, ...inputs: readonly (readonly number[])[]): number[][] {
  const { program } = importOnnx(bytes);
  const elements = runProgram(program, inputs);
  return program.outputs.map(({ value }) => [...(value.constant ?? elements.get(value.id) ?? [])]);
}

const steps = (bytes: Uint8Array) => importOnnx(bytes).program.steps.map(({ op }) => op);

describe("importOnnx", () => {
  it("reads the digits model as PyTorch exported it", () => {
    const { program, opset, producer, bound } = importOnnx(digitsOnnx());
    expect(program.steps.map(({ op }) => op)).to.deep.equal(["dense", "scale", "clamp", "dense", "scale", "argmax"]);
    expect(program.inputs.map(({ name, value }) => [name, value.type, ...value.dims])).to.deep.equal([
      ["pixels", "real", 1, 64],
    ]);
    expect(program.outputs.map(({ name, value }) => [name, value.type, ...value.dims])).to.deep.equal([
      ["label", "integer", 1],
    ]);
    expect(opset).to.equal(18);
    expect(producer).to.contain("pytorch");
    expect(bound).to.deep.equal({});
  });

  it("reads weights from raw_data, float_data and Constant nodes alike", () => {
    const typed = { name: "w", dims: [4, 3], data_type: 1, float_data: VALUES };
    const constant = node("Constant", [], "w", [attribute.tensor("value", { ...W, name: "" })]);
    const files = [
      model(),
      model({ initializers: [typed, B] }),
      model({ nodes: [constant, gemm, argmax], initializers: [B] }),
    ];
    for (const bytes of files) {
      const [first] = importOnnx(bytes).program.steps;
      const rows = first?.op === "dense" ? first.weights.map((row) => [...row]) : [];
      expect(rows).to.deep.equal([[1, 4, 7, 10], [2, 5, 8, 11], [3, 6, 9, 12]]); // prettier-ignore
    }
  });

  describe("reads constants of type", () => {
    /** x (float) + the constant, cast to float. */
    const plus = (constant: Record<string, unknown>, count: number) =>
      model({
        nodes: [node("Cast", ["c"], "f", [attribute.integer("to", 1)]), node("Add", ["x", "f"], "y")],
        initializers: [constant],
        inputs: [valueInfo("x", [count])],
        outputs: [valueInfo("y", [count])],
      });
    const holds = (constant: Record<string, unknown>, ...expected: number[]) =>
      expect(outputs(plus({ name: "c", dims: [expected.length], ...constant }, expected.length), expected.map(() => 0))[0]).to.deep.equal(expected); // prettier-ignore

    for (const [name, type, values] of [
      ["DOUBLE", 11, [0.1, -2]],
      ["INT8", 3, [-128, 127]],
      ["UINT8", 2, [0, 255]],
      ["INT16", 5, [-32_768, 32_767]],
      ["UINT16", 4, [0, 65_535]],
      ["INT32", 6, [-(2 ** 31), 2 ** 31 - 1]],
      ["UINT32", 12, [0, 2 ** 32 - 1]],
      ["INT64", 7, [-(2 ** 53 - 1), 2 ** 53 - 1]],
      ["UINT64", 13, [0, 2 ** 53 - 1]],
      ["BOOL", 9, [0, 1]],
    ] as const) {
      it(`${name}, raw`, () => {
        holds(tensor("c", type, [2], values), ...values);
      });
    }

    it("FLOAT16 and BFLOAT16, raw and typed, with subnormals", () => {
      const halves = [0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff, 0x8000];
      const values = [1, -2, 0.333251953125, 2 ** -24, 65_504, 0];
      holds({ data_type: 10, raw_data: new Uint8Array(Uint16Array.from(halves).buffer) }, ...values);
      holds({ data_type: 10, int32_data: halves }, ...values);
      holds({ data_type: 16, int32_data: [0x3f80, 0xc040] }, 1, -3);
      refuses(plus({ name: "c", dims: [1], data_type: 10, int32_data: [0x7e00] }, 1), errors.OnnxWeightError);
    });

    it("infinities, which are masks, as the greatest floats", () => {
      const greatest = (2 - 2 ** -23) * 2 ** 127;
      holds(tensor("c", 1, [3], [-Infinity, 1, Infinity]), -greatest, 1, greatest);
      holds({ data_type: 10, int32_data: [0xfc00] }, -greatest);
    });

    it("integers at both ends of 64 bits, which mean to the end", () => {
      const ends = (values: readonly bigint[]) => new Uint8Array(BigInt64Array.from(values).buffer);
      const [least, most] = [-(2n ** 63n) + 1n, 2n ** 63n - 2n];
      holds({ data_type: 7, raw_data: ends([least, most]) }, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      const between = { name: "c", dims: [1], data_type: 7, raw_data: ends([2n ** 62n]) };
      refuses(plus(between, 1), errors.OnnxWeightError, "4611686018427387904");
    });

    it("every other, from its typed field", () => {
      holds({ data_type: 11, double_data: [0.1, -2] }, 0.1, -2);
      holds({ data_type: 7, int64_data: [-5, 6] }, -5, 6);
      holds({ data_type: 3, int32_data: [-5, 6] }, -5, 6);
      holds({ data_type: 12, uint64_data: [5, 6] }, 5, 6);
      holds({ data_type: 9, int32_data: [1, 0] }, 1, 0);
      refuses(plus({ name: "c", dims: [1], data_type: 3, int32_data: [300] }, 1), errors.OnnxWeightError, "300");
    });

    it("INT64 beyond 2^53 only where it stands for the end", () => {
      const ends = (value: bigint) =>
        model({
          nodes: [node("Slice", ["x", "s", "e"], "y")],
          initializers: [
            integerTensor("s", [1]),
            { name: "e", dims: [1], data_type: 7, raw_data: new Uint8Array(BigInt64Array.of(value).buffer) },
          ],
          inputs: [valueInfo("x", [4])],
          outputs: [valueInfo("y", [3])],
        });
      expect(outputs(ends(2n ** 63n - 1n), [1, 2, 3, 4])).to.deep.equal([[2, 3, 4]]);
      refuses(ends(2n ** 62n), errors.OnnxWeightError, '"e"', String(2n ** 62n));
    });

    it("STRING never, by name", () => {
      refuses(plus({ name: "c", dims: [1], data_type: 8, string_data: [Uint8Array.of(65)] }, 1), errors.OnnxDtypeError, '"c"', "STRING"); // prettier-ignore
      refuses(model({ inputs: [valueInfo("x", [1, 4], 8)] }), errors.OnnxDtypeError, '"x"', "STRING");
    });
  });

  it("takes nodes in any order and ignores those that the outputs do not need, whatever they are", () => {
    const unused = [node("Relu", ["z"], "nobody"), node("FancyOp", ["z"], "nothing")];
    expect(steps(model({ nodes: [argmax, ...unused, gemm] }))).to.deep.equal(["dense", "scale", "argmax"]);
  });

  it("takes initializers that are listed as inputs, as before IR version 4", () => {
    const inputs = [valueInfo("x", [1, 4]), valueInfo("w", [4, 3]), valueInfo("b", [3])];
    expect(importOnnx(model({ inputs })).program.inputs.map(({ name }) => name)).to.deep.equal(["x"]);
  });

  it("takes several inputs and outputs of any type, one an input itself and one a constant", () => {
    const bytes = model({
      nodes: [node("Add", ["x", "i"], "sum"), node("Not", ["p"], "q"), node("Identity", ["k"], "c")],
      initializers: [floatTensor("k", [1], [7])],
      inputs: [valueInfo("x", [2], 6), valueInfo("i", [2], 6), valueInfo("p", [2], 9)],
      outputs: [valueInfo("sum", [2], 6), valueInfo("q", [2], 9), valueInfo("x", [2], 6), valueInfo("c", [1])],
    });
    const { program } = importOnnx(bytes);
    expect(program.inputs.map(({ value }) => value.type)).to.deep.equal(["integer", "integer", "boolean"]);
    expect(outputs(bytes, [1, 2], [10, -20], [1, 0])).to.deep.equal([[11, -18], [0, 1], [1, 2], [7]]);
  });

  it("computes what follows from shapes and constants alone", () => {
    const bytes = model({
      nodes: [
        node("Shape", ["x"], "shape"),
        node("Gather", ["shape", "zero"], "rows"),
        node("Unsqueeze", ["rows", "zeros"], "listed"),
        node("Concat", ["listed", "rest"], "target", [attribute.integer("axis", 0)]),
        node("Reshape", ["x", "target"], "y"),
      ],
      initializers: [tensor("zero", 7, [], [0]), integerTensor("zeros", [0]), integerTensor("rest", [2, -1])],
      outputs: [valueInfo("y", [1, 2, 2])],
    });
    const { program } = importOnnx(bytes);
    expect(program.steps).to.have.length(0);
    expect(program.outputs[0]?.value.dims).to.deep.equal([1, 2, 2]);
  });

  describe("binds open dimensions", () => {
    const open = (...inputs: (readonly [string, (number | string | null)[]])[]) =>
      model({
        nodes: [node("Relu", [inputs.at(-1)![0]], "y")],
        inputs: inputs.map(([name, dims]) => valueInfo(name, dims)),
        outputs: [valueInfo("y", ["any"])],
      });
    const dims = (bytes: Uint8Array, options: ImportOptions = {}) => {
      const { program, bound } = importOnnx(bytes, options);
      return [program.inputs.map(({ value }) => value.dims), bound];
    };

    it("on axis 0 to 1, and elsewhere under the same name", () => {
      expect(dims(open(["x", ["batch", 4]]))).to.deep.equal([[[1, 4]], { batch: 1 }]);
      expect(dims(open(["x", [3, "n"]], ["z", ["n", 4]]))).to.deep.equal([[[3, 1], [1, 4]], { n: 1 }]); // prettier-ignore
      expect(dims(open(["x", [null, 4]]))).to.deep.equal([[[1, 4]], { "x.0": 1 }]);
      for (const unknown of [0, -1]) expect(dims(open(["x", [unknown, 4]]))).to.deep.equal([[[1, 4]], { "x.0": 1 }]);
    });

    it("to what is given", () => {
      const bytes = open(["x", ["batch", "n", null]]);
      const given = { batch: 2, n: 5, "x.2": 3 };
      expect(dims(bytes, { dims: given })).to.deep.equal([[[2, 5, 3]], given]);
    });

    it("or refuses them by name", () => {
      refuses(open(["x", [1, "length"]]), errors.OnnxDynamicShapeError, '"x"', "dimension 1", '--dim "length=N"');
      refuses(open(["x", [1, null]]), errors.OnnxDynamicShapeError, "dimension 1", '--dim "x.1=N"');
      refuses(open(["x", [1, -1]]), errors.OnnxDynamicShapeError, "dimension 1", '--dim "x.1=N"');
      refuses(open(["x", [1, -5]]), errors.OnnxDynamicShapeError, "dimension 1", "-5");
      refuses(open(["x", [1, "__proto__"]]), errors.OnnxDynamicShapeError, '--dim "__proto__=N"');
      const shapeless = { name: "x", type: { tensor_type: { elem_type: 1 } } };
      refuses(model({ inputs: [shapeless] }), errors.OnnxDynamicShapeError, "not given");
    });

    it("and refuses sizes that fit nothing", () => {
      const bytes = open(["x", ["batch", 4]]);
      refusesWith(bytes, { dims: { bacth: 2 } }, errors.OnnxInterfaceError, '"bacth"', '"batch"');
      for (const batch of [0, -1, 1.5, NaN, Infinity]) {
        refusesWith(bytes, { dims: { batch } }, errors.OnnxInterfaceError, '"batch"');
      }
      refusesWith(bytes, { dims: { batch: 2 ** 40 } }, errors.OnnxTooLargeError, '"x"');
    });
  });

  it("divides by what may be negative with its sign, and by what cannot be without", () => {
    const divide = (...nodes: Record<string, unknown>[]) =>
      model({
        nodes,
        inputs: [valueInfo("x", [3]), valueInfo("d", [3])],
        outputs: [valueInfo("y", [3])],
      });
    const plain = divide(node("Div", ["x", "d"], "y"));
    expect(outputs(plain, [6, 6, 0], [-2, 3, 0])).to.deep.equal([[-3, 2, 0]]);
    const positive = divide(node("Exp", ["d"], "e"), node("Div", ["x", "e"], "y"));
    expect(steps(positive)).to.deep.equal(["table", "divide"]);
    const square = divide(node("Mul", ["d", "d"], "e"), node("ReduceSum", ["e"], "s"), node("Div", ["x", "s"], "y"));
    expect(steps(square).filter((op) => op === "table")).to.deep.equal([]);
    // It lets numbers from -5 up through.
    const threshold = node("ThresholdedRelu", ["d"], "e", [attribute.float("alpha", -5)]);
    expect(outputs(divide(threshold, node("Div", ["x", "e"], "y")), [6, 6, 1], [-2, 3, 1])).to.deep.equal([[-3, 2, 1]]);
  });
});
