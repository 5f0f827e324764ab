import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { commonType, number } from "./elementwise.ts";
import { readEquation } from "./equation.ts";
import { axesLast, broadcastTo, indicesBy, permute, stridesOf } from "./layout.ts";
import { linearOps } from "./linear.ts";
import { boundedRounds, boundedShape, misfit } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

/** A tensor with a label for each of its axes, each label once. */
interface Labelled {
  readonly value: Value;
  readonly labels: readonly string[];
}

/** The size of each label; sizes of 1 go along with any other. @throws {OnnxShapeError} when two do not go together. */
function sizesOf(context: OpContext, labels: readonly (readonly string[])[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const [at, each] of labels.entries()) {
    for (const [axis, label] of each.entries()) {
      const size = number(context, at).dims[axis]!;
      if (size === 0) throw misfit(context, `operand ${at} is empty`);
      const diagonal = number(context, at).dims[each.indexOf(label)]!;
      if (size !== diagonal)
        throw misfit(context, `its diagonal of operand ${at} has sides of ${diagonal} and ${size}`);
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) {
        throw misfit(context, `its equation gives ${known} and ${size} elements to one label`);
      }
      sizes.set(label, Math.max(known, size));
    }
  }
  return sizes;
}

/** The diagonal along axes of one label, without the axes of size 1 of labels that are longer elsewhere. */
function distinct(
  { builder }: OpContext,
  value: Value,
  labels: readonly string[],
  sizes: ReadonlyMap<string, number>,
): Labelled {
  const steps = new Map<string, number>();
  const strides = stridesOf(value.dims);
  for (const [axis, label] of labels.entries()) {
    const size = value.dims[axis]!;
    if (size === sizes.get(label)) steps.set(label, (steps.get(label) ?? 0) + (size === 1 ? 0 : strides[axis]!));
  }
  const kept = [...steps.keys()];
  const dims = kept.map((label) => sizes.get(label)!);
  return { value: builder.gather([value], indicesBy(dims, [...steps.values()]), dims), labels: kept };
}

/** Sums over all labels but those that are needed. */
function summed({ builder }: OpContext, { value, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = [...labels.keys()].filter((axis) => !needed.has(labels[axis]!));
  if (axes.length === 0) return { value, labels };
  const kept = labels.filter((label) => needed.has(label));
  const dims = value.dims.filter((_, axis) => !axes.includes(axis));
  const width = elementCount(axes.map((axis) => value.dims[axis]!));
  return { value: builder.sum(axesLast(builder, value, axes), width, dims), labels: kept };
}

/** The tensor with its axes in this order, as [...dims]. */
function ordered(
  { builder }: OpContext,
  { value, labels }: Labelled,
  order: readonly string[],
  dims: readonly number[],
): Value {
  return builder.reshape(permute(builder, value, order.map((label) => labels.indexOf(label))), dims); // prettier-ignore
}

/** Every element of `all` labels, the tensor repeated along those that it does not have. */
function spread(context: OpContext, each: Labelled, all: readonly string[], sizes: ReadonlyMap<string, number>): Value {
  const own = all.filter((label) => each.labels.includes(label));
  const wide = all.map((label) => (own.includes(label) ? sizes.get(label)! : 1));
  return broadcastTo(context.builder, ordered(context, each, own, wide), all.map((label) => sizes.get(label)!)); // prettier-ignore
}

/** The product of two tensors, summed over the labels that both have and nothing needs any more. */
function contracted(
  context: OpContext,
  left: Labelled,
  right: Labelled,
  needed: ReadonlySet<string>,
  sizes: ReadonlyMap<string, number>,
): Labelled {
  const { builder } = context;
  const both = left.labels.filter((label) => right.labels.includes(label));
  const [batch, inner] = [both.filter((label) => needed.has(label)), both.filter((label) => !needed.has(label))];
  const rows = left.labels.filter((label) => !both.includes(label));
  const columns = right.labels.filter((label) => !both.includes(label));
  const labels = [...batch, ...rows, ...columns];
  const sizesFor = (each: readonly string[]) => each.map((label) => sizes.get(label)!);
  const [b, m, k, n] = [batch, rows, inner, columns].map((each) => elementCount(sizesFor(each))) as [number, number, number, number]; // prettier-ignore
  boundedShape(context, [b, m, n]);
  const type = commonType([left.value, right.value]);
  const fixed = left.value.constant !== undefined || right.value.constant !== undefined;
  // Element by element: nothing to sum, or a constant factor for each element of rows that stand alone.
  if (inner.length === 0 || (fixed && m === 1 && n === 1)) {
    const all = [...labels, ...inner];
    boundedShape(context, sizesFor(all));
    const product = builder.multiply(spread(context, left, all, sizes), spread(context, right, all, sizes));
    return summed(context, { value: builder.as(product, type), labels: all }, needed);
  }
  // A constant is a layer for each of the batch.
  if (fixed) boundedRounds(context, b);
  const factors = [
    ordered(context, left, [...batch, ...rows, ...inner], [b, m, k]),
    ordered(context, right, [...batch, ...inner, ...columns], [b, k, n]),
  ].map((factor) => (b === 1 ? builder.reshape(factor, factor.dims.slice(1)) : factor));
  const [product] = linearOps["MatMul"]!.lower({ ...context, inputs: factors });
  return { value: builder.as(builder.reshape(product!, sizesFor(labels)), type), labels };
}

/** Operands are taken in two by two, from the left; each product is one matrix product, or goes element by element. */
const einsum: Lowering = (context) => {
  const values = context.inputs.map((_, at) => number(context, at));
  const equation = readEquation(context, values.map(({ dims }) => dims.length)); // prettier-ignore
  const sizes = sizesOf(context, equation.operands);
  const neededAfter = (at: number) => new Set([...equation.output, ...equation.operands.slice(at + 1).flat()]);
  let made: Labelled | undefined;
  for (const [at, value] of values.entries()) {
    const needed = neededAfter(at);
    const known = made?.labels ?? [];
    const next = distinct(context, value, equation.operands[at]!, sizes);
    const own = summed(context, next, new Set([...needed, ...known]));
    if (made === undefined) {
      made = own;
      continue;
    }
    const alone = summed(context, made, new Set([...needed, ...own.labels]));
    made = contracted(context, alone, own, needed, sizes);
  }
  const { labels, value } = made!;
  const dims = equation.output.map((label) => sizes.get(label)!);
  return [ordered(context, { value, labels }, equation.output, dims)];
};

/** Products of tensors summed over labels. */
export const einsumOps: Operators = { Einsum: { inputs: [1, 16], lower: einsum } };
