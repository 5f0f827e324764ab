import { type IntegerGraph, interpret } from "@assay/compiler";

import { InferError, InferErrorCode } from "./errors.ts";
import type { ProviderName, Session } from "./types.ts";

const VECTORS = 8;

/** Inputs that reach the ends of the range and scatter between: the same for every node. */
export function checkInputs(graph: IntegerGraph): bigint[][] {
  const width = graph.widths[graph.input.name] ?? 0;
  const { min, max } = graph.input.range;
  const span = max - min + 1n;
  const fill = (value: (index: number) => bigint): bigint[] =>
    Array.from({ length: width }, (_, index) => value(index));
  // A linear congruential generator: scatter is all that is wanted.
  let seed = 0x2545f491n;
  const next = (): bigint => {
    seed = (seed * 6364136223846793005n + 1442695040888963407n) & 0xffff_ffff_ffff_ffffn;
    return seed >> 33n;
  };
  return [
    fill(() => min),
    fill(() => max),
    fill((index) => (index % 2 === 0 ? min : max)),
    ...Array.from({ length: VECTORS }, () => fill(() => min + (next() % span))),
  ];
}

/**
 * Runs `session` on inputs whose answers the reference interpreter knows.
 * @throws {InferError} when one answer differs in one bit.
 */
export async function selfCheck(graph: IntegerGraph, session: Session, provider: ProviderName): Promise<void> {
  for (const [index, input] of checkInputs(graph).entries()) {
    const expected = interpret(graph, input).output.map(BigInt);
    const received = await session.run(input);
    if (received.length === expected.length && received.every((value, place) => value === expected[place])) continue;
    throw new InferError(
      InferErrorCode.ProviderInexact,
      `Provider ${provider} gave another answer than the reference on check input ${index} of ${graph.name}; leave it out.`,
    );
  }
}
