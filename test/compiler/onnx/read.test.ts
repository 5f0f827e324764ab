import { AssayError } from "@assay/sdk";
import { expect } from "chai";

import { compileOnnx, readOnnx } from "../../../compiler/src/index.ts";
import * as errors from "../../../compiler/src/onnx/errors.ts";
import { digitsOnnx } from "../../support/digits.ts";
import { attribute, buildModel, floatTensor, integerTensor, node, valueInfo } from "../../support/onnx-builder.ts";
import type { ModelParts } from "../../support/onnx-builder.ts";

const W = floatTensor("w", [4, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const B = floatTensor("b", [3], [1, 2, 3]);
const gemm = node("Gemm", ["x", "w", "b"], "z");
const argmax = node("ArgMax", ["z"], "y", [attribute.integer("axis", 1), attribute.integer("keepdims", 0)]);

/** A sound model with some parts replaced. */
function model(parts: Partial<ModelParts> = {}): Uint8Array {
  return buildModel({ nodes: [gemm, argmax], initializers: [W, B], ...parts });
}

type ErrorClass = abstract new (...args: never[]) => Error;

function refuses(bytes: Uint8Array, kind: ErrorClass, ...words: string[]): void {
  let caught: unknown;
  try {
    readOnnx(bytes);
  } catch (error) {
    caught = error;
  }
  expect(caught, "an error").to.be.instanceOf(kind);
  for (const word of words) expect((caught as Error).message).to.contain(word);
}

describe("readOnnx", () => {
  it("reads the digits model as PyTorch exported it", () => {
    const { nodes, input, output, opset, producer } = readOnnx(digitsOnnx());
    expect(nodes.map(({ op, dims }) => [op, ...dims])).to.deep.equal([
      ["Gemm", 1, 32],
      ["Relu", 1, 32],
      ["Gemm", 1, 10],
      ["ArgMax", 1],
    ]);
    expect(input).to.deep.equal({ name: "pixels", dims: [1, 64] });
    expect(output).to.deep.equal({ name: "label", dims: [1], kind: "label" });
    expect(opset).to.equal(18);
    expect(producer).to.contain("pytorch");
  });

  it("reads weights from raw_data, float_data and Constant nodes alike", () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const typed = { name: "w", dims: [4, 3], data_type: 1, float_data: values };
    const constant = node("Constant", [], "w", [attribute.tensor("value", { ...W, name: "" })]);
    const files = [
      model(),
      model({ initializers: [typed, B] }),
      model({ nodes: [constant, gemm, argmax], initializers: [B] }),
    ];
    for (const bytes of files) {
      const [first] = readOnnx(bytes).nodes;
      expect(first?.op === "Gemm" && Array.from(first.weight.data)).to.deep.equal(values);
    }
  });

  it("takes nodes in any order and ignores those that the output does not need", () => {
    const unused = node("Relu", ["z"], "nobody");
    expect(readOnnx(model({ nodes: [argmax, unused, gemm] })).nodes.map(({ op }) => op)).to.deep.equal([
      "Gemm",
      "ArgMax",
    ]);
  });

  it("takes initializers that are listed as inputs, as before IR version 4", () => {
    const inputs = [valueInfo("x", [1, 4]), valueInfo("w", [4, 3]), valueInfo("b", [3])];
    expect(readOnnx(model({ inputs })).input.name).to.equal("x");
  });

  describe("refuses", () => {
    it("a file over the limit, before decoding it", () => {
      const bytes = digitsOnnx();
      expect(() => readOnnx(bytes, { maxBytes: bytes.length - 1 })).to.throw(
        errors.OnnxTooLargeError,
        String(bytes.length),
      );
      expect(() => readOnnx(bytes, { maxBytes: bytes.length })).not.to.throw();
      // Only its length is looked at: the content is no ONNX at all.
      expect(() => readOnnx(new Uint8Array(64 * 1024 * 1024 + 1))).to.throw(errors.OnnxTooLargeError);
    });

    it("a small file that would decode to millions of objects", () => {
      const nothing = new Uint8Array(3 * 1024 * 1024).fill(0);
      for (let at = 0; at < nothing.length; at += 2) nothing[at] = 0x0a; // field 1 (node), length 0
      const header = Uint8Array.from([0x08, 0x08, 0x42, 0x02, 0x10, 0x11, 0x3a, 0x80, 0x80, 0xc0, 0x01]);
      refuses(Uint8Array.from([...header, ...nothing]), errors.OnnxTooLargeError, "not weights");
      const many = Array.from({ length: 4_097 }, (_, index) => node("Relu", ["x"], `r${index}`));
      refuses(model({ nodes: [gemm, argmax, ...many] }), errors.OnnxTooLargeError, "Nodes in the graph");
    });

    it("a truncated file, wherever it is cut", () => {
      const bytes = digitsOnnx();
      refuses(bytes.slice(0, 5_000), errors.OnnxTruncatedError, "cut off");
      for (let length = 0; length < bytes.length; length += 37) {
        expect(() => readOnnx(bytes.slice(0, length)), `cut at ${length}`).to.throw(AssayError);
      }
    });

    it("what is not ONNX", () => {
      refuses(new Uint8Array(), errors.OnnxFormatError, "empty");
      refuses(new TextEncoder().encode("<html><body>404</body></html>"), errors.OnnxFormatError);
      refuses(Uint8Array.from([0x08, 0x08]), errors.OnnxFormatError, "neither");
    });

    it("operator sets outside 9 to 21, none and two", () => {
      for (const opset of [8, 22, 2 ** 40]) refuses(model({ opset }), errors.OnnxOpsetError, String(opset), "9 to 21");
      refuses(
        model({ model: { opset_import: [{ domain: "ai.onnx.ml", version: 3 }] } }),
        errors.OnnxOpsetError,
        "none",
      );
      const twice = [
        { domain: "", version: 9 },
        { domain: "ai.onnx", version: 21 },
      ];
      refuses(model({ model: { opset_import: twice } }), errors.OnnxOpsetError, "9 and 21");
      for (const opset of [9, 21]) expect(readOnnx(model({ opset })).opset).to.equal(opset);
    });

    it("a model without a graph", () => {
      refuses(model({ nodes: [] }), errors.OnnxGraphMissingError);
      refuses(model({ model: { graph: null } }), errors.OnnxGraphMissingError);
    });

    it("every unsupported operator at once, with node, operator and remedy", () => {
      const nodes = [gemm, node("Softmax", ["z"], "p"), node("FancyOp", ["p"], "q", [], "com.acme"), argmax];
      refuses(
        model({ nodes }),
        errors.OnnxUnsupportedOpError,
        '"Softmax_p"',
        "remove it",
        '"FancyOp_q"',
        "com.acme.FancyOp",
      );
      try {
        readOnnx(model({ nodes }));
      } catch (error) {
        const found = (error as errors.OnnxUnsupportedOpError).nodes;
        expect(found.map(({ op }) => op)).to.deep.equal(["Softmax", "com.acme.FancyOp"]);
      }
    });

    it("a function that gives a known operator another meaning", () => {
      refuses(
        model({ model: { functions: [{ name: "Gemm", domain: "" }] } }),
        errors.OnnxUnsupportedOpError,
        "inlined",
      );
    });

    it("activations where constants are needed, and computing after ArgMax", () => {
      const residual = [node("Add", ["x", "x"], "d"), node("Gemm", ["d", "w", "b"], "z"), argmax];
      refuses(model({ nodes: residual }), errors.OnnxUnsupportedOpError, "Add_d", "constant");
      const swapped = [node("MatMul", ["w", "x"], "z"), argmax];
      refuses(model({ nodes: swapped }), errors.OnnxUnsupportedOpError, "MatMul_z");
      refuses(
        model({ nodes: [gemm, { ...argmax, output: ["i"] }, node("Relu", ["i"], "y")] }),
        errors.OnnxUnsupportedOpError,
        "last",
      );
    });

    it("dynamic shapes, naming input and dimension", () => {
      const dynamic = (dims: (number | string | null)[]) => model({ inputs: [valueInfo("x", dims)] });
      refuses(dynamic(["batch", 4]), errors.OnnxDynamicShapeError, '"x"', "dimension 0", '"batch"', "batch size of 1");
      refuses(dynamic([1, null]), errors.OnnxDynamicShapeError, "dimension 1");
      refuses(dynamic([1, 0]), errors.OnnxDynamicShapeError, "dimension 1");
      const shapeless = { name: "x", type: { tensor_type: { elem_type: 1 } } };
      refuses(model({ inputs: [shapeless] }), errors.OnnxDynamicShapeError, "not given");
    });

    it("NaN and infinite weights, naming initializer and index", () => {
      for (const [bad, index] of [
        [NaN, 7],
        [Infinity, 0],
        [-Infinity, 11],
      ] as const) {
        const values = Array.from({ length: 12 }, (_, at) => (at === index ? bad : 1));
        refuses(
          model({ initializers: [floatTensor("w", [4, 3], values), B] }),
          errors.OnnxWeightError,
          '"w"',
          `index ${index}`,
        );
      }
    });

    it("weights and inputs of other types", () => {
      const half = { ...W, data_type: 10, raw_data: new Uint8Array(24) };
      refuses(model({ initializers: [half, B] }), errors.OnnxDtypeError, '"w"', "FLOAT16");
      refuses(model({ initializers: [{ ...W, data_type: 99 }, B] }), errors.OnnxDtypeError, "number 99");
      refuses(model({ inputs: [valueInfo("x", [1, 4], 7)] }), errors.OnnxDtypeError, '"x"', "INT64");
      refuses(model({ outputs: [valueInfo("y", [1], 1)] }), errors.OnnxDtypeError, '"y"');
    });

    it("data that does not fit its shape", () => {
      const short = { ...W, raw_data: new Uint8Array(44) };
      refuses(model({ initializers: [short, B] }), errors.OnnxDataLengthError, '"w"', "48 bytes", "44");
      const both = { ...W, float_data: [1] };
      refuses(model({ initializers: [both, B] }), errors.OnnxDataLengthError, "two encodings");
      const few = { name: "w", dims: [4, 3], data_type: 1, float_data: [1, 2] };
      refuses(model({ initializers: [few, B] }), errors.OnnxDataLengthError, "12 elements", "2");
      refuses(model({ initializers: [{ ...W, dims: [2 ** 31, 2 ** 31] }, B] }), errors.OnnxTooLargeError, '"w"');
      refuses(model({ initializers: [{ ...W, dims: [-4, -3] }, B] }), errors.OnnxShapeError, '"w"');
    });

    it("weights in another file", () => {
      const external = {
        name: "w",
        dims: [4, 3],
        data_type: 1,
        data_location: 1,
        external_data: [{ key: "location", value: "/etc/passwd" }],
      };
      refuses(model({ initializers: [external, B] }), errors.OnnxExternalDataError, '"w"', "never opened");
    });

    it("dangling edges, cycles and names given twice", () => {
      refuses(
        model({ nodes: [node("Gemm", ["x", "w", "gone"], "z"), argmax] }),
        errors.OnnxDanglingEdgeError,
        "Gemm_z",
        '"gone"',
      );
      refuses(model({ outputs: [valueInfo("gone", [1], 7)] }), errors.OnnxDanglingEdgeError, '"gone"');
      const cycle = [node("Relu", ["c"], "a"), node("Relu", ["a"], "c"), node("Gemm", ["a", "w", "b"], "z"), argmax];
      refuses(model({ nodes: cycle }), errors.OnnxCycleError, "Relu_a", "Relu_c");
      refuses(model({ nodes: [gemm, node("Relu", ["x"], "z"), argmax] }), errors.OnnxDuplicateNameError, '"z"');
      refuses(model({ initializers: [W, B, W] }), errors.OnnxDuplicateNameError, '"w"');
      refuses(model({ nodes: [gemm, argmax, node("Relu", ["z"], "x")] }), errors.OnnxDuplicateNameError, '"x"');
    });

    it("more or fewer than one input or output", () => {
      refuses(model({ inputs: [valueInfo("x", [1, 4]), valueInfo("x2", [1])] }), errors.OnnxInterfaceError, '"x2"');
      refuses(model({ inputs: [valueInfo("w", [4, 3])] }), errors.OnnxInterfaceError, "0 inputs");
      refuses(model({ outputs: [valueInfo("y", [1], 7), valueInfo("z", [1, 3])] }), errors.OnnxInterfaceError, '"z"');
    });

    it("attributes that change the meaning", () => {
      const gemmWith = (...attributes: Record<string, unknown>[]) =>
        model({ nodes: [node("Gemm", ["x", "w", "b"], "z", attributes), argmax] });
      refuses(gemmWith(attribute.integer("transA", 1)), errors.OnnxAttributeError, "Gemm_z", "transA");
      refuses(gemmWith(attribute.integer("transB", 2)), errors.OnnxAttributeError, "transB");
      refuses(gemmWith(attribute.float("alpha", NaN)), errors.OnnxAttributeError, "alpha");
      refuses(gemmWith(attribute.integer("alpha", 1)), errors.OnnxAttributeError, "alpha", "type");
      refuses(gemmWith(attribute.integer("gamma", 1)), errors.OnnxAttributeError, "gamma", "not supported");
      refuses(gemmWith(attribute.float("beta", 1), attribute.float("beta", 2)), errors.OnnxAttributeError, "twice");
      const argmaxWith = (...attributes: Record<string, unknown>[]) =>
        model({ nodes: [gemm, node("ArgMax", ["z"], "y", attributes)] });
      const last = attribute.integer("select_last_index", 1);
      refuses(argmaxWith(attribute.integer("axis", 1), last), errors.OnnxAttributeError, "select_last_index");
      refuses(argmaxWith(attribute.integer("axis", 0)), errors.OnnxAttributeError, "axis", "classes");
      refuses(argmaxWith(attribute.integer("axis", 2)), errors.OnnxAttributeError, "axis");
    });

    it("shapes that do not fit", () => {
      refuses(model({ inputs: [valueInfo("x", [1, 5])] }), errors.OnnxShapeError, "Gemm_z", "[1, 5]");
      refuses(model({ inputs: [valueInfo("x", [2, 4])] }), errors.OnnxShapeError, "Gemm_z", "batch size");
      refuses(
        model({
          nodes: [node("Add", ["x", "wide"], "h"), { ...gemm, input: ["h", "w", "b"] }, argmax],
          initializers: [W, B, floatTensor("wide", [4, 1], [1, 2, 3, 4])],
        }),
        errors.OnnxShapeError,
        "larger",
      );
      const reshape = (...shape: number[]) =>
        model({
          nodes: [node("Reshape", ["x", "shape"], "h"), { ...gemm, input: ["h", "w", "b"] }, argmax],
          initializers: [W, B, integerTensor("shape", shape)],
        });
      expect(readOnnx(reshape(0, -1)).nodes[0]?.dims).to.deep.equal([1, 4]);
      expect(readOnnx(reshape(-1, 4)).nodes[0]?.dims).to.deep.equal([1, 4]);
      for (const shape of [
        [-1, -1],
        [1, 5],
        [0, 0, 0],
        [3, -1],
        [-2, 2],
      ])
        refuses(reshape(...shape), errors.OnnxShapeError, "Reshape_h");
    });
  });

  it("makes names from the file harmless in messages", () => {
    const nasty = `evil\n\u001b[31m\u202e${"x".repeat(500)}`;
    try {
      readOnnx(model({ nodes: [{ ...node("Softmax", ["x"], "y"), name: nasty }] }));
      expect.fail("it was accepted");
    } catch (error) {
      const { message } = error as Error;
      expect(message).not.to.match(/[\u001b\u202e]/);
      expect(message.split("\n")).to.have.length(2);
      expect(message.length).to.be.below(400);
    }
  });

  it("gives compileOnnx the same refusals", () => {
    expect(() => compileOnnx(digitsOnnx().slice(0, 5_000), { calibration: [] })).to.throw(errors.OnnxTruncatedError);
  });
});
