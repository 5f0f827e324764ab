import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { not } from "./compare.ts";
import { repeat } from "./layout.ts";
import { unsupported } from "./operands.ts";
import type { OpContext } from "./types.ts";

/** What becomes of scores before a model of `ai.onnx.ml` gives them out. */
export type PostTransform = "NONE" | "LOGISTIC" | "SOFTMAX" | "SOFTMAX_ZERO";

/** A score nearer to 0 than this is 0 to SOFTMAX_ZERO. */
const NEAR_ZERO = 1e-7;

export function readPostTransform({ attributes }: OpContext): PostTransform {
  return attributes.choice("post_transform", "NONE", ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"]);
}

export function logistic(builder: ProgramBuilder, scores: Value): Value {
  return builder.table(scores, "sigmoid", (value) => 1 / (1 + Math.exp(-value)));
}

/** Where scores are far enough from 0 to count, 1. */
function nonZero(builder: ProgramBuilder, scores: Value): Value {
  const limit = (value: number) => {
    return builder.constant(scores.dims, new Float64Array(elementCount(scores.dims)).fill(value));
  };
  const terms = [
    [1, builder.greater(scores, limit(NEAR_ZERO))],
    [1, builder.greater(limit(-NEAR_ZERO), scores)],
  ] as const;
  return builder.linear(terms, 0, "boolean");
}

/** exp(score) by the sum of them in each row; with `skip`, scores that are 0 stay 0, and rows of zeros do too. */
function softmax(builder: ProgramBuilder, scores: Value, skip: boolean): Value {
  const [rows, width] = scores.dims as [number, number];
  const greatest = repeat(builder, builder.max(scores, width, [rows]), width, scores.dims);
  const shift = [
    [1, scores],
    [-1, greatest],
  ] as const;
  const powers = builder.table(builder.linear(shift, 0), "exp", (value) => Math.exp(Math.min(value, 0)));
  if (!skip) return builder.divide(powers, repeat(builder, builder.sum(powers, width, [rows]), width, scores.dims));
  const counts = nonZero(builder, scores);
  const counted = builder.multiply(counts, powers);
  // A row of zeros is divided by 1.
  const sum = [
    [1, builder.sum(counted, width, [rows])],
    [1, not(builder, builder.max(counts, width, [rows]))],
  ] as const;
  return builder.divide(counted, repeat(builder, builder.linear(sum, 0), width, scores.dims));
}

/** The transform, on [rows][classes]. */
export function transformed(builder: ProgramBuilder, scores: Value, post: PostTransform): Value {
  switch (post) {
    case "NONE":
      return scores;
    case "LOGISTIC":
      return logistic(builder, scores);
    case "SOFTMAX":
      return softmax(builder, scores, false);
    case "SOFTMAX_ZERO":
      return softmax(builder, scores, true);
  }
}

/** The transform of a regression. Of one score alone ONNX and its runtime differ, so that is refused. */
export function regressed(context: OpContext, scores: Value, post: PostTransform): Value {
  if (scores.dims[1] !== 1 || post === "NONE") return transformed(context.builder, scores, post);
  throw new OnnxAttributeError(
    context.node,
    "post_transform",
    post,
    "runtimes leave it out for a single target; export with NONE and put the function in a node of its own",
  );
}

/** Labels of the classes. @throws {OnnxUnsupportedOpError} when they are strings, {OnnxAttributeError} when missing. */
export function readLabels(context: OpContext, integers: string): readonly number[] {
  const { attributes } = context;
  if ((attributes.strings("classlabels_strings") ?? []).length > 0) {
    const remedy =
      "its labels are strings, which are no numbers; train with integer labels and export with zipmap switched off " +
      "(skl2onnx: options={'zipmap': False})";
    throw unsupported(context, remedy);
  }
  const labels = attributes.integers(integers) ?? [];
  if (labels.length >= 2) return labels;
  throw new OnnxAttributeError(context.node, integers, `${labels.length} long`, "at least two classes are needed");
}

/** labels[index], for whole numbers from 0 on. */
export function labelled(builder: ProgramBuilder, index: Value, labels: readonly number[]): Value {
  const [first, second] = labels as [number, number];
  if (labels.length === 2) return builder.linear([[second - first, index]], first, "integer");
  if (labels.every((label, at) => label === first + at)) return builder.linear([[1, index]], first, "integer");
  return builder.table(index, "label", (value) => labels[value] ?? 0, "integer");
}

/**
 * Label and [s0, s1] of two classes, of which one has a score: the second is chosen when the score is above `limit`.
 * LOGISTIC gives the probabilities of both. Otherwise the first gets 1 - score or, with `opposed`, -score.
 */
export function binary(
  builder: ProgramBuilder,
  score: Value,
  { labels, limit, post, opposed }: { labels: readonly number[]; limit: number; post: PostTransform; opposed: boolean },
): readonly [label: Value, scores: Value] {
  const rows = elementCount(score.dims);
  const limits = builder.constant([rows], new Float64Array(rows).fill(limit));
  const flat = builder.reshape(score, [rows]);
  const second = builder.greater(flat, limits);
  // Row by row: the first class's score, as it follows from the second's, and the second's.
  const pairs = repeat(builder, flat, 2, [rows, 2]);
  const factors = Float64Array.from({ length: 2 * rows }, (_, at) => (at % 2 === 0 ? -1 : 1));
  const logit = post === "LOGISTIC";
  const offsets = factors.map((factor) => (factor < 0 && !opposed && !logit ? 1 : 0));
  const scores = builder.scale(pairs, factors, offsets);
  return [labelled(builder, second, labels), logit ? logistic(builder, scores) : scores];
}

/** Label and transformed scores of [rows][classes], where every class has a score; the lowest class wins a tie. */
export function classified(
  builder: ProgramBuilder,
  scores: Value,
  { labels, post }: { labels: readonly number[]; post: PostTransform },
): readonly [label: Value, scores: Value] {
  const found = builder.argmax(scores, labels.length, [scores.dims[0]!]);
  return [labelled(builder, found, labels), transformed(builder, scores, post)];
}
