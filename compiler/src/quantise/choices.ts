import type { GatherStep, PairStep, Value } from "../program/types.ts";
import { aligned } from "./narrow.ts";
import type { Operands } from "./operands.ts";
import { CONSTANT_BITS } from "./options.ts";
import { roomy } from "./room.ts";
import type { Quantity } from "./sheet.ts";
import { inRoom, round, weightExponent } from "./units.ts";

/** Elements taken from tensors and constants, all in one unit. */
export function quantiseGather(operands: Operands, step: GatherStep): Quantity {
  const { sheet } = operands;
  const index = Array.from(step.index);
  const write = (inputs: readonly Quantity[], zero: number, exponent: number) =>
    sheet.add(
      {
        op: "gather",
        inputs: inputs.map(({ tensor }) => tensor),
        constants: inRoom(
          step.source,
          Array.from(step.constants, (each) => Math.floor(each / 2 ** exponent + 0.5) + zero),
        ),
        index,
      },
      exponent,
      zero,
    );
  const plain = step.constants.every((each) => each === 0);
  if (step.inputs.length === 1 && plain) {
    const only = operands.get(step.inputs[0]!);
    return write([only], only.zero, only.exponent);
  }
  const joined = (inputs: readonly Quantity[]) => {
    const greatest = step.constants.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    const whole = step.constants.every((each) => Number.isInteger(each));
    const finest = greatest === 0 ? Infinity : whole ? 0 : weightExponent(step.source, greatest, CONSTANT_BITS);
    const [first] = inputs;
    const same = inputs.every(({ exponent, zero }) => exponent === first?.exponent && zero === first.zero);
    if (same && first !== undefined && first.exponent <= finest) return write(inputs, first.zero, first.exponent);
    const made = aligned(sheet, inputs, Math.min(finest, ...inputs.map(({ exponent }) => exponent)));
    return write(made, 0, made[0]?.exponent ?? finest);
  };
  return roomy(operands, step.inputs, joined, { output: step.output });
}

/** Comparisons of two tensors, or of one with constants. */
export function quantiseGreater(operands: Operands, { left, right, output }: PairStep): Quantity {
  const { sheet } = operands;
  // x > c for whole x is x > floor(c), and c > x is ceil(c) > x: exact whatever the constant's own unit. Where x was
  // rounded, c is rounded alike: trees split at values of their data, and x = c must come out as in the float model.
  const against = (value: Value, constant: Float64Array, to: (value: number) => number) => {
    const quantity = operands.get(value);
    const unit = 2 ** quantity.exponent;
    const unitsOf = operands.isRounded(value) ? round : to;
    const [low, high] = [Number(quantity.range.min) - 1, Number(quantity.range.max) + 1];
    const constants = Array.from(constant, (each) =>
      Math.min(Math.max(unitsOf(each / unit) + quantity.zero, low), high),
    );
    return [quantity, sheet.constant(constants, quantity.exponent)] as const;
  };
  if (right.constant !== undefined) {
    const [input, limit] = against(left, right.constant, Math.floor);
    return sheet.add({ op: "greater", left: input.tensor, right: limit.tensor }, 0);
  }
  if (left.constant !== undefined) {
    const [input, limit] = against(right, left.constant, Math.ceil);
    return sheet.add({ op: "greater", left: limit.tensor, right: input.tensor }, 0);
  }
  return roomy(
    operands,
    [left, right],
    (inputs) => {
      const [a, b] = aligned(sheet, inputs);
      return sheet.add({ op: "greater", left: a!.tensor, right: b!.tensor }, 0);
    },
    { output },
  );
}
