/** What a shift does to the calibration data. */
export interface ShiftChoice {
  readonly shift: number;
  /** Root of the mean squared difference to the float activations, in the model's own units. */
  readonly rmsError: number;
  /** Share of the calibration activations that the clamp cut. */
  readonly saturated: number;
}

/** floor((value + 2^(shift-1)) / 2^shift) clamped to [0, max], for |value| < 2^24. */
export function requantise(value: number, shift: number, max: number): number {
  const rounded = shift === 0 ? value : Math.floor(value / 2 ** shift + 0.5);
  return Math.min(Math.max(rounded, 0), max);
}

/**
 * The shift with the least mean squared error on the calibration data, the greater one on a tie. Shifts stop where
 * nothing saturates any more even at the accumulator's bound: beyond that only precision is lost.
 *
 * @param accumulators integer accumulators, one array for each calibration input
 * @param wanted the float activations (after the ReLU) that they stand for
 * @param scale what one unit of the accumulator stands for
 */
export function chooseShift(
  accumulators: readonly (readonly number[])[],
  wanted: readonly Float64Array[],
  scale: number,
  most: number,
  max: number,
): ShiftChoice {
  let best: ShiftChoice = { shift: 0, rmsError: Infinity, saturated: 1 };
  for (let shift = 0; shift <= 23; shift++) {
    const step = scale * 2 ** shift;
    let squares = 0;
    let cut = 0;
    let count = 0;
    for (const [place, row] of accumulators.entries()) {
      for (const [neuron, value] of row.entries()) {
        const error = requantise(value, shift, max) * step - (wanted[place]?.[neuron] ?? 0);
        squares += error * error;
        cut += requantise(value, shift, Infinity) > max ? 1 : 0;
        count++;
      }
    }
    const rmsError = Math.sqrt(squares / count);
    if (rmsError <= best.rmsError) best = { shift, rmsError, saturated: cut / count };
    if (requantise(most, shift, Infinity) <= max) break;
  }
  return best;
}
