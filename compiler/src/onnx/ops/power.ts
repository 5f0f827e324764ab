import type { ProgramBuilder } from "../../program/builder.ts";
import type { Value } from "../../program/types.ts";
import { broadcastAll, byParameter, number } from "./elementwise.ts";
import { unsupported } from "./operands.ts";
import type { Lowering, Operators } from "./types.ts";

/** A base that stands for 0, or for what is below it, where a power has no value there. */
const TINY = 2 ** -24;

/** value ** exponent, finite for every value. */
function powerOf(value: number, exponent: number): number {
  const base = Number.isInteger(exponent) ? value : Math.max(value, 0);
  return exponent < 0 && base === 0 ? TINY ** exponent : base ** exponent;
}

/** Small whole powers are products, exact in integers; the rest are tables. */
function power(builder: ProgramBuilder, base: Value, exponent: number): Value {
  const square = () => builder.multiply(base, base);
  if (exponent === 1) return base;
  if (exponent === 2) return square();
  if (exponent === 3) return builder.multiply(square(), base);
  if (exponent === 4) {
    const squared = square();
    return builder.multiply(squared, squared);
  }
  return builder.table(base, `power ${exponent}`, (value) => powerOf(value, exponent), base.type);
}

const pow: Lowering = (context) => {
  const { builder } = context;
  const type = number(context, 0).type;
  number(context, 1);
  const [base, exponent] = broadcastAll(context) as [Value, Value];
  const made = (value: Value) => [builder.as(value, type)];
  if (exponent.constant !== undefined) {
    if (type === "integer" && exponent.constant.some((each) => each < 0 || !Number.isInteger(each))) {
      throw unsupported(context, "an integer needs whole, non-negative exponents; cast it to float");
    }
    return made(byParameter(context, base, exponent.constant, (part, each) => power(builder, part, each)));
  }
  const bases = base.constant;
  const positive = bases?.every((each) => each > 0) ?? false;
  if (bases === undefined) {
    if (type !== "real") throw unsupported(context, "of integers, the exponent or the base must be constant");
    // x^y = e^(y log x), which has no value below 0: as with exponents like 0.5.
    const logs = builder.table(base, "log", (value) => Math.log(Math.max(value, TINY)));
    return [builder.table(builder.multiply(exponent, logs), "exp", Math.exp)];
  }
  if (!positive) throw unsupported(context, "a constant base must be above 0 where the exponent varies");
  const raise = (part: Value, each: number) => builder.table(part, `${each} to the power`, (value) => each ** value);
  return made(byParameter(context, exponent, bases, raise));
};

/** Mod of ONNX: the sign is the divisor's, or with `fmod` the dividend's. */
const mod: Lowering = (context) => {
  const { builder, attributes } = context;
  const truncated = attributes.flag("fmod", false);
  number(context, 0);
  number(context, 1);
  const [left, right] = broadcastAll(context) as [Value, Value];
  if (left.type === "real" && !truncated) throw unsupported(context, "floats need fmod = 1");
  const divisors = right.constant;
  if (divisors === undefined || divisors.includes(0)) {
    throw unsupported(context, "its divisor must be constant and not 0");
  }
  const remainder = (part: Value, divisor: number) => {
    const apply = (value: number) => (truncated ? value % divisor : value - divisor * Math.floor(value / divisor)) + 0;
    return builder.table(part, "remainder", apply, left.type);
  };
  return [byParameter(context, left, divisors, remainder)];
};

export const powerOps: Operators = { Pow: { inputs: [2, 2], lower: pow }, Mod: { inputs: [2, 2], lower: mod } };
