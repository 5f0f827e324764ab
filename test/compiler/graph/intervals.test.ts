import { expect } from "chai";

import { graphIntervals, hull } from "../../../compiler/src/graph/bounds.ts";
import { AccumulatorOverflowError, GraphInvalidError } from "../../../compiler/src/graph/errors.ts";
import type { IntegerNode, Interval } from "../../../compiler/src/graph/types.ts";
import { evaluate } from "../../support/evaluate.ts";
import { graphOf, interval } from "../../support/graphs.ts";
import { tensor } from "../../support/random-graphs.ts";

type Body = IntegerNode extends infer Each ? (Each extends IntegerNode ? Omit<Each, "name" | "output"> : never) : never;

/** A graph of nodes n0, n1, ... that make t0, t1, ... from x, of `width` elements in `range`. */
function build(width: number, range: Interval, bodies: readonly Body[]) {
  const nodes = bodies.map((body, at) => ({ ...body, name: `n${at}`, output: `t${at}` }) as IntegerNode);
  return graphOf("intervals", tensor("x", "i32", [width], range.min, range.max), nodes);
}

/** What each element of the last tensor reaches, over all inputs. */
function reached(width: number, range: Interval, bodies: readonly Body[]): readonly Interval[] {
  const graph = build(width, range, bodies);
  let found: Interval[] = [];
  const input = Array.from({ length: width }, () => range.min);
  for (;;) {
    const values = evaluate(graph, input).get(graph.output.name) ?? [];
    found = values.map((value, at) => hull([found[at] ?? { min: value, max: value }, { min: value, max: value }]));
    let at = 0;
    while (at < width && input[at] === range.max) input[at++] = range.min;
    if (at === width) return found;
    input[at]! += 1n;
  }
}

function derived(width: number, range: Interval, bodies: readonly Body[]): readonly Interval[] {
  const graph = build(width, range, bodies);
  return graphIntervals(graph).get(graph.output.name) ?? [];
}

const gather = (...index: number[]): Body => ({ op: "gather", inputs: ["x"], constants: [], index });
/** t0 is elements 0 and 1 of x; t1 is 2 and 3, in [1, 3]. */
const positive: readonly Body[] = [
  gather(0, 1),
  gather(2, 3),
  { op: "requantise", input: "t1", shift: 0, clamp: interval(1, 3) },
];
const shape = {
  channels: 2,
  size: [1, 2],
  outputs: 2,
  kernel: [1, 2],
  strides: [1, 1],
  pads: [0, 1, 0, 0],
  dilations: [1, 1],
  groups: 2,
} as const;

const exact: readonly (readonly [string, number, Interval, readonly Body[]])[] = [
  [
    "dense",
    4,
    interval(-2, 3),
    [
      {
        op: "dense",
        input: "x",
        rows: 2,
        weights: [
          [2, -3],
          [0, 0],
          [-1, 5],
        ],
        bias: [7, -1, 0],
      },
    ],
  ],
  ["conv", 4, interval(-1, 3), [{ op: "conv", input: "x", shape, weights: [2, -3, -1, 4], bias: [1, -9] }]],
  ["gather", 3, interval(-2, 2), [{ op: "gather", inputs: ["x"], constants: [9, -4], index: [2, 3, 0, 4, 2] }]],
  [
    "linear",
    4,
    interval(-2, 3),
    [gather(0, 1), gather(2, 3), { op: "linear", inputs: ["t0", "t1"], factors: [3, -2], offset: 5 }],
  ],
  ["scale", 3, interval(-2, 3), [{ op: "scale", input: "x", factors: [2, -3, 0], offsets: [0, 1, 2] }]],
  ["sum", 4, interval(-2, 3), [{ op: "sum", input: "x", width: 2 }]],
  [
    "max of elements in different intervals",
    4,
    interval(-2, 3),
    [
      { op: "scale", input: "x", factors: [1, 2, -1, 1], offsets: [0, 0, 9, 1] },
      { op: "max", input: "t0", width: 2 },
    ],
  ],
  ["argmax", 4, interval(0, 2), [{ op: "argmax", input: "x", width: 4 }]],
  ["argmax of single elements", 2, interval(0, 2), [{ op: "argmax", input: "x", width: 1 }]],
  ["requantise, signed", 2, interval(-41, 40), [{ op: "requantise", input: "x", shift: 3, clamp: interval(-5, 4) }]],
  [
    "requantise without shift",
    2,
    interval(-4, 9),
    [{ op: "requantise", input: "x", shift: 0, clamp: interval(-9, 4) }],
  ],
  ["requantise to one value", 1, interval(-4, 9), [{ op: "requantise", input: "x", shift: 1, clamp: interval(7, 7) }]],
  ["multiply", 2, interval(-3, 2), [gather(0), gather(1), { op: "multiply", left: "t0", right: "t1" }]],
  ["multiply, all below 0", 2, interval(-3, -2), [gather(0), gather(1), { op: "multiply", left: "t0", right: "t1" }]],
  ["square", 2, interval(-3, 2), [{ op: "multiply", left: "x", right: "x" }]],
  ["square of what is below 0", 2, interval(-3, -2), [{ op: "multiply", left: "x", right: "x" }]],
  ["greater", 2, interval(-1, 1), [gather(0), gather(1), { op: "greater", left: "t0", right: "t1" }]],
  ["greater than itself", 2, interval(-1, 1), [{ op: "greater", left: "x", right: "x" }]],
  [
    "greater, decided",
    2,
    interval(0, 2),
    [
      { op: "scale", input: "x", factors: [1, 1], offsets: [3, -2] },
      { op: "gather", inputs: [], constants: [2, 0], index: [0, 1] },
      { op: "greater", left: "t0", right: "t1" },
    ],
  ],
  ["divide by what may be 1", 4, interval(-5, 6), [...positive, { op: "divide", left: "t0", right: "t2" }]],
  [
    "divide of what is below 0",
    2,
    interval(-9, 4),
    [
      { op: "requantise", input: "x", shift: 0, clamp: interval(-9, -2) },
      { op: "requantise", input: "x", shift: 0, clamp: interval(1, 4) },
      { op: "gather", inputs: ["t0", "t1"], constants: [], index: [0] },
      { op: "gather", inputs: ["t0", "t1"], constants: [], index: [3] },
      { op: "divide", left: "t2", right: "t3" },
    ],
  ],
  ["lookup", 2, interval(-2, 3), [{ op: "lookup", input: "x", min: -3, table: [99, 4, -7, 0, 4, 8, -1, -99] }]],
  [
    "lookup of elements in different intervals",
    3,
    interval(0, 2),
    [
      { op: "scale", input: "x", factors: [1, 1, 0], offsets: [0, 5, 6] },
      { op: "lookup", input: "t0", min: 0, table: [5, 1, 9, 2, -6, 3, 3, 8] },
    ],
  ],
  [
    "onehot",
    2,
    interval(0, 3),
    [
      { op: "requantise", input: "x", shift: 0, clamp: interval(1, 2) },
      { op: "onehot", input: "t0", size: 4 },
    ],
  ],
  ["onehot of what is known", 1, interval(2, 2), [{ op: "onehot", input: "x", size: 4 }]],
  [
    "matmul",
    5,
    interval(-2, 1),
    [gather(0, 1), gather(2, 3, 4, 2), { op: "matmul", left: "t0", right: "t1", batch: 1, m: 1, k: 2, n: 2 }],
  ],
];

const loose: readonly (readonly [string, number, Interval, readonly Body[]])[] = [
  [
    "linear of one tensor twice",
    2,
    interval(-2, 3),
    [{ op: "linear", inputs: ["x", "x"], factors: [1, -1], offset: 0 }],
  ],
  ["divide by itself", 1, interval(1, 4), [{ op: "divide", left: "x", right: "x" }]],
  ["matmul with itself", 4, interval(-2, 1), [{ op: "matmul", left: "x", right: "x", batch: 1, m: 2, k: 2, n: 2 }]],
  ["argmax where one always wins", 1, interval(0, 1), [gather(0, 0), { op: "argmax", input: "t0", width: 2 }]],
];

describe("graph/bounds graphIntervals", () => {
  for (const [name, width, range, bodies] of exact) {
    it(`is exactly what is reached: ${name}`, () => {
      expect(derived(width, range, bodies)).to.deep.equal(reached(width, range, bodies));
    });
  }

  for (const [name, width, range, bodies] of loose) {
    it(`holds all that is reached, and more: ${name}`, () => {
      const found = reached(width, range, bodies);
      const claimed = derived(width, range, bodies);
      for (const [at, { min, max }] of claimed.entries()) {
        expect(found[at]!.min >= min && found[at]!.max <= max, `element ${at} in [${min}, ${max}]`).to.equal(true);
      }
      expect(claimed).to.not.deep.equal(found);
    });
  }

  const top = 2 ** 24 - 1;
  const one = interval(0, 1);
  const constant = (value: number): Body => ({ op: "gather", inputs: [], constants: [value], index: [0] });
  /** A node that may reach `most` at the greatest. */
  const edges: readonly (readonly [string, (most: number) => readonly Body[]])[] = [
    ["dense", (most) => [{ op: "dense", input: "x", rows: 1, weights: [[most - 5, 3]], bias: [-2] }]],
    [
      "conv",
      (most) => [
        {
          op: "conv",
          input: "x",
          shape: { ...shape, channels: 1, groups: 1 },
          weights: [1, -3, most - 5, 3],
          bias: [0, -2],
        },
      ],
    ],
    ["linear", (most) => [{ op: "linear", inputs: ["x", "x"], factors: [most - 5, -3], offset: 2 }]],
    ["scale", (most) => [{ op: "scale", input: "x", factors: [0, 2 - most], offsets: [0, -2] }]],
    [
      "sum",
      (most) => [
        { op: "scale", input: "x", factors: [most - 1, -1], offsets: [0, 0] },
        { op: "sum", input: "t0", width: 2 },
      ],
    ],
    [
      "multiply",
      (most) =>
        (most === top ? [4097, 4095] : [4096, -4096]).map(constant).concat({ op: "multiply", left: "t0", right: "t1" }),
    ],
    [
      "requantise",
      (most) => [constant(most - 512), { op: "requantise", input: "t0", shift: 10, clamp: interval(0, 9) }],
    ],
    ["divide", (most) => [constant((most - 1) / 2), constant(1), { op: "divide", left: "t0", right: "t1" }]],
    ["divide by much", (most) => [constant(-1), constant(most - 2), { op: "divide", left: "t0", right: "t1" }]],
    [
      "matmul",
      (most) => [
        { op: "gather", inputs: [], constants: [most - 7, -7], index: [0, 1] },
        { op: "matmul", left: "t0", right: "x", batch: 1, m: 1, k: 2, n: 1 },
      ],
    ],
  ];
  for (const [name, bodies] of edges) {
    it(`takes partial sums of 2^24 - 1 in size and refuses 2^24: ${name}`, () => {
      // With a right of 1, 2 left + right is odd: the next one is 2^24 + 1.
      const over = name === "divide" ? top + 2 : top + 1;
      expect(() => derived(2, one, bodies(top))).not.to.throw();
      expect(() => derived(2, one, bodies(over))).to.throw(AccumulatorOverflowError, "must stay below 16777216");
    });
  }

  const refused: readonly (readonly [string, Interval, readonly Body[], RegExp])[] = [
    [
      "a table that starts too late",
      interval(0, 3),
      [{ op: "lookup", input: "x", min: 1, table: [1, 2, 3] }],
      /n0\.table/,
    ],
    [
      "a table that ends too soon",
      interval(0, 3),
      [{ op: "lookup", input: "x", min: 0, table: [1, 2, 3] }],
      /n0\.table/,
    ],
    ["a divisor that may be 0", interval(0, 3), [{ op: "divide", left: "x", right: "x" }], /n0\.right/],
    ["an index below 0", interval(-1, 3), [{ op: "onehot", input: "x", size: 4 }], /n0\.size/],
    ["an index beyond the last", interval(0, 4), [{ op: "onehot", input: "x", size: 4 }], /n0\.size/],
    ["an input that float32 does not hold", interval(0, top + 1), [gather(0)], /input\.range/],
  ];
  for (const [name, range, bodies, message] of refused) {
    it(`refuses ${name}`, () => {
      expect(() => derived(2, range, bodies)).to.throw(GraphInvalidError, message);
    });
  }

  it("takes less than a second for a convolution of 300,000 products", function () {
    this.timeout(5_000);
    const wide = {
      channels: 6,
      size: [14, 14],
      outputs: 20,
      kernel: [5, 5],
      strides: [1, 1],
      pads: [0, 0, 0, 0],
      dilations: [1, 1],
      groups: 1,
    } as const;
    const body: Body = {
      op: "conv",
      input: "x",
      shape: wide,
      weights: Array.from({ length: 3_000 }, (_, at) => (at % 7) - 3),
      bias: Array.from({ length: 20 }, () => 0),
    };
    const graph = build(6 * 14 * 14, interval(0, 255), [body]);
    const start = performance.now();
    graphIntervals(graph);
    expect(performance.now() - start, "milliseconds").to.be.below(1_000);
  });
});
