import { z } from "zod";

import { MAX_RANK } from "../onnx/limits.ts";
import { elementCount } from "../program/geometry.ts";
import { IDENTIFIER } from "./identifier.ts";
import {
  MAX_CONSTANT,
  MAX_GRAPH_ELEMENTS,
  MAX_GRAPH_NODES,
  MAX_GRAPH_WEIGHTS,
  MAX_SHIFT,
  MAX_TABLE,
  MAX_TENSOR_ELEMENTS,
} from "./limits.ts";

export { MAX_SHIFT } from "./limits.ts";

/** Longest name of a part: those of the model's file, whatever they are. */
const MAX_PART_NAME = 1_024;

/** Most parts of an edge. */
const MAX_PARTS = 256;

// JSON has no -0 in canonical form, and a double -0 would compare equal to 0 in every check.
const whole = (min: number, max: number) =>
  z
    .number()
    .int()
    .min(min)
    .max(max)
    .refine((value) => !Object.is(value, -0), "negative zero");
const bigint = z
  .string()
  .regex(/^(0|-?[1-9][0-9]{0,18})$/, "an integer as a decimal string")
  .transform(BigInt);
const interval = z.strictObject({ min: bigint, max: bigint });
const name = z.string().regex(IDENTIFIER, "an identifier of at most 63 characters");
const size = whole(1, MAX_TENSOR_ELEMENTS);

/** Many integers: one schema for each of millions of elements would take minutes. The error names the element. */
const integers = (min: number, max: number, most = MAX_TENSOR_ELEMENTS) =>
  z.unknown().transform((value, context): number[] => {
    const refuse = (message: string, path: number[] = []) => {
      context.addIssue({ code: "custom", message, path });
      return z.NEVER;
    };
    if (!Array.isArray(value)) return refuse("an array of integers");
    if (value.length > most) return refuse(`${value.length} elements, the limit is ${most}`);
    const bad = value.findIndex((each) => !Number.isInteger(each) || each < min || each > max || Object.is(each, -0));
    return bad < 0 ? (value as number[]) : refuse(`an integer from ${min} to ${max}`, [bad]);
  });
const constants = (most = MAX_GRAPH_WEIGHTS) => integers(-MAX_CONSTANT, MAX_CONSTANT, most);
const constant = whole(-MAX_CONSTANT, MAX_CONSTANT);

const fits = (dims: readonly number[]) => elementCount(dims) <= MAX_TENSOR_ELEMENTS;
const dims = z.array(size).max(MAX_RANK).refine(fits, "too many elements");

const tensorSpec = z.strictObject({
  name,
  dtype: z.enum(["u8", "i8", "u16", "i16", "u32", "i32"]),
  dims: dims.refine(({ length }) => length > 0, "no dimensions"),
  range: interval,
  scale: z.number().positive(),
  zeroPoint: whole(-(2 ** 31), 2 ** 32 - 1),
});

const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((value) => value.isWellFormed(), "well-formed Unicode");
const parts = z
  .array(z.strictObject({ name: text(MAX_PART_NAME), dims }))
  .min(1)
  .max(MAX_PARTS);

const made = { name, output: name };
const unary = { ...made, input: name };
const binary = { ...made, left: name, right: name };
const many = { ...made, inputs: z.array(name).max(MAX_GRAPH_NODES) };
const pair = z.tuple([size, size]);
const pad = whole(0, MAX_TENSOR_ELEMENTS);

const node = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.literal("dense"),
    ...unary,
    rows: size,
    weights: z.array(constants()).min(1).max(MAX_TENSOR_ELEMENTS),
    bias: constants(),
  }),
  z.strictObject({
    op: z.literal("conv"),
    ...unary,
    shape: z.strictObject({
      channels: size,
      size: pair,
      outputs: size,
      kernel: pair,
      strides: pair,
      pads: z.tuple([pad, pad, pad, pad]),
      dilations: pair,
      groups: size,
    }),
    weights: constants(),
    bias: constants(),
  }),
  z.strictObject({
    op: z.literal("gather"),
    ...many,
    constants: constants(),
    index: integers(0, MAX_GRAPH_ELEMENTS + MAX_GRAPH_WEIGHTS),
  }),
  z.strictObject({ op: z.literal("linear"), ...many, factors: constants(MAX_GRAPH_NODES), offset: constant }),
  z.strictObject({ op: z.literal("scale"), ...unary, factors: constants(), offsets: constants() }),
  z.strictObject({ op: z.enum(["sum", "max", "argmax"]), ...unary, width: size }),
  z.strictObject({ op: z.literal("requantise"), ...unary, shift: whole(0, MAX_SHIFT), clamp: interval }),
  z.strictObject({ op: z.literal("lookup"), ...unary, min: constant, table: constants(MAX_TABLE) }),
  z.strictObject({ op: z.enum(["multiply", "greater", "divide"]), ...binary }),
  z.strictObject({ op: z.literal("matmul"), ...binary, batch: size, m: size, k: size, n: size }),
  z.strictObject({ op: z.literal("onehot"), ...unary, size }),
]);

/** Weights, factors, offsets, table entries and constants of a node. */
function constantsOf(each: z.infer<typeof node>): number {
  switch (each.op) {
    case "dense":
      return each.weights.reduce((count, row) => count + row.length, each.bias.length);
    case "conv":
      return each.weights.length + each.bias.length;
    case "gather":
      return each.constants.length;
    case "linear":
      return each.factors.length;
    case "scale":
      return each.factors.length + each.offsets.length;
    case "lookup":
      return each.table.length;
    default:
      return 0;
  }
}

/** `assay.graph/2` as JSON: intervals are decimal strings, everything else is itself. */
export const graphSchema = z
  .strictObject({
    format: z.literal("assay.graph/2"),
    name: text(128),
    input: tensorSpec,
    output: tensorSpec,
    inputParts: parts,
    outputParts: parts,
    nodes: z.array(node).min(1).max(MAX_GRAPH_NODES),
    widths: z.record(name, size),
    ranges: z.record(name, interval),
    weightsSalt: z
      .string()
      .regex(/^0x[0-9a-f]{62}$/)
      .optional(),
  })
  .refine(
    ({ nodes }) => nodes.reduce((sum, each) => sum + constantsOf(each), 0) <= MAX_GRAPH_WEIGHTS,
    "too many weights",
  )
  .refine(
    ({ widths }) => Object.values(widths).reduce((sum, width) => sum + width, 0) <= MAX_GRAPH_ELEMENTS,
    "too many elements",
  );
