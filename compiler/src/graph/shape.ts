import { convOutput, elementCount } from "../program/geometry.ts";
import type { ConvShape } from "../program/types.ts";
import { GraphInvalidError, LayerTooLargeError } from "./errors.ts";
import { MAX_CONSTANT, MAX_GRAPH_ELEMENTS, MAX_SHIFT, MAX_TABLE, MAX_TENSOR_ELEMENTS } from "./limits.ts";
import type { ConvNode, DenseNode, GatherNode, IntegerNode } from "./types.ts";

/** What a node makes: so many elements, with so many products. Known before anything of that size is allocated. */
export interface NodeShape {
  readonly width: number;
  readonly work: number;
}

function equal(where: string, got: number, wanted: number): void {
  if (got !== wanted) throw new GraphInvalidError(where, `${got} elements`, String(wanted));
}

function wholeIn(where: string, value: number, min: number, max: number): void {
  const whole = Number.isInteger(value) && !Object.is(value, -0);
  if (!whole || value < min || value > max) {
    throw new GraphInvalidError(where, String(value), `an integer from ${min} to ${max}`);
  }
}

/** `values` are `length` integers of less than 2^24 in size. */
function constants(where: string, values: readonly number[], length: number): void {
  equal(where, values.length, length);
  for (let at = 0; at < length; at++) wholeIn(`${where}.${at}`, values[at]!, -MAX_CONSTANT, MAX_CONSTANT);
}

/** `width` elements are rows of `row` each. */
function rowsOf(where: string, width: number, row: number): number {
  wholeIn(where, row, 1, MAX_TENSOR_ELEMENTS);
  if (width % row !== 0) throw new GraphInvalidError(where, String(row), `a divisor of ${width}`);
  return width / row;
}

function denseShape(where: string, { rows, weights, bias }: DenseNode, width: number): NodeShape {
  const inner = rowsOf(`${where}.rows`, width, rows);
  if (weights.length === 0) throw new GraphInvalidError(`${where}.weights`, "no rows", "at least one");
  constants(`${where}.bias`, bias, weights.length);
  for (const [row, factors] of weights.entries()) constants(`${where}.weights.${row}`, factors, inner);
  return { width: rows * weights.length, work: width * weights.length };
}

function checkGeometry(where: string, shape: ConvShape): void {
  const { channels, size, outputs, kernel, strides, dilations, groups, pads } = shape;
  const sizes = { size, kernel, strides, dilations };
  for (const [field, value] of Object.entries({ channels, outputs, groups })) {
    wholeIn(`${where}.${field}`, value, 1, MAX_TENSOR_ELEMENTS);
  }
  for (const [field, pair] of Object.entries(sizes)) {
    equal(`${where}.${field}`, pair.length, 2);
    for (const [axis, value] of pair.entries()) wholeIn(`${where}.${field}.${axis}`, value, 1, MAX_TENSOR_ELEMENTS);
  }
  equal(`${where}.pads`, pads.length, 4);
  for (const [side, value] of pads.entries()) wholeIn(`${where}.pads.${side}`, value, 0, MAX_TENSOR_ELEMENTS);
  if (channels % groups !== 0 || outputs % groups !== 0) {
    throw new GraphInvalidError(`${where}.groups`, String(groups), `a divisor of ${channels} and of ${outputs}`);
  }
}

function convShape(where: string, { shape, weights, bias }: ConvNode, width: number): NodeShape {
  checkGeometry(`${where}.shape`, shape);
  const { channels, size, outputs, kernel, groups } = shape;
  equal(`${where}.input`, width, channels * elementCount(size));
  const taps = (channels / groups) * elementCount(kernel);
  constants(`${where}.weights`, weights, outputs * taps);
  constants(`${where}.bias`, bias, outputs);
  const [height, across] = convOutput(shape);
  if (height < 1 || across < 1) throw new GraphInvalidError(`${where}.shape`, "a kernel", "none that fits");
  const made = outputs * height * across;
  return { width: made, work: made * taps };
}

function gatherShape(where: string, node: GatherNode, widths: readonly number[]): NodeShape {
  constants(`${where}.constants`, node.constants, node.constants.length);
  const total = widths.reduce((sum, width) => sum + width, node.constants.length);
  if (total > MAX_GRAPH_ELEMENTS)
    throw new LayerTooLargeError(node.name, "elements to gather from", total, MAX_GRAPH_ELEMENTS);
  for (const [at, from] of node.index.entries()) wholeIn(`${where}.index.${at}`, from, 0, total - 1);
  return { width: node.index.length, work: 0 };
}

/**
 * What a node makes of inputs of these widths.
 *
 * @throws {GraphInvalidError} when sizes do not fit one another, or a constant is no integer of less than 2^24 in size.
 * @throws {LayerTooLargeError} when a gather chooses among too many elements.
 */
export function shapeOf(node: IntegerNode, widths: readonly number[]): NodeShape {
  const where = `nodes.${node.name}`;
  const [width, other] = widths as readonly [number, number];
  switch (node.op) {
    case "dense":
      return denseShape(where, node, width);
    case "conv":
      return convShape(where, node, width);
    case "gather":
      return gatherShape(where, node, widths);
    case "linear":
      // Without an input nobody says how many elements there are; a gather makes constants.
      if (widths.length === 0) throw new GraphInvalidError(`${where}.inputs`, "no tensors", "at least one");
      for (const [k, each] of widths.entries()) equal(`${where}.inputs.${k}`, each, width);
      constants(`${where}.factors`, node.factors, widths.length);
      constants(`${where}.offset`, [node.offset], 1);
      return { width, work: 0 };
    case "scale":
      constants(`${where}.factors`, node.factors, width);
      constants(`${where}.offsets`, node.offsets, width);
      return { width, work: 0 };
    case "sum":
    case "max":
    case "argmax":
      return { width: rowsOf(`${where}.width`, width, node.width), work: 0 };
    case "requantise": {
      const { min, max } = node.clamp;
      wholeIn(`${where}.shift`, node.shift, 0, MAX_SHIFT);
      if (min > max) throw new GraphInvalidError(`${where}.clamp`, `[${min}, ${max}]`, "min <= max");
      return { width, work: 0 };
    }
    case "lookup":
      wholeIn(`${where}.min`, node.min, -MAX_CONSTANT, MAX_CONSTANT);
      wholeIn(`${where}.table.length`, node.table.length, 1, MAX_TABLE);
      constants(`${where}.table`, node.table, node.table.length);
      return { width, work: 0 };
    case "multiply":
    case "greater":
    case "divide":
      equal(`${where}.right`, other, width);
      return { width, work: 0 };
    case "matmul": {
      const { batch, m, k, n } = node;
      for (const [field, value] of Object.entries({ batch, m, k, n })) {
        wholeIn(`${where}.${field}`, value, 1, MAX_TENSOR_ELEMENTS);
      }
      equal(`${where}.left`, width, batch * m * k);
      equal(`${where}.right`, other, batch * k * n);
      return { width: batch * m * n, work: batch * m * k * n };
    }
    case "onehot":
      wholeIn(`${where}.size`, node.size, 1, MAX_TENSOR_ELEMENTS);
      return { width: width * node.size, work: 0 };
  }
}
