import { AssayError } from "@assay/sdk";
import { expect } from "chai";

import * as errors from "../../../compiler/src/onnx/errors.ts";
import { importOnnx } from "../../../compiler/src/onnx/import.ts";
import { digitsOnnx } from "../../support/digits.ts";
import { attribute, floatTensor, integerTensor, node, tensor, valueInfo } from "../../support/onnx-builder.ts";
import { argmax, B, gemm, model, refuses, W } from "../../support/onnx-model.ts";

const steps = (bytes: Uint8Array) => importOnnx(bytes).program.steps.map(({ op }) => op);

describe("importOnnx refuses", () => {
  it("a file over the limit, before decoding it", () => {
    const bytes = digitsOnnx();
    expect(() => importOnnx(bytes, { maxBytes: bytes.length - 1 })).to.throw(
      errors.OnnxTooLargeError,
      String(bytes.length),
    );
    expect(() => importOnnx(bytes, { maxBytes: bytes.length })).not.to.throw();
    // Only its length is looked at: the content is no ONNX at all.
    expect(() => importOnnx(new Uint8Array(64 * 1024 * 1024 + 1))).to.throw(errors.OnnxTooLargeError);
  });

  it("a small file that would decode to millions of objects", function () {
    this.timeout(30_000);
    // A graph of 2,621,440 times field 1 (node), of length 0, and of field 13 (value_info).
    const header = [0x08, 0x08, 0x42, 0x02, 0x10, 0x11, 0x3a, 0x80, 0x80, 0xc0, 0x02];
    for (const [tag, what] of [
      [0x0a, "Nodes in the graph"],
      [0x6a, "not weights"],
    ] as const) {
      // prettier-ignore
      const nothing = new Uint8Array(5 * 1024 * 1024);
      for (let at = 0; at < nothing.length; at += 2) nothing[at] = tag;
      refuses(Uint8Array.from([...header, ...nothing]), errors.OnnxTooLargeError, what);
    }
  });

  it("tensors that a few bytes make large", function () {
    this.timeout(30_000);
    const made =
      (...nodes: Record<string, unknown>[]) =>
      (initializers: Record<string, unknown>[]) =>
        model({ nodes, initializers, inputs: [valueInfo("x", [1, 4])], outputs: [valueInfo("y", [1])] });
    const shape = made(node("ConstantOfShape", ["s"], "c"), node("Add", ["x", "c"], "y"));
    refuses(shape([integerTensor("s", [100_000, 100_000])]), errors.OnnxTooLargeError);
    const tile = made(node("Tile", ["x", "s"], "y"));
    refuses(tile([integerTensor("s", [2 ** 30, 2 ** 20])]), errors.OnnxTooLargeError);
    const expand = made(node("Expand", ["x", "s"], "y"));
    refuses(expand([integerTensor("s", [2 ** 30, 1, 4])]), errors.OnnxTooLargeError);
    const pad = made(node("Pad", ["x", "s"], "y"));
    refuses(pad([integerTensor("s", [4_000_000, 4_000_000, 0, 0])]), errors.OnnxTooLargeError);
    const range = made(node("Range", ["a", "b", "d"], "c"), node("Add", ["x", "c"], "y"));
    const [a, b, d] = [["a", 0], ["b", 1e300], ["d", 1e-300]].map(([name, v]) => tensor(name as string, 11, [], [v as number])); // prettier-ignore
    refuses(range([a!, b!, d!]), errors.OnnxTooLargeError);
    const outer = made(node("MatMul", ["u", "v"], "c"), node("Add", ["x", "c"], "y"));
    const ones = (name: string, dims: number[]) => floatTensor(name, dims, new Array<number>(4_000).fill(1));
    refuses(outer([ones("u", [4_000, 1]), ones("v", [1, 4_000])]), errors.OnnxTooLargeError);
    const chain = Array.from({ length: 20 }, (_, k) => node("Exp", [k === 0 ? "big" : `e${k}`], `e${k + 1}`));
    const many = made(node("Expand", ["one", "s"], "big"), ...chain, node("Add", ["x", "e20"], "y"));
    refuses(many([floatTensor("one", [1], [0.1]), integerTensor("s", [4_194_304])]), errors.OnnxTooLargeError, "up to");
  });

  it("a product of constants that would take minutes", function () {
    this.timeout(30_000);
    const nodes = [
      node("Expand", ["one", "s"], "square"),
      node("MatMul", ["square", "square"], "c"),
      node("ReduceSum", ["c"], "t"),
      node("Add", ["x", "t"], "y"),
    ];
    const initializers = [floatTensor("one", [1], [1]), integerTensor("s", [2_048, 2_048])];
    refuses(model({ nodes, initializers, outputs: [valueInfo("y", [1, 4])] }), errors.OnnxTooLargeError, "Products");
  });

  it("a truncated file, wherever it is cut", () => {
    const bytes = digitsOnnx();
    refuses(bytes.slice(0, 5_000), errors.OnnxTruncatedError, "cut off");
    for (let length = 0; length < bytes.length; length += 37) {
      expect(() => importOnnx(bytes.slice(0, length)), `cut at ${length}`).to.throw(AssayError);
    }
  });

  it("what is not ONNX", () => {
    refuses(new Uint8Array(), errors.OnnxFormatError, "empty");
    refuses(new TextEncoder().encode("<html><body>404</body></html>"), errors.OnnxFormatError);
    refuses(Uint8Array.from([0x08, 0x08]), errors.OnnxFormatError, "neither");
  });

  it("operator sets outside 7 to 24, none and two", () => {
    for (const opset of [6, 25, 2 ** 40]) refuses(model({ opset }), errors.OnnxOpsetError, String(opset), "7 to 24");
    refuses(model({ model: { opset_import: [{ domain: "ai.onnx.ml", version: 3 }] } }), errors.OnnxOpsetError, "none");
    const twice = [
      { domain: "", version: 9 },
      { domain: "ai.onnx", version: 21 },
    ];
    refuses(model({ model: { opset_import: twice } }), errors.OnnxOpsetError, "9 and 21");
    for (const opset of [7, 24]) expect(importOnnx(model({ opset })).opset).to.equal(opset);
  });

  it("a model without a graph", () => {
    refuses(model({ nodes: [] }), errors.OnnxGraphMissingError);
    refuses(model({ model: { graph: null } }), errors.OnnxGraphMissingError);
  });

  it("every unsupported operator at once, with node, operator and remedy", () => {
    const nodes = [gemm, node("Loop", ["z"], "p"), node("FancyOp", ["p"], "q", [], "com.acme"), node("Scan", ["q"], "r"), { ...argmax, input: ["r"] }]; // prettier-ignore
    refuses(
      model({ nodes }),
      errors.OnnxUnsupportedOpError,
      '"Loop_p"',
      "without control flow",
      '"FancyOp_q"',
      "com.acme.FancyOp",
      '"Scan_r"',
    );
    try {
      importOnnx(model({ nodes }));
    } catch (error) {
      const found = (error as errors.OnnxUnsupportedOpError).nodes;
      expect(found.map(({ op }) => op)).to.deep.equal(["Loop", "com.acme.FancyOp", "Scan"]);
    }
    // Names that every object has are no operators.
    refuses(model({ nodes: [node("constructor", ["x"], "y")] }), errors.OnnxUnsupportedOpError, "constructor");
  });

  it("a function that gives a known operator another meaning", () => {
    refuses(model({ model: { functions: [{ name: "Gemm", domain: "" }] } }), errors.OnnxUnsupportedOpError, "inlined");
  });

  it("what has no meaning here, naming the node", () => {
    const y = { outputs: [valueInfo("y", [1])] };
    const power = node("Pow", ["k", "x"], "y");
    const base = { initializers: [floatTensor("k", [1], [-2])] };
    refuses(model({ nodes: [power], ...base, ...y }), errors.OnnxUnsupportedOpError, "Pow_y", "above 0");
    const conv = node("ConvTranspose", ["x", "x"], "y");
    refuses(model({ nodes: [conv], inputs: [valueInfo("x", [1, 2, 3])], ...y }), errors.OnnxUnsupportedOpError, "ConvTranspose_y", "constant"); // prettier-ignore
    const reshape = [node("Cast", ["x"], "s", [attribute.integer("to", 7)]), node("Reshape", ["x", "s"], "y")];
    refuses(model({ nodes: reshape, ...y }), errors.OnnxUnsupportedOpError, "Reshape_y", "constant");
    const indices = node("MaxPool", ["x"], ["y", "i"], [attribute.integers("kernel_shape", [2])]);
    refuses(model({ nodes: [indices], inputs: [valueInfo("x", [1, 2, 3])], ...y }), errors.OnnxUnsupportedOpError, '"i"'); // prettier-ignore
    const zero = model({ nodes: [node("Div", ["x", "k"], "y")], initializers: [floatTensor("k", [1], [0])], ...y });
    refuses(zero, errors.OnnxUnsupportedOpError, "Div_y", "constant 0");
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

  it("element types that it does not know, and outputs of another type than is declared", () => {
    refuses(model({ initializers: [{ ...W, data_type: 99 }, B] }), errors.OnnxDtypeError, "number 99");
    refuses(model({ initializers: [{ ...W, data_type: 14 }, B] }), errors.OnnxDtypeError, "COMPLEX64");
    refuses(model({ inputs: [valueInfo("x", [1, 4], 0)] }), errors.OnnxDtypeError, '"x"', "UNDEFINED");
    refuses(model({ outputs: [valueInfo("y", [1], 1)] }), errors.OnnxDtypeError, '"y"', "FLOAT");
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
    const y = valueInfo("y", [1], 7);
    refuses(model({ outputs: [y, y] }), errors.OnnxDuplicateNameError, '"y"');
  });

  it("no inputs or no outputs, and hundreds", () => {
    refuses(model({ inputs: [valueInfo("w", [4, 3])] }), errors.OnnxInterfaceError, "no inputs");
    refuses(model({ outputs: [] }), errors.OnnxInterfaceError, "no outputs");
    const inputs = Array.from({ length: 257 }, (_, k) => valueInfo(k === 0 ? "x" : `x${k}`, [1, 4]));
    refuses(model({ inputs }), errors.OnnxTooLargeError, "inputs", "257");
  });

  it("an impossible number of inputs, and required ones left out", () => {
    refuses(model({ nodes: [node("Gemm", ["x"], "z"), argmax] }), errors.OnnxFormatError, "Gemm_z");
    refuses(model({ nodes: [node("Gemm", ["x", "", "b"], "z"), argmax] }), errors.OnnxFormatError, "Gemm_z");
    refuses(model({ nodes: [node("Relu", ["x", "w"], "z"), argmax] }), errors.OnnxFormatError, "Relu_z");
  });

  it("attributes that are unknown, mistyped or out of range", () => {
    const gemmWith = (...attributes: Record<string, unknown>[]) =>
      model({ nodes: [node("Gemm", ["x", "w", "b"], "z", attributes), argmax] });
    refuses(gemmWith(attribute.integer("transB", 2)), errors.OnnxAttributeError, "transB");
    refuses(gemmWith(attribute.float("alpha", NaN)), errors.OnnxAttributeError, "alpha");
    refuses(gemmWith(attribute.integer("alpha", 1)), errors.OnnxAttributeError, "alpha", "type");
    refuses(gemmWith(attribute.integer("gamma", 1)), errors.OnnxAttributeError, "gamma", "not supported");
    refuses(gemmWith(attribute.float("beta", 1), attribute.float("beta", 2)), errors.OnnxAttributeError, "twice");
    const pool = (...attributes: Record<string, unknown>[]) =>
      model({ nodes: [node("MaxPool", ["x"], "y", attributes)], inputs: [valueInfo("x", [1, 1, 4])] });
    refuses(pool(), errors.OnnxAttributeError, "kernel_shape", "missing");
    refuses(pool(attribute.integers("kernel_shape", [2, 2])), errors.OnnxAttributeError, "kernel_shape");
    refuses(pool(attribute.integers("kernel_shape", [0])), errors.OnnxAttributeError, "kernel_shape");
    refuses(pool(attribute.integers("kernel_shape", [9])), errors.OnnxShapeError, "does not fit");
    const auto = [attribute.integers("kernel_shape", [2]), attribute.string("auto_pad", "SOME")];
    refuses(pool(...auto), errors.OnnxAttributeError, "auto_pad", "SAME_UPPER");
  });

  it("shapes that do not fit", () => {
    refuses(model({ inputs: [valueInfo("x", [1, 5])] }), errors.OnnxShapeError, "Gemm_z", "[1, 5]");
    const reshape = (...shape: number[]) =>
      model({
        nodes: [node("Reshape", ["x", "shape"], "h"), { ...gemm, input: ["h", "w", "b"] }, argmax],
        initializers: [W, B, integerTensor("shape", shape)],
      });
    expect(steps(reshape(0, -1))).to.deep.equal(["dense", "scale", "argmax"]);
    for (const shape of [
      [-1, -1],
      [1, 5],
      [0, 0, 0],
      [3, -1],
      [-2, 2],
    ])
      refuses(reshape(...shape), errors.OnnxShapeError, "Reshape_h");
  });

  it("makes names from the file harmless in messages", () => {
    const nasty = `evil\n\u001b[31m\u202e${"x".repeat(500)}`;
    try {
      importOnnx(model({ nodes: [{ ...node("Loop", ["x"], "y"), name: nasty }] }));
      expect.fail("it was accepted");
    } catch (error) {
      const { message } = error as Error;
      expect(message).not.to.match(/[\u001b\u202e]/);
      expect(message).not.to.contain("\n");
      expect(message.length).to.be.below(400);
    }
  });
});
