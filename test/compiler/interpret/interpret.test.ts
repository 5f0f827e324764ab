import { expect } from "chai";

import {
  InputLengthError,
  InputValueError,
  interpret,
  TensorBoundError,
  type IntegerNode,
} from "../../../compiler/src/index.ts";
import { calibrationImages, compileDigits } from "../../support/digits.ts";
import { denseGraph, graphOf, interval, smallGraph } from "../../support/graphs.ts";
import { expectParity, extremes } from "../../support/parity.ts";
import { tensor } from "../../support/random-graphs.ts";

type Body = IntegerNode extends infer Each ? (Each extends IntegerNode ? Omit<Each, "name" | "output"> : never) : never;

describe("interpret", () => {
  it("computes the small graph as by hand", () => {
    // acc = [1 + 3 - 0, -4 + 9 + 0] = [4, 5]; rounded half up by 2: [2, 3]
    expect(interpret(smallGraph(), [3, 0])).to.deep.equal({
      output: [1],
      tensors: { x: [3, 0], acc0: [4, 5], act0: [2, 3], y: [1] },
    });
    // acc = [-5, -1]: the first is clamped, the second is -1/2, which rounds up to 0; the tie goes to the lower index.
    expect(interpret(smallGraph(), [0n, 3n]).tensors).to.deep.equal({
      x: [0, 3],
      acc0: [-5, -1],
      act0: [0, 0],
      y: [0],
    });
    // acc = [-2, 8]: 8 / 2 = 4 is over the clamp.
    expect(interpret(smallGraph(), [3, 3]).tensors["act0"]).to.deep.equal([0, 3]);
  });

  it("agrees with ONNX Runtime on every input of the small graph", async () => {
    const inputs = [0, 1, 2, 3].flatMap((first) => [0, 1, 2, 3].map((second) => [first, second]));
    await expectParity(smallGraph(), inputs);
  });

  it("agrees with ONNX Runtime where sums reach 2^24 - 1", async () => {
    const edge = 2 ** 24 - 1 - 2 * 255 * 32_768;
    for (const sign of [1, -1]) {
      const graph = denseGraph([sign * 32_768, sign * 32_768], sign * edge, 255);
      await expectParity(graph, extremes(graph));
      expect(interpret(graph, [255, 255]).output).to.deep.equal([sign * (2 ** 24 - 1)]);
    }
  });

  it("reads a digit", () => {
    const [image] = calibrationImages;
    expect(interpret(compileDigits().graph, image?.pixels ?? []).output).to.deep.equal([image?.label]);
  });

  it("refuses another number of elements", () => {
    for (const input of [[], [1], [1, 2, 3]]) expect(() => interpret(smallGraph(), input)).to.throw(InputLengthError);
  });

  for (const bad of [4, -1, 4n, -1n, 0.5, NaN, Infinity, 2 ** 53, "1", null, undefined]) {
    it(`refuses ${typeof bad} ${String(bad)} as an element`, () => {
      expect(() => interpret(smallGraph(), [0, bad as number])).to.throw(InputValueError, "x[1]");
    });
  }

  it("refuses holes in the input", () => {
    const holes = [1, 2];
    delete holes[0];
    expect(() => interpret(smallGraph(), holes)).to.throw(InputValueError, "x[0]");
  });

  it("notices a graph whose ranges are wrong, and one that reads what nothing makes", () => {
    const graph = smallGraph();
    const narrow = { ...graph, ranges: { ...graph.ranges, acc0: interval(-5, 7) } };
    expect(interpret(narrow, [3, 0]).output).to.deep.equal([1]);
    expect(() => interpret(narrow, [3, 3])).to.throw(TensorBoundError, "acc0[1] is 8");
    const ghost = { ...graph, nodes: graph.nodes.slice(1) };
    expect(() => interpret(ghost, [3, 0])).to.throw(TensorBoundError, "acc0[0]");
  });

  const shape = {
    channels: 1,
    size: [2, 3],
    outputs: 1,
    kernel: [2, 2],
    strides: [1, 2],
    pads: [0, 0, 0, 1],
    dilations: [1, 1],
    groups: 1,
  } as const;
  const ops: readonly (readonly [string, Body, readonly number[]])[] = [
    // x is [3, -2, 0, 1, 5, -4]
    ["dense", { op: "dense", input: "x", rows: 2, weights: [[1, 0, 2]], bias: [-1] }, [2, -8]],
    // Places (0, 0) and (0, 2); the second reads one column of padding.
    [
      "conv",
      { op: "conv", input: "x", shape, weights: [1, 10, 100, 1000], bias: [7] },
      [3 - 20 + 100 + 5000 + 7, -400 + 7],
    ],
    ["gather", { op: "gather", inputs: ["x", "x"], constants: [9], index: [12, 11, 0] }, [9, -4, 3]],
    ["linear", { op: "linear", inputs: ["x", "x"], factors: [3, -1], offset: 1 }, [7, -3, 1, 3, 11, -7]],
    [
      "scale",
      { op: "scale", input: "x", factors: [0, -1, 2, 3, 4, 5], offsets: [1, 1, 0, 0, 0, 0] },
      [1, 3, 0, 3, 20, -20],
    ],
    ["sum", { op: "sum", input: "x", width: 3 }, [1, 2]],
    ["max", { op: "max", input: "x", width: 2 }, [3, 1, 5]],
    ["argmax", { op: "argmax", input: "x", width: 3 }, [0, 1]],
    ["requantise", { op: "requantise", input: "x", shift: 1, clamp: interval(-1, 2) }, [2, -1, 0, 1, 2, -1]],
    ["lookup", { op: "lookup", input: "x", min: -5, table: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }, [8, 3, 5, 6, 10, 1]],
    ["multiply", { op: "multiply", left: "x", right: "x" }, [9, 4, 0, 1, 25, 16]],
    ["greater", { op: "greater", left: "x", right: "x" }, [0, 0, 0, 0, 0, 0]],
    ["matmul", { op: "matmul", left: "x", right: "x", batch: 1, m: 2, k: 3, n: 2 }, [9, -8, -17, 19]],
    ["onehot", { op: "onehot", input: "z", size: 3 }, [0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0]],
  ];
  for (const [name, body, expected] of ops) {
    it(`computes ${name} as by hand`, async () => {
      const last = { ...body, name: "n", output: "y" } as IntegerNode;
      const clamp: IntegerNode = {
        op: "requantise",
        name: "c",
        input: "x",
        output: "z",
        shift: 0,
        clamp: interval(0, 2),
      };
      const graph = graphOf(name, tensor("x", "i8", [6], -5n, 5n), [clamp, last]);
      const input = [3, -2, 0, 1, 5, -4];
      expect(interpret(graph, input).output).to.deep.equal(expected);
      await expectParity(graph, [input]);
    });
  }

  it("computes matmul in batches as by hand", () => {
    const node: IntegerNode = {
      op: "matmul",
      name: "n",
      output: "y",
      left: "x",
      right: "x",
      batch: 2,
      m: 2,
      k: 1,
      n: 2,
    };
    const graph = graphOf("matmul", tensor("x", "i8", [4], -5n, 5n), [node]);
    expect(interpret(graph, [3, -2, 0, 5]).output).to.deep.equal([9, -6, -6, 4, 0, 0, 0, 25]);
  });

  it("rounds halves up when it divides, on both sides of 0", () => {
    const quotients = (left: number, right: number): number => {
      const nodes: IntegerNode[] = [
        { op: "gather", name: "l", inputs: ["x"], output: "left", constants: [], index: [0] },
        { op: "gather", name: "r", inputs: ["x"], output: "some", constants: [], index: [1] },
        { op: "requantise", name: "c", input: "some", output: "right", shift: 0, clamp: interval(1, 9) },
        { op: "divide", name: "d", left: "left", right: "right", output: "y" },
      ];
      return interpret(graphOf("divide", tensor("x", "i8", [2], -9n, 9n), nodes), [left, right]).output[0]!;
    };
    const cases = [7, 5, 3, 1, 0, -1, -3, -5, -7];
    expect(cases.map((left) => quotients(left, 2))).to.deep.equal([4, 3, 2, 1, 0, 0, -1, -2, -3]);
    expect(cases.map((left) => quotients(left, 3))).to.deep.equal([2, 2, 1, 0, 0, 0, -1, -2, -2]);
    expect(cases.map((left) => quotients(left, 1))).to.deep.equal(cases);
  });

  it("agrees with ONNX Runtime on every quotient of [-40, 40] by [1, 40], and near 2^24", async () => {
    const divide: IntegerNode = { op: "divide", name: "d", left: "x", right: "right", output: "y" };
    for (let right = 1; right <= 40; right++) {
      const constant: IntegerNode = {
        op: "gather",
        name: "c",
        inputs: [],
        constants: [right],
        output: "right",
        index: [0],
      };
      const graph = graphOf("divide", tensor("x", "i8", [1], -40n, 40n), [constant, divide]);
      await expectParity(
        graph,
        Array.from({ length: 81 }, (_, at) => [at - 40]),
      );
    }
    for (const right of [1, 2, 3, 7, 4095, 4096, 65_537]) {
      const most = Math.floor((2 ** 24 - 1 - right) / 2);
      const constant: IntegerNode = {
        op: "gather",
        name: "c",
        inputs: [],
        constants: [right],
        output: "right",
        index: [0],
      };
      const graph = graphOf("divide", tensor("x", "i32", [1], BigInt(-most), BigInt(most)), [constant, divide]);
      const near = [0, 1, 2, 3].flatMap((off) => [most - off, off - most]);
      const whole = [-3, -1, 1, 2, 5].flatMap((off) => [
        right * 100 + off,
        Math.floor(most / right) * right - Math.abs(off),
      ]);
      const legal = [...near, ...whole, ...whole.map((value) => -value)].filter((value) => Math.abs(value) <= most);
      await expectParity(
        graph,
        legal.map((value) => [value]),
      );
    }
  });
});
