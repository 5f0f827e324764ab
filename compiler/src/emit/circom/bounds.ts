import type { ArgMaxNode, DenseNode, IntegerGraph, Interval, RequantiseNode } from "../../graph/types.ts";
import { GraphNotProvableError } from "./errors.ts";

/** Values of the circuit stay strictly inside of (-2^251, 2^251), so a difference of two cannot wrap in the field. */
const FIELD_LIMIT = 1n << 251n;

/**
 * Proven interval of every element of every tensor, by tensor name, computed from the input's range alone.
 *
 * The circuit is sound only inside of these intervals, so what the graph says of itself is checked, not believed.
 *
 * @throws {GraphNotProvableError} when shapes do not fit, a weight is no safe integer, a declared bound is narrower than
 * the computed one, or a value could wrap in the field.
 */
export function elementBounds(graph: IntegerGraph): ReadonlyMap<string, readonly Interval[]> {
  const bounds = new Map<string, readonly Interval[]>();
  const { range, dims, name } = graph.input;
  if (range.min > range.max) throw new GraphNotProvableError(`input "${name}": range ${show(range)} is empty`);
  const width = dims.reduce((product, dim) => product * dim, 1);
  if (!Number.isSafeInteger(width) || width < 1) {
    throw new GraphNotProvableError(`input "${name}": dims [${dims.join(", ")}] are not positive and finite`);
  }
  bounds.set(
    name,
    Array.from({ length: width }, () => range),
  );

  for (const node of graph.nodes) {
    const input = bounds.get(node.input);
    if (input === undefined) {
      throw new GraphNotProvableError(`node "${node.name}": tensor "${node.input}" is not made by an earlier node`);
    }
    if (bounds.has(node.output)) {
      throw new GraphNotProvableError(`node "${node.name}": tensor "${node.output}" is made twice`);
    }
    const output = nodeBounds(node, input);
    for (const [index, interval] of output.entries()) {
      if (interval.min <= -FIELD_LIMIT || interval.max >= FIELD_LIMIT) {
        throw new GraphNotProvableError(
          `node "${node.name}": element ${index} in ${show(interval)} could wrap in the proof's field; use fewer bits`,
        );
      }
    }
    bounds.set(node.output, output);
  }
  for (const [tensor, width] of Object.entries(graph.widths)) {
    const made = bounds.get(tensor)?.length;
    if (made !== undefined && made !== width) {
      throw new GraphNotProvableError(`tensor "${tensor}": ${made} elements are made, the graph declares ${width}`);
    }
  }
  for (const [tensor, declared] of Object.entries(graph.ranges)) {
    for (const [index, proven] of (bounds.get(tensor) ?? []).entries()) requireInside(tensor, index, proven, declared);
  }
  return bounds;
}

function nodeBounds(node: IntegerGraph["nodes"][number], input: readonly Interval[]): readonly Interval[] {
  switch (node.op) {
    case "dense":
      return denseBounds(node, input);
    case "requantise":
      return requantiseBounds(node, input);
    case "argmax":
      return argMaxBounds(node, input);
  }
}

function denseBounds(node: DenseNode, input: readonly Interval[]): readonly Interval[] {
  const { weights, bias, bounds } = node;
  if (weights.length === 0 || bias.length !== weights.length || bounds.length !== weights.length) {
    throw new GraphNotProvableError(
      `node "${node.name}": ${weights.length} rows, ${bias.length} biases and ${bounds.length} bounds; they must match`,
    );
  }
  return weights.map((row, j) => {
    if (row.length !== input.length) {
      throw new GraphNotProvableError(
        `node "${node.name}": row ${j} has ${row.length} weights for ${input.length} inputs`,
      );
    }
    let min = integer(node.name, bias[j]);
    let max = min;
    for (const [i, interval] of input.entries()) {
      const weight = integer(node.name, row[i]);
      min += weight * (weight < 0n ? interval.max : interval.min);
      max += weight * (weight < 0n ? interval.min : interval.max);
    }
    requireInside(node.name, j, { min, max }, bounds[j]);
    return { min, max };
  });
}

function requantiseBounds(node: RequantiseNode, input: readonly Interval[]): readonly Interval[] {
  const { shift, clamp, name } = node;
  if (!Number.isInteger(shift) || shift < 0 || shift > 200) {
    throw new GraphNotProvableError(`node "${name}": shift ${shift} is not an integer in [0, 200]`);
  }
  if (clamp.min >= clamp.max || clamp.max - clamp.min >= 1n << 128n) {
    throw new GraphNotProvableError(`node "${name}": clamp ${show(clamp)} is empty or wider than 128 bits`);
  }
  return input.map(({ min, max }) => ({ min: requantise(min, node), max: requantise(max, node) }));
}

/** What a requantise node makes of one number. */
export function requantise(value: bigint, { shift, clamp }: RequantiseNode): bigint {
  const half = shift === 0 ? 0n : 1n << BigInt(shift - 1);
  const rounded = (value + half) >> BigInt(shift);
  return rounded < clamp.min ? clamp.min : rounded > clamp.max ? clamp.max : rounded;
}

function argMaxBounds(node: ArgMaxNode, input: readonly Interval[]): readonly Interval[] {
  if (input.length > 1 << 16) {
    throw new GraphNotProvableError(`node "${node.name}": ${input.length} entries; argmax takes at most 65536`);
  }
  return [{ min: 0n, max: BigInt(input.length - 1) }];
}

function integer(node: string, value: number | undefined): bigint {
  if (value === undefined || !Number.isSafeInteger(value)) {
    throw new GraphNotProvableError(`node "${node}": ${value} is not a safe integer; quantise the model first`);
  }
  return BigInt(value);
}

function requireInside(where: string, index: number, proven: Interval, declared: Interval | undefined): void {
  if (declared === undefined || proven.min < declared.min || proven.max > declared.max) {
    throw new GraphNotProvableError(
      `"${where}": element ${index} can be in ${show(proven)}, but the graph declares ${declared && show(declared)}; ` +
        "recompute the bounds from the input's range",
    );
  }
}

function show({ min, max }: Interval): string {
  return `[${min}, ${max}]`;
}
