import type { Value } from "../../program/types.ts";
import { elementType } from "../dtypes.ts";
import { OnnxAttributeError } from "../errors.ts";
import { dataTypeName, INT16, INT8, UINT16, UINT8 } from "../proto.ts";
import { number, uniform } from "./elementwise.ts";
import { broadcastTo } from "./layout.ts";
import { axisOf, constantOperand, misfit, operand } from "./operands.ts";
import { roundHalfEven } from "./special.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

/** Scale and zero point of each element, from inputs 1 and 2: one for all, or one for each place along an axis. */
function parameters(context: OpContext, input: Value): readonly [scale: Float64Array, zero: Float64Array] {
  const { attributes, node, builder } = context;
  const given = attributes.integer("axis", 1);
  const block = attributes.integer("block_size", 0);
  if (block !== 0) throw new OnnxAttributeError(node, "block_size", String(block), "only 0 is supported");
  const spread = (at: number, what: string): Float64Array => {
    const found = constantOperand(context, at, what) ?? Float64Array.of(0);
    const rank = input.dims.length;
    let dims = input.dims.map(() => 1);
    if (found.length !== 1) {
      const axis = axisOf(context, given, rank);
      if (found.length !== input.dims[axis]) throw misfit(context, `its ${what} has ${found.length} elements`);
      dims = dims.map((size, each) => (each === axis ? found.length : size));
    }
    return broadcastTo(builder, builder.constant(dims, found), input.dims).constant!;
  };
  const scale = spread(1, "scale");
  if (scale.some((each) => each <= 0)) throw misfit(context, "its scale is not above 0");
  return [scale, spread(2, "zero point")];
}

/** The range of what QuantizeLinear makes; without a zero point or `output_dtype` it is uint8. */
function targetRange(context: OpContext): readonly [number, number] {
  const named = context.attributes.integer("output_dtype", 0);
  const dtype = named === 0 ? context.inputs[2] === undefined ? UINT8 : (context.dtypes?.[2] ?? 0) : named; // prettier-ignore
  const range = [UINT8, INT8, UINT16, INT16].includes(dtype) ? elementType(dtype)?.range : undefined;
  if (range !== undefined) return range;
  throw new OnnxAttributeError(context.node, "output_dtype", dataTypeName(dtype), "8 and 16 bits are supported");
}

/** Rounds x / scale to even on halves, adds the zero point and saturates. */
const quantize: Lowering = (context) => {
  const { builder, attributes } = context;
  const input = number(context, 0);
  attributes.flag("saturate", true);
  attributes.integer("precision", 0);
  const [scale, zero] = parameters(context, input);
  const [min, max] = targetRange(context);
  const [step, shift] = [uniform(scale), uniform(zero)];
  if (step !== undefined && shift !== undefined) {
    const apply = (value: number) => Math.min(Math.max(roundHalfEven(value / step) + shift, min), max);
    return [builder.table(input, "quantise", apply, "integer")];
  }
  const scaled = builder.divide(input, builder.constant(input.dims, scale));
  const rounded = builder.table(scaled, "round", roundHalfEven, "integer");
  const shifted = builder.linear([[1, rounded], [1, builder.constant(input.dims, zero, "integer")]], 0, "integer"); // prettier-ignore
  return [builder.clamp(builder.as(shifted, "integer"), min, max)];
};

/** (x - zero point) * scale. */
const dequantize: Lowering = (context) => {
  const input = operand(context, 0);
  context.attributes.integer("output_dtype", 0);
  const [scale, zero] = parameters(context, input);
  const offsets = scale.map((each, at) => -each * zero[at]! + 0);
  return [context.builder.scale(input, scale, offsets)];
};

export const quantisedOps: Operators = {
  QuantizeLinear: { inputs: [2, 3], lower: quantize },
  DequantizeLinear: { inputs: [2, 3], lower: dequantize },
};
