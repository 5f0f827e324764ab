import type { Quantity } from "./sheet.ts";

/**
 * How far a tensor is from the float model's value on the calibration data: the root of the mean square, as a share of the
 * value's range there, at most 1.
 */
export function distance({ samples, exponent, zero }: Quantity, wanted: readonly Float64Array[]): number {
  const unit = 2 ** exponent;
  let [total, count, least, most] = [0, 0, Infinity, -Infinity];
  for (const [place, row] of samples.entries()) {
    for (let at = 0; at < row.length; at++) {
      const float = wanted[place]![at]!;
      total += (unit * (row[at]! - zero) - float) ** 2;
      least = Math.min(least, float);
      most = Math.max(most, float);
    }
    count += row.length;
  }
  const span = most > least ? most - least : Math.abs(most);
  // A value that hardly moves, as a mean that is always about 0, has no range to speak of.
  return Math.min(1, Math.sqrt(total / count) / (span > 0 ? span : 1));
}

/**
 * Squared distance of a tensor's values from what they stand for, on the calibration data.
 *
 * @param apply a function of the values, where `wanted` is what it should give and not the values themselves
 */
export function squares(
  { samples, exponent, zero }: Quantity,
  wanted: readonly Float64Array[],
  apply: (value: number) => number = (value) => value,
): number {
  const unit = 2 ** exponent;
  let total = 0;
  for (const [place, row] of samples.entries()) {
    const floats = wanted[place]!;
    for (let at = 0; at < row.length; at++) total += (apply(unit * (row[at]! - zero)) - floats[at]!) ** 2;
  }
  return total;
}
