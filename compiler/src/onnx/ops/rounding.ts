import type { Value } from "../../program/types.ts";
import { elementType } from "../dtypes.ts";
import { OnnxAttributeError } from "../errors.ts";
import { dataTypeName } from "../proto.ts";
import { number } from "./elementwise.ts";
import { operand } from "./operands.ts";
import { roundHalfEven } from "./special.ts";
import type { Lowering, OpContext, Operator, Operators } from "./types.ts";

/** The result is whole, but of the input's type, as ONNX has it. */
function rounding(name: string, apply: (value: number) => number): Operator {
  const lower: Lowering = (context) => {
    const input = number(context, 0);
    return [input.type === "integer" ? input : context.builder.table(input, name, (value) => apply(value) + 0)];
  };
  return { inputs: [1, 1], lower };
}

/** `input` as another type. Integers are taken to fit; nothing wraps around. */
export function castTo(context: OpContext, input: Value, dtype: number): Value {
  const { builder, node } = context;
  const target = elementType(dtype)?.type;
  if (target === undefined) {
    throw new OnnxAttributeError(node, "to", dataTypeName(dtype), "cast to a number or a boolean");
  }
  if (target === input.type) return input;
  if (target === "boolean") return builder.table(input, "is not 0", (value) => (value === 0 ? 0 : 1), "boolean");
  if (target === "integer" && input.type === "real") {
    return builder.table(input, "truncate", (value) => Math.trunc(value) + 0, "integer");
  }
  return builder.as(input, target);
}

const cast: Lowering = (context) => {
  // Says how floats narrower than 16 bits are rounded; there are none here.
  context.attributes.flag("saturate", true);
  if (context.attributes.has("round_mode")) context.attributes.string("round_mode", "up");
  return [castTo(context, operand(context, 0), context.attributes.integer("to", 0))];
};

const castLike: Lowering = (context) => {
  context.attributes.flag("saturate", true);
  const [input, like] = [operand(context, 0), operand(context, 1)];
  // Where the exact type is not followed, any of the same kind means the same.
  const known = context.dtypes?.[1] ?? 0;
  return [castTo(context, input, known === 0 ? { real: 1, integer: 7, boolean: 9 }[like.type] : known)];
};

export const roundingOps: Operators = {
  Floor: rounding("floor", Math.floor),
  Ceil: rounding("ceil", Math.ceil),
  Round: rounding("round", roundHalfEven),
  Cast: { inputs: [1, 1], lower: cast },
  CastLike: { inputs: [2, 2], lower: castLike },
};
