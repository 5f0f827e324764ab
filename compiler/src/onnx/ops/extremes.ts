import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { combine } from "./arithmetic.ts";
import { broadcastAll, number, uniform } from "./elementwise.ts";
import { bounded } from "./operands.ts";
import type { OpContext, Operator, Operators } from "./types.ts";
import { gatherAll } from "./wiring.ts";

/** The greatest of several values of one shape, element by element. */
function greatest(context: OpContext, values: readonly Value[]): Value {
  const { builder } = context;
  const [first] = values as [Value];
  const [count, size] = [values.length, elementCount(first.dims)];
  const index = new Int32Array(bounded(context, count * size));
  for (let at = 0; at < index.length; at++) index[at] = (at % count) * size + Math.floor(at / count);
  return builder.max(gatherAll(builder, values, index, [size, count]), count, first.dims);
}

function negated(builder: ProgramBuilder, value: Value): Value {
  return combine(builder, [value], [-1]);
}

/** Bounds that are one number become a clamp; the rest are compared. */
function extreme(context: OpContext, most: boolean): readonly Value[] {
  const { builder } = context;
  for (const at of context.inputs.keys()) number(context, at);
  const values = broadcastAll(context);
  const bounds = values.map(({ constant }) => (constant === undefined ? undefined : uniform(constant)));
  const open = values.filter((_, k) => bounds[k] === undefined);
  const fixed = bounds.filter((each) => each !== undefined);
  if (open.length === 0) {
    const [first] = values as [Value];
    const value = most ? Math.max(...fixed) : Math.min(...fixed);
    return [builder.constant(first.dims, new Float64Array(elementCount(first.dims)).fill(value), first.type)];
  }
  const found = most
    ? greatest(context, open)
    : open.length === 1
      ? open[0]!
      : negated(builder, greatest(context, open.map((value) => negated(builder, value)))); // prettier-ignore
  if (fixed.length === 0) return [found];
  return [
    most ? builder.clamp(found, Math.max(...fixed), Infinity) : builder.clamp(found, -Infinity, Math.min(...fixed)),
  ];
}

const many = (most: boolean): Operator => ({ inputs: [1, 1_024], lower: (context) => extreme(context, most) });

export const extremeOps: Operators = { Max: many(true), Min: many(false) };
