import { z } from "zod";

import { MAX_RANK, MAX_WEIGHTS, MAX_WIDTH } from "../onnx/limits.ts";
import { IDENTIFIER } from "./identifier.ts";

/** Most nodes of an integer graph. */
export const MAX_GRAPH_NODES = 256;

/** Largest shift of a requantise node: 2^(shift-1) more must stay below 2^24. */
export const MAX_SHIFT = 23;

/** Greatest absolute weight: 16 bits with sign. */
export const MAX_WEIGHT = 2 ** 15;

/** Greatest absolute bias: below float32's exact limit. */
const MAX_BIAS = 2 ** 24 - 1;

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

const tensorSpec = z.strictObject({
  name,
  dtype: z.enum(["u8", "i8", "u16", "i16", "u32", "i32"]),
  dims: z
    .array(whole(1, MAX_WIDTH))
    .min(1)
    .max(MAX_RANK)
    .refine((dims) => dims.reduce((product, size) => product * size, 1) <= MAX_WIDTH, "too many elements"),
  range: interval,
  scale: z.number().positive(),
  zeroPoint: whole(-(2 ** 31), 2 ** 32 - 1),
});

const edges = { name, input: name, output: name };
const dense = z.strictObject({
  op: z.literal("dense"),
  ...edges,
  weights: z
    .array(z.array(whole(-MAX_WEIGHT, MAX_WEIGHT)).min(1).max(MAX_WIDTH))
    .min(1)
    .max(MAX_WIDTH),
  bias: z.array(whole(-MAX_BIAS, MAX_BIAS)).max(MAX_WIDTH),
  bounds: z.array(interval).max(MAX_WIDTH),
});
const requantise = z.strictObject({
  op: z.literal("requantise"),
  ...edges,
  shift: whole(0, MAX_SHIFT),
  clamp: interval,
});
const argmax = z.strictObject({ op: z.literal("argmax"), ...edges });

/** `assay.graph/1` as JSON: intervals are decimal strings, everything else is itself. */
export const graphSchema = z
  .strictObject({
    format: z.literal("assay.graph/1"),
    name: z
      .string()
      .min(1)
      .max(128)
      .refine((text) => text.isWellFormed(), "well-formed Unicode"),
    input: tensorSpec,
    output: tensorSpec,
    nodes: z
      .array(z.discriminatedUnion("op", [dense, requantise, argmax]))
      .min(1)
      .max(MAX_GRAPH_NODES),
    widths: z.record(name, whole(1, MAX_WIDTH)),
    ranges: z.record(name, interval),
  })
  .refine(
    ({ nodes }) =>
      nodes.reduce(
        (sum, node) => sum + (node.op === "dense" ? node.weights.reduce((count, row) => count + row.length, 0) : 0),
        0,
      ) <= MAX_WEIGHTS,
    "too many weights",
  );
