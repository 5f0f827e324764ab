import type { IntegerGraph, IntegerNode, Interval } from "../../graph/types.ts";

/** What of a node is a weight. Shapes, shifts, clamps, tables and the factors of sums are the circuit's and are public. */
export type WeightKind = "weights" | "bias" | "factors" | "offsets" | "constants";

/** Weights of one kind of one node: a run of the circuit's input `weights`. */
export interface WeightGroup {
  /** The node's place. */
  readonly node: number;
  readonly kind: WeightKind;
  /** Place of the first. */
  readonly from: number;
  /** Width with the sign, of which every weight is proven to be. */
  readonly bits: number;
  readonly values: readonly number[];
}

/** Bits of a word of weights: a number below 2^248. */
const WORD_BITS = 248;

/** Widths are 8, 12, 16, ... bits, so that they tell little of the greatest weight. */
const LEAST_BITS = 8;
const BIT_STEP = 4;

function weightsOf(node: IntegerNode): readonly (readonly [WeightKind, readonly number[]])[] {
  switch (node.op) {
    case "dense":
      return [
        ["weights", node.weights.flat()],
        ["bias", node.bias],
      ];
    case "conv":
      return [
        ["weights", node.weights],
        ["bias", node.bias],
      ];
    case "scale":
      return [
        ["factors", node.factors],
        ["offsets", node.offsets],
      ];
    case "gather":
      return [["constants", node.constants]];
    default:
      return [];
  }
}

function widthOf(values: readonly number[]): number {
  const needed = values.reduce((most, value) => {
    const magnitude = value < 0 ? -value - 1 : value;
    return Math.max(most, 1 + (magnitude === 0 ? 0 : magnitude.toString(2).length));
  }, LEAST_BITS);
  return BIT_STEP * Math.ceil(needed / BIT_STEP);
}

/** The weights of a graph in the order of the circuit's input. */
export function weightGroups({ nodes }: Pick<IntegerGraph, "nodes">): readonly WeightGroup[] {
  const groups: WeightGroup[] = [];
  let from = 0;
  for (const [node, each] of nodes.entries()) {
    for (const [kind, values] of weightsOf(each)) {
      if (values.length === 0) continue;
      groups.push({ node, kind, from, bits: widthOf(values), values });
      from += values.length;
    }
  }
  return groups;
}

/** The interval of a width. */
export function weightInterval({ bits }: Pick<WeightGroup, "bits">): Interval {
  const half = 1n << BigInt(bits - 1);
  return { min: -half, max: half - 1n };
}

/** Words that a group's weights fill. */
export function weightWordCount({ bits, values }: Pick<WeightGroup, "bits" | "values">): number {
  return Math.ceil(values.length / Math.floor(WORD_BITS / bits));
}

/** As `PrivateWeights` in circuits/lib/private-weights.circom packs them. */
export function packedWeights({ bits, values }: WeightGroup): bigint[] {
  const each = Math.floor(WORD_BITS / bits);
  const half = 1n << BigInt(bits - 1);
  const words = new Array<bigint>(Math.ceil(values.length / each)).fill(0n);
  for (const [at, value] of values.entries()) {
    words[Math.floor(at / each)]! += (BigInt(value) + half) << BigInt(bits * (at % each));
  }
  return words;
}

/** A graph that may have private weights. */
export type Salted = Pick<IntegerGraph, "nodes" | "weightsSalt">;

/** The circuit's private inputs beside the tensors: none where weights are constants. */
export function weightInputs(graph: Partial<Salted>): Readonly<Record<string, readonly bigint[]>> {
  const { nodes, weightsSalt } = graph;
  if (nodes === undefined || weightsSalt === undefined) return {};
  const groups = weightGroups({ nodes });
  const weights = groups.flatMap(({ values }) => values.map(BigInt));
  return { weights, weightsSalt: [BigInt(weightsSalt)] };
}
