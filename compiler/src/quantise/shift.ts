import { MAX_SHIFT } from "../graph/schema.ts";
import type { Interval } from "../graph/types.ts";
import type { Quantity } from "./sheet.ts";

/**
 * The shift with the least mean squared error on the calibration data, the greater one on a tie. Shifts stop where
 * nothing saturates any more even at the accumulator's bound: beyond that only precision is lost.
 *
 * @param wanted the float values that the integers stand for, for each calibration input
 * @param apply a function of the values, where `wanted` is what it should give and not the values themselves
 */
export function chooseShift(
  { samples, exponent, range }: Pick<Quantity, "samples" | "exponent" | "range">,
  wanted: readonly Float64Array[],
  clamp: Interval,
  apply: (value: number) => number = (value) => value,
): number {
  const [least, most] = [Number(clamp.min), Number(clamp.max)];
  // Below a clamp at 0 nothing is kept, however far it reaches.
  const below = least < 0 ? Number(-range.min) / -least : 1;
  const reach = Math.max(Number(range.max) / Math.max(most, 1), below, 1);
  const last = Math.min(MAX_SHIFT, Math.ceil(Math.log2(reach)));
  let best = { shift: 0, squares: Infinity };
  for (let shift = 0; shift <= last; shift++) {
    const step = 2 ** (exponent + shift);
    const [divisor, half] = [2 ** shift, shift === 0 ? 0 : 0.5];
    let squares = 0;
    for (const [place, row] of samples.entries()) {
      const floats = wanted[place]!;
      for (let at = 0; at < row.length; at++) {
        const value = Math.min(Math.max(Math.floor(row[at]! / divisor + half), least), most);
        const error = apply(value * step) - floats[at]!;
        squares += error * error;
      }
    }
    if (squares <= best.squares) best = { shift, squares };
  }
  return best.shift;
}
