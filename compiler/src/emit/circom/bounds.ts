import { AssayError } from "@assay/sdk";

import type { Intervals } from "../../graph/bounds.ts";
import { toIntervals } from "../../graph/intervals/spans.ts";
import type { IntegerGraph, RequantiseNode } from "../../graph/types.ts";
import { verifiedSpans } from "../../graph/verify.ts";
import { GraphNotProvableError } from "./errors.ts";

/** Most entries of a row that the circuit takes the greatest of. */
const MAX_ARGMAX = 1 << 16;

/**
 * Proven interval of every element of every tensor, by tensor name, computed from the input's range alone.
 *
 * The circuit is sound only inside of these intervals, so what the graph says of itself is checked, not believed. All are
 * inside of (-2^24, 2^24): nothing that is made of a few of them can wrap in the field.
 *
 * @throws {GraphNotProvableError} when `verifyGraph` refuses the graph, or an argmax is too wide.
 */
export function elementBounds(graph: IntegerGraph): ReadonlyMap<string, Intervals> {
  try {
    const spans = verifiedSpans(graph);
    const wide = graph.nodes.find((node) => node.op === "argmax" && node.width > MAX_ARGMAX);
    if (wide !== undefined) throw new GraphNotProvableError(`node "${wide.name}": argmax takes at most ${MAX_ARGMAX}`);
    return new Map(Array.from(spans, ([tensor, each]) => [tensor, toIntervals(each)]));
  } catch (error) {
    if (!(error instanceof AssayError) || error instanceof GraphNotProvableError) throw error;
    throw new GraphNotProvableError(error.message, { cause: error });
  }
}

/** What a requantise node makes of one number. */
export function requantise(value: bigint, { shift, clamp }: RequantiseNode): bigint {
  const half = shift === 0 ? 0n : 1n << BigInt(shift - 1);
  const rounded = (value + half) >> BigInt(shift);
  return rounded < clamp.min ? clamp.min : rounded > clamp.max ? clamp.max : rounded;
}
