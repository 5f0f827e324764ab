import { expect } from "chai";

import {
  AccumulatorOverflowError,
  GraphFormatError,
  GraphInvalidError,
  LayerTooLargeError,
} from "../../../compiler/src/graph/errors.ts";
import { parseGraph, serialiseGraph } from "../../../compiler/src/graph/serialise.ts";
import type { IntegerGraph, IntegerNode } from "../../../compiler/src/graph/types.ts";
import { verifyGraph } from "../../../compiler/src/graph/verify.ts";
import { graphOf, interval } from "../../support/graphs.ts";
import { tensor } from "../../support/random-graphs.ts";

type Json = Record<string, unknown>;

const shape = {
  channels: 2,
  size: [2, 3],
  outputs: 2,
  kernel: [2, 2],
  strides: [1, 1],
  pads: [0, 0, 0, 1],
  dilations: [1, 1],
  groups: 1,
} as const;
const filled = (length: number, value: number): number[] => Array.from({ length }, () => value);

/** One node of every op, so that each field can be broken; places in `nodes` by op. */
const nodes: readonly IntegerNode[] = [
  { op: "dense", name: "dense", input: "x", output: "a", rows: 2, weights: [filled(6, 1)], bias: [1] },
  { op: "conv", name: "conv", input: "x", output: "b", shape, weights: filled(16, 2), bias: [0, 1] },
  { op: "gather", name: "gather", inputs: ["x", "b"], output: "c", constants: [5], index: [0, 1, 18, 3] },
  { op: "linear", name: "linear", inputs: ["c", "c"], output: "d", factors: [1, 2], offset: 3 },
  { op: "scale", name: "scale", input: "d", output: "e", factors: filled(4, 2), offsets: filled(4, 1) },
  { op: "sum", name: "sum", input: "e", output: "f", width: 2 },
  { op: "requantise", name: "requantise", input: "e", output: "g", shift: 2, clamp: interval(1, 9) },
  { op: "lookup", name: "lookup", input: "g", output: "h", min: 0, table: filled(11, 4) },
  { op: "divide", name: "divide", left: "h", right: "g", output: "i" },
  { op: "matmul", name: "matmul", left: "g", right: "g", output: "j", batch: 1, m: 2, k: 2, n: 2 },
  { op: "onehot", name: "onehot", input: "g", output: "k", size: 10 },
  {
    op: "gather",
    name: "last",
    inputs: ["a", "f", "i", "j", "k"],
    output: "y",
    constants: [],
    index: [0, 2, 4, 9, 13],
  },
];

function whole(): IntegerGraph {
  return graphOf("whole", tensor("x", "u8", [12], 0n, 3n), nodes);
}

/** The graph as JSON with the value at `path` replaced, where a node goes by its name; undefined removes the value. */
function changed(path: string, value: unknown): string {
  const root = JSON.parse(serialiseGraph(whole())) as Json;
  const keys = path.split(".");
  const last = keys.pop() as string;
  const parent = keys.reduce<Json>((at, key) => {
    const named = Array.isArray(at) ? (at as Json[]).find(({ name }) => name === key) : undefined;
    return named ?? (at[key] as Json);
  }, root);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return JSON.stringify(root);
}

const malformed: readonly (readonly [path: string, value: unknown, where?: string])[] = [
  ["format", "assay.graph/1"],
  ["inputParts", []],
  ["inputParts", undefined],
  ["outputParts", filled(257, 0).map((_, at) => ({ name: `p${at}`, dims: [1] }))],
  ["inputParts.x.name", ""],
  ["inputParts.x.name", "\udc00"],
  ["inputParts.x.dims", [-1]],
  ["inputParts.x.dims", [0]],
  ["inputParts.x.dims", [2 ** 20, 2 ** 20]],
  ["inputParts.x.dims", filled(9, 1)],
  ["input.dims", []],
  ["input.dims", [2 ** 30]],
  ["nodes.dense.op", "pow"],
  ["nodes.dense.bounds", []],
  ["nodes.dense.rows", 0],
  ["nodes.dense.rows", undefined],
  ["nodes.dense.weights", [[1], "11"], "weights.1"],
  ["nodes.dense.weights", [[1, 2 ** 24]], "nodes.0.weights.0.1"],
  ["nodes.dense.weights", [[1, 0.5]], "nodes.0.weights.0.1"],
  ["nodes.dense.weights", [[1, "2"]], "nodes.0.weights.0.1"],
  ["nodes.dense.bias", { length: 1 }],
  ["nodes.conv.shape.kernel", [1]],
  ["nodes.conv.shape.kernel", [1, 1, 1]],
  ["nodes.conv.shape.pads", [0, 0, 0, -1]],
  ["nodes.conv.shape.strides", [0, 1]],
  ["nodes.conv.shape.dilations", [1, 2 ** 31]],
  ["nodes.conv.shape.groups", 1.5],
  ["nodes.conv.shape.mode", "same"],
  ["nodes.gather.index", [0, -1]],
  ["nodes.gather.index", [0, 2 ** 25]],
  ["nodes.gather.index", filled(2 ** 20 + 1, 0)],
  ["nodes.gather.inputs", "x"],
  ["nodes.gather.inputs", ["x y"]],
  ["nodes.gather.constants", [null]],
  ["nodes.linear.factors", [2 ** 24]],
  ["nodes.linear.offset", "3"],
  ["nodes.linear.input", "x"],
  ["nodes.scale.offsets", [1e300]],
  ["nodes.sum.width", 0],
  ["nodes.requantise.shift", 24],
  ["nodes.requantise.clamp.min", 1],
  ["nodes.lookup.min", 0.5],
  ["nodes.lookup.table", filled(2 ** 18 + 1, 0)],
  ["nodes.divide.left", ["h"]],
  ["nodes.divide.input", "h"],
  ["nodes.matmul.k", 2 ** 21],
  ["nodes.onehot.size", -1],
  ["widths.a", 2 ** 21],
  ["widths", Object.fromEntries(filled(17, 0).map((_, at) => [`w${at}`, 2 ** 20])), "too many elements"],
];

const wrong: readonly (readonly [path: string, value: unknown, where: string])[] = [
  ["inputParts.x.dims", [11], "inputParts"],
  ["outputParts.y.dims", [1, 6], "outputParts"],
  [
    "inputParts",
    [
      { name: "p", dims: [6] },
      { name: "p", dims: [6] },
    ],
    "inputParts",
  ],
  ["input.range.max", "300", "input.range"],
  ["nodes.dense.rows", 5, "nodes.dense.rows"],
  ["nodes.dense.rows", 3, "nodes.dense.weights.0"],
  ["nodes.dense.bias", [], "nodes.dense.bias"],
  ["nodes.dense.weights", [[]], "nodes.dense.weights.0"],
  ["nodes.conv.shape.channels", 3, "nodes.conv.input"],
  ["nodes.conv.shape.groups", 3, "nodes.conv.shape.groups"],
  ["nodes.conv.shape.groups", 2, "nodes.conv.weights"],
  ["nodes.conv.shape.dilations", [2, 1], "nodes.conv.shape"],
  ["nodes.conv.bias", [0], "nodes.conv.bias"],
  ["nodes.gather.index", [25], "nodes.gather.index.0"],
  ["nodes.gather.index", [], "nodes.gather"],
  ["nodes.gather.inputs", ["x", "y"], "nodes.gather.input"],
  ["nodes.gather.inputs", ["x", "c"], "nodes.gather.input"],
  ["nodes.linear.inputs", [], "nodes.linear.inputs"],
  ["nodes.linear.inputs", ["c", "x"], "nodes.linear.inputs.1"],
  ["nodes.linear.factors", [1], "nodes.linear.factors"],
  ["nodes.scale.factors", [1], "nodes.scale.factors"],
  ["nodes.scale.offsets", [1], "nodes.scale.offsets"],
  ["nodes.sum.width", 3, "nodes.sum.width"],
  ["nodes.requantise.clamp", { min: "9", max: "1" }, "nodes.requantise.clamp"],
  ["nodes.lookup.table", [1], "nodes.lookup.table"],
  ["nodes.lookup.table", [], "nodes.lookup.table.length"],
  ["nodes.divide.right", "f", "nodes.divide.right"],
  ["nodes.divide.right", "c", "nodes.divide.right"],
  ["nodes.matmul.k", 3, "nodes.matmul.left"],
  ["nodes.matmul.n", 3, "nodes.matmul.right"],
  ["nodes.onehot.size", 9, "nodes.onehot.size"],
  ["nodes.onehot.name", "matmul", "nodes.matmul"],
  ["nodes.onehot.output", "x", "nodes.onehot.output"],
  ["nodes.scale.factors", [2, 2, 2, 1], "ranges.e"],
  ["output.name", "x", "output.name"],
  ["output.name", "a", "output.dims"],
];

describe("parseGraph on hostile graphs of every op", () => {
  it("takes the graph that the others are made from", () => {
    expect(parseGraph(serialiseGraph(whole()))).to.deep.equal(whole());
  });

  for (const [path, value, where = path.split(".").at(-1)!] of malformed) {
    it(`refuses ${path} = ${JSON.stringify(value)?.slice(0, 40) ?? "nothing"} as malformed`, () => {
      const text = changed(path, value);
      expect(() => parseGraph(text))
        .to.throw(GraphFormatError)
        .with.property("message")
        .that.contains(where);
    });
  }

  for (const [path, value, where] of wrong) {
    it(`refuses ${path} = ${JSON.stringify(value).slice(0, 40)}, because something else follows`, () => {
      const text = changed(path, value);
      expect(() => parseGraph(text))
        .to.throw(GraphInvalidError)
        .with.property("message")
        .that.contains(`at ${where}:`);
    });
  }

  it("refuses negative zero, wherever there are integers", () => {
    for (const field of ['"offset":', '"bias":[', '"index":[', '"table":[']) {
      const text = serialiseGraph(whole());
      const at = text.indexOf(field) + field.length;
      expect(() => parseGraph(`${text.slice(0, at)}-0${text.slice(at).replace(/^\d+/, "")}`), field).to.throw(
        GraphFormatError,
      );
    }
  });

  const size = 2 ** 20;
  const wide = (bodies: readonly object[], width = size): string => {
    const spec = { ...tensor("x", "u8", [width], 0n, 1n), range: { min: "0", max: "1" } };
    const made = bodies.map((body, at) => ({ name: `n${at}`, output: `t${at}`, ...body }));
    const parts = [{ name: "p", dims: [1] }];
    return JSON.stringify({
      format: "assay.graph/2",
      name: "wide",
      input: spec,
      output: { ...spec, name: "t0" },
      inputParts: parts,
      outputParts: parts,
      nodes: made,
      widths: {},
      ranges: {},
    });
  };
  const image = { ...shape, channels: 1, outputs: 1, kernel: [1, 1], pads: [0, 0, 0, 0] };
  const large: readonly (readonly [string, string])[] = [
    ["a onehot of 2^40 elements", wide([{ op: "onehot", input: "x", size }])],
    ["a product of 2^40 elements", wide([{ op: "matmul", left: "x", right: "x", batch: 1, m: size, k: 1, n: size }])],
    [
      "two products of 2^30 products each",
      wide(
        Array.from({ length: 2 }, () => ({ op: "matmul", left: "x", right: "x", batch: 1, m: 1024, k: 1024, n: 1024 })),
      ),
    ],
    [
      "a convolution of 2^40 places",
      wide([
        {
          op: "conv",
          input: "x",
          shape: { ...image, size: [size, 1], pads: [0, size, 0, 0] },
          weights: [1],
          bias: [1],
        },
      ]),
    ],
    [
      "a dense layer of 2^40 products",
      wide([{ op: "dense", input: "x", rows: size, weights: filled(9, 0).map(() => [1]), bias: filled(9, 0) }]),
    ],
    [
      "a gather among 2^34 elements",
      wide([{ op: "gather", inputs: filled(2 ** 14, 0).map(() => "x"), constants: [], index: [0] }]),
    ],
    [
      "sums of 2^34 terms",
      wide([{ op: "linear", inputs: filled(2 ** 14, 0).map(() => "x"), factors: filled(2 ** 14, 0), offset: 0 }]),
    ],
    [
      "2^34 elements read by nodes that make few",
      wide(filled(1_100, 0).map(() => ({ op: "max", input: "x", width: size }))),
    ],
  ];
  for (const [name, text] of large) {
    it(`refuses ${name} before it makes them`, function () {
      this.timeout(60_000);
      expect(() => parseGraph(text)).to.throw(LayerTooLargeError, "the limit is");
    });
  }

  it("refuses more than 20,000 nodes and more than 2^22 constants", function () {
    this.timeout(60_000);
    const many = filled(20_001, 0).map(() => ({ op: "sum", input: "x", width: 1 }));
    expect(() => parseGraph(wide(many, 1))).to.throw(GraphFormatError, "nodes");
    const heavy = filled(17, 0).map(() => ({ op: "lookup", input: "x", min: 0, table: filled(2 ** 18, 1) }));
    expect(() => parseGraph(wide(heavy, 1))).to.throw(GraphFormatError, "too many weights");
  });
});

describe("verifyGraph on graphs that were not parsed", () => {
  const broken = (edit: (dense: { weights: number[][]; bias: number[] }) => void): IntegerGraph => {
    const graph = structuredClone(whole());
    edit(graph.nodes[0] as unknown as { weights: number[][]; bias: number[] });
    return graph;
  };

  for (const value of [NaN, Infinity, 0.5, -0, 2 ** 24, undefined, "1", 1n]) {
    it(`refuses ${typeof value} ${Object.is(value, -0) ? "-0" : String(value)} as a weight`, () => {
      const graph = broken(({ weights }) => (weights[0]![3] = value as number));
      expect(() => verifyGraph(graph)).to.throw(GraphInvalidError, "nodes.dense.weights.0.3");
    });
  }

  it("refuses holes among weights", () => {
    const graph = broken(({ weights }) => delete weights[0]![2]);
    expect(() => verifyGraph(graph)).to.throw(GraphInvalidError, "nodes.dense.weights.0.2");
  });

  it("names the node and the element whose sum is too large", () => {
    const graph = broken(({ bias }) => (bias[0] = 2 ** 24 - 18));
    expect(() => verifyGraph(graph)).to.throw(AccumulatorOverflowError, "Layer dense, neuron 0");
  });

  it("bounds records and lists before it looks at their entries", () => {
    const many = Object.fromEntries(Array.from({ length: 20_002 }, (_, at) => [`a${at}`, {}]));
    for (const field of ["ranges", "widths"]) {
      const text = JSON.stringify({ format: "assay.graph/2", [field]: many });
      expect(() => parseGraph(text)).to.throw(GraphFormatError, `${field}: 20002 entries`);
    }
    const nodes = Array.from({ length: 20_001 }, () => 0);
    expect(() => parseGraph(JSON.stringify({ nodes }))).to.throw(GraphFormatError, "nodes: 20001 entries");
  });

  it("names a list in which everything is wrong", () => {
    const weights = Array.from({ length: 200_000 }, () => 0);
    const dense = { op: "dense", name: "d", input: "x", output: "y", rows: 1, weights, bias: [] };
    expect(() => parseGraph(JSON.stringify({ format: "assay.graph/2", nodes: [dense] }))).to.throw(GraphFormatError);
  });
});
