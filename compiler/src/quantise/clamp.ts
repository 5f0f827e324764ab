import type { ClampStep } from "../program/types.ts";
import { bitsOf, centred, rounded, withRoom } from "./narrow.ts";
import type { Operands } from "./operands.ts";
import type { Quantity } from "./sheet.ts";
import { inRoom } from "./units.ts";

/** More than any number has. */
const MAX_BITS = 24;

/** A clamp, and the rounding to the bits that its result is read with, in one node. */
export function quantiseClamp(operands: Operands, step: ClampStep): Quantity {
  const { sheet } = operands;
  const input = centred(sheet, step.input.type === "real" ? operands.get(step.input) : operands.whole(step.input));
  const wanted = operands.wanted(step.output);
  const unit = 2 ** input.exponent;
  const [floor, ceiling] = [input.range.min, input.range.max];
  // The clamp in the input's own unit; an end that nothing reaches is the end of what can be.
  const low = Number.isFinite(step.min) ? BigInt(Math.round(step.min / unit)) : floor;
  const high = Number.isFinite(step.max) ? BigInt(Math.round(step.max / unit)) : ceiling;
  const exact = { min: low < floor ? floor : low, max: high > ceiling ? ceiling : high };
  if (exact.min >= exact.max) {
    // All that can be comes to one number; where the ends cross, the upper one.
    const raised = floor < low ? low : floor;
    const value = inRoom(step.source, [Number(step.max < Infinity && raised > high ? high : raised)]);
    return sheet.constant(new Array<number>(input.intervals.length).fill(value[0]!), input.exponent);
  }
  const bits = operands.widths.reads(step.output) ?? MAX_BITS;
  const tight = step.output.type === "real" && bitsOf(exact) > bits;
  const cut = () => sheet.add({ op: "requantise", input: input.tensor, shift: 0, clamp: exact }, input.exponent);
  if (!tight) return cut();
  const signed = exact.min < 0n;
  const whole = signed ? (1n << BigInt(bits)) / 2n : 0n;
  const room = { min: -whole, max: (signed ? whole : 1n << BigInt(bits)) - 1n };
  if (step.min === 0 || step.min === -Infinity) {
    if (step.max === Infinity) {
      return operands.best(input, rounded(sheet, input, wanted, room), wanted, step.output);
    }
  }
  // Both ends matter: the shift that makes room for them, and the ends in its unit.
  const shift = Math.max(0, bitsOf({ min: exact.min, max: exact.max }) - bits);
  const down = (value: bigint) => (value + (shift === 0 ? 0n : 1n << BigInt(shift - 1))) >> BigInt(shift);
  const clamp = { min: down(exact.min), max: down(exact.max) };
  if (clamp.min >= clamp.max) return cut();
  const { tensor } = shift === 0 ? input : withRoom(sheet, input, 1n << BigInt(shift - 1));
  return sheet.add({ op: "requantise", input: tensor, shift, clamp }, input.exponent + shift);
}
