import type { Intervals } from "../../graph/bounds.ts";
import { inputsOf, type IntegerGraph, type IntegerNode, type Interval } from "../../graph/types.ts";
import { forEachTap } from "../../program/geometry.ts";
import { elementBounds, requantise } from "./bounds.ts";
import { GraphNotProvableError } from "./errors.ts";
import { weightGroups, weightInterval, type WeightKind } from "./private-weights.ts";

/** Greatest size of any number: far from the field's, so that a few of them multiplied or added do not wrap. */
const LIMIT = 1n << 100n;

/** Most products whose bounds are derived one by one. */
const MAX_PRODUCTS = 2 ** 24;

const least = (values: readonly bigint[]) => values.reduce((a, b) => (b < a ? b : a));
const most = (values: readonly bigint[]) => values.reduce((a, b) => (b > a ? b : a));

function times(a: Interval, b: Interval): Interval {
  const corners = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max];
  return { min: least(corners), max: most(corners) };
}

function plus(a: Interval, b: Interval): Interval {
  return { min: a.min + b.min, max: a.max + b.max };
}

const total = (start: Interval, terms: readonly Interval[]) => terms.reduce(plus, start);
const ZERO: Interval = { min: 0n, max: 0n };

function rowsOf(values: Intervals, width: number): Intervals[] {
  return Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
}

/** left / right with halves rounded up; right is at least 1. */
function quotient(left: bigint, right: bigint): bigint {
  const [above, below] = [2n * left + right, 2n * right];
  const cut = above / below;
  return above % below < 0n ? cut - 1n : cut;
}

function refuse(node: IntegerNode, why: string): never {
  throw new GraphNotProvableError(
    `node "${node.name}": with private weights of these widths ${why}; compile it with weights as constants`,
  );
}

function tableBounds(node: Extract<IntegerNode, { op: "lookup" }>, input: Intervals): Intervals {
  const known = new Map<string, Interval>();
  return input.map(({ min, max }) => {
    const [from, to] = [min - BigInt(node.min), max - BigInt(node.min)];
    if (from < 0n || to >= BigInt(node.table.length))
      refuse(node, `its input can be in [${min}, ${max}], outside of its table`);
    const key = `${from} ${to}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const entries = node.table.slice(Number(from), Number(to) + 1).map(BigInt);
    const made = { min: least(entries), max: most(entries) };
    known.set(key, made);
    return made;
  });
}

function convBounds(node: Extract<IntegerNode, { op: "conv" }>, input: Intervals, width: number, weight: Interval) {
  const sums = new Array<Interval>(width).fill(ZERO);
  const products = input.map((each) => times(each, weight));
  forEachTap(node.shape, (to, from) => {
    sums[to] = plus(sums[to]!, products[from]!);
  });
  return sums;
}

function matmulBounds(node: Extract<IntegerNode, { op: "matmul" }>, left: Intervals, right: Intervals): Intervals {
  const { batch, m, k, n } = node;
  return Array.from({ length: batch * m * n }, (_, at) => {
    const [b, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
    const terms = Array.from({ length: k }, (_term, i) =>
      times(left[(b * m + row) * k + i]!, right[(b * k + i) * n + column]!),
    );
    return total(ZERO, terms);
  });
}

function nodeBounds(
  node: IntegerNode,
  inputs: readonly Intervals[],
  width: number,
  weight: (kind: WeightKind) => Interval,
): Intervals {
  const [a = [], b = []] = inputs;
  switch (node.op) {
    case "dense":
      return rowsOf(a, a.length / node.rows).flatMap((row) => {
        const made = total(
          weight("bias"),
          row.map((each) => times(each, weight("weights"))),
        );
        return node.bias.map(() => made);
      });
    case "conv":
      return convBounds(node, a, width, weight("weights")).map((each) => plus(each, weight("bias")));
    case "gather": {
      const all = inputs.flat();
      return node.index.map((at) => all[at] ?? weight("constants"));
    }
    case "linear":
      return a.map((_, at) => {
        const terms = inputs.map((each, k) => {
          const factor = BigInt(node.factors[k]!);
          return times(each[at]!, { min: factor, max: factor });
        });
        return total({ min: BigInt(node.offset), max: BigInt(node.offset) }, terms);
      });
    case "scale":
      return a.map((each) => plus(times(each, weight("factors")), weight("offsets")));
    case "sum":
      return rowsOf(a, node.width).map((row) => total(ZERO, row));
    case "max":
      return rowsOf(a, node.width).map((row) => ({
        min: most(row.map(({ min }) => min)),
        max: most(row.map(({ max }) => max)),
      }));
    case "argmax":
      return rowsOf(a, node.width).map(() => ({ min: 0n, max: BigInt(node.width - 1) }));
    case "requantise":
      return a.map(({ min, max }) => ({ min: requantise(min, node), max: requantise(max, node) }));
    case "lookup":
      return tableBounds(node, a);
    case "multiply":
      return a.map((each, at) => times(each, b[at]!));
    case "greater":
      return a.map(({ min, max }, at) => ({
        min: min > b[at]!.max ? 1n : 0n,
        max: max > b[at]!.min ? 1n : 0n,
      }));
    case "divide":
      return a.map((each, at) => {
        const right = b[at]!;
        if (right.min < 1n) refuse(node, `a divisor can be in [${right.min}, ${right.max}]`);
        const corner = [each.min, each.max].flatMap((left) => [quotient(left, right.min), quotient(left, right.max)]);
        return { min: least(corner), max: most(corner) };
      });
    case "matmul":
      return matmulBounds(node, a, b);
    case "onehot":
      for (const { min, max } of a) {
        if (min < 0n || max >= BigInt(node.size)) refuse(node, `an index can be in [${min}, ${max}]`);
      }
      return Array.from({ length: width }, () => ({ min: 0n, max: 1n }));
  }
}

function productsOf(node: IntegerNode, width: number): number {
  if (node.op === "matmul") return width * node.k;
  if (node.op !== "conv") return 0;
  return width * (node.shape.channels / node.shape.groups) * node.shape.kernel[0] * node.shape.kernel[1];
}

/**
 * Interval of every element of every tensor, by tensor name, whatever the weights are that have the circuit's widths: what
 * a circuit whose weights are private is sound within. It hangs on shapes and widths, not on the weights.
 *
 * @throws {GraphNotProvableError} when `elementBounds` refuses the graph, or a node needs more of its input than widths
 * can say: a table or a divisor, for example.
 */
export function privateBounds(graph: IntegerGraph): ReadonlyMap<string, Intervals> {
  elementBounds(graph);
  const { input, nodes, widths } = graph;
  const groups = weightGroups(graph);
  const made = new Map<string, Intervals>([
    [input.name, Array.from({ length: widths[input.name]! }, () => input.range)],
  ]);
  let products = 0;
  for (const [at, node] of nodes.entries()) {
    const width = widths[node.output]!;
    products += productsOf(node, width);
    if (products > MAX_PRODUCTS) refuse(node, `there are over ${MAX_PRODUCTS} products`);
    const weight = (kind: WeightKind) => {
      const group = groups.find((each) => each.node === at && each.kind === kind);
      return group === undefined ? ZERO : weightInterval(group);
    };
    const bounds = nodeBounds(
      node,
      inputsOf(node).map((tensor) => made.get(tensor)!),
      width,
      weight,
    );
    const wide = bounds.find(({ min, max }) => min < -LIMIT || max > LIMIT);
    if (wide !== undefined) refuse(node, `a number can be in [${wide.min}, ${wide.max}]`);
    made.set(node.output, bounds);
  }
  return made;
}
