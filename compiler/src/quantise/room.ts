import { AccumulatorOverflowError } from "../graph/errors.ts";
import { elementCount } from "../program/geometry.ts";
import type { Value } from "../program/types.ts";
import { coarsened } from "./narrow.ts";
import type { Operands } from "./operands.ts";
import { FEW, USUAL_BITS } from "./options.ts";
import type { Quantity } from "./sheet.ts";
import type { FactorBits } from "./sums.ts";

/** Bits of what is added: first as it is, then fewer and fewer, then in units that are not finer than the greatest has room for. */
const PLAIN_ROUNDS = [23, 20, 17, 14];
const COARSE_ROUNDS = [20, 17, 14, 11, 8, 5];

/**
 * Wide where it fits below 2^24, else with the widest input narrower and narrower. Inputs lose bits before factors lose
 * those that they need (`keep`): an input of many bits is fine enough, a factor of four may be off by a tenth.
 */
export function roomy(
  operands: Operands,
  values: readonly Value[],
  write: (inputs: readonly Quantity[], bits: FactorBits) => Quantity,
  { output, factors }: { readonly output: Value; readonly factors?: ArrayLike<number> },
): Quantity {
  const { weightBits: usual, fineWeightBits, precise } = operands.bits;
  const most = precise && elementCount(output.dims) <= FEW ? fineWeightBits : usual;
  const onCrude = () => operands.markCrude();
  const rounds = [...PLAIN_ROUNDS, ...COARSE_ROUNDS];
  for (const [round, bits] of rounds.entries()) {
    try {
      const narrow = values.map((value) => (round === 0 ? operands.get(value) : operands.narrow(value, bits)));
      const inputs = round < PLAIN_ROUNDS.length ? narrow : coarsened(operands.sheet, narrow, bits, factors ?? []);
      return write(inputs, { usual, most, precise, keep: precise && bits > USUAL_BITS, onCrude });
    } catch (error) {
      if (!(error instanceof AccumulatorOverflowError) || round === rounds.length - 1) throw error;
    }
  }
  throw new Error("unreachable");
}
