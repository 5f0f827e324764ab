import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { axesLast, lastTo, repeat } from "./layout.ts";
import { axisOf, bounded, boundedRounds, integerOperand, misfit, operand, typed } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";
import { gatherAll } from "./wiring.ts";

/** How many elements TopK is to find: an attribute up to operator set 9, a constant input from then on. */
function countOf(context: OpContext, width: number): number {
  const { attributes, inputs, node } = context;
  const given = integerOperand(context, 1, "k");
  const listed = attributes.has("k") ? attributes.integer("k", 0) : undefined;
  if (listed !== undefined && inputs[1] !== undefined) {
    throw new OnnxAttributeError(node, "k", String(listed), "an input gives it too; export the model again");
  }
  if (given !== undefined && given.length !== 1) throw misfit(context, "its k is not one number");
  const count = listed ?? given?.[0] ?? 0;
  if (count >= 1 && count <= width) return count;
  throw misfit(context, `k is ${count}`, `the axis has ${width} elements`);
}

function sumOf({ builder }: OpContext, left: Value, right: Value, factor: number, type: Value["type"]): Value {
  const terms = [
    [1, left],
    [factor, right],
  ] as const;
  return builder.linear(terms, 0, type);
}

/** Results of the rounds, one column each. */
function beside({ builder }: OpContext, found: readonly Value[], rows: number): Value {
  const index = Int32Array.from({ length: rows * found.length }, (_, at) => {
    return (at % found.length) * rows + Math.floor(at / found.length);
  });
  return gatherAll(builder, found, index, [rows, found.length]);
}

/**
 * The `count` greatest of each row and where they are, greatest first; of equal ones the first is first.
 *
 * Each round finds the greatest of what is left. What was found is lowered by twice the distance from the greatest to
 * the least, which puts it below all others, so that nothing grows from round to round. Where that distance is 0 nothing
 * is lowered; but then all are equal and round r finds element r.
 */
function greatest(context: OpContext, input: Value, width: number, count: number) {
  const { builder } = context;
  const { type } = input;
  const rows = elementCount(input.dims) / width;
  const found: { values: Value[]; places: Value[] } = { values: [], places: [] };
  const first = builder.max(input, width, [rows]);
  let left = input;
  let removed: Value | undefined;
  const negated = builder.linear([[-1, input]], 0, type);
  // The greatest of the negated elements is the least with its sign turned.
  const distance = sumOf(context, first, builder.max(negated, width, [rows]), 1, type);
  const lowering = repeat(builder, builder.linear([[2, distance]], 0, type), width, input.dims);
  const zeros = builder.constant([rows], new Float64Array(rows), type);
  const differ = builder.as(builder.greater(distance, zeros), "integer");
  for (let round = 0; round < count; round++) {
    found.values.push(round === 0 ? first : builder.max(left, width, [rows]));
    const place = builder.argmax(left, width, [rows]);
    // differ ? place : round
    const moved = builder.multiply(differ, builder.linear([[1, place]], -round, "integer"));
    found.places.push(round === 0 ? place : builder.linear([[1, moved]], round, "integer"));
    if (round === count - 1) break;
    const hot = builder.onehot(place, width, input.dims);
    removed = removed === undefined ? hot : sumOf(context, removed, hot, 1, "integer");
    left = sumOf(context, input, builder.multiply(builder.as(removed, type), lowering), -1, type);
  }
  return { values: beside(context, found.values, rows), places: beside(context, found.places, rows) };
}

const topK: Lowering = (context) => {
  const { builder, attributes } = context;
  const input = operand(context, 0);
  if (input.type === "boolean") typed(context, input, "real");
  const axis = axisOf(context, attributes.integer("axis", -1), input.dims.length);
  const largest = attributes.flag("largest", true);
  // Unsorted means any order, and greatest first is one.
  attributes.flag("sorted", true);
  const width = input.dims[axis]!;
  const count = countOf(context, width);
  bounded(context, elementCount(input.dims) * boundedRounds(context, count));
  const rows = axesLast(builder, input, [axis]);
  const turned = largest ? rows : builder.linear([[-1, rows]], 0, input.type);
  const { values, places } = greatest(context, turned, width, count);
  const dims = [...rows.dims.slice(0, -1), count];
  const back = (value: Value) => lastTo(builder, builder.reshape(value, dims), axis);
  return [back(largest ? values : builder.linear([[-1, values]], 0, input.type)), back(places)];
};

/** Finding the greatest or least elements. Each costs, for each element of a row, two comparisons and two products. */
export const sortOps: Operators = { TopK: { inputs: [1, 2], lower: topK } };
