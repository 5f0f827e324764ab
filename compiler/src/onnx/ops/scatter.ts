import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { bounded, boundedRounds, signed } from "./operands.ts";
import { hotRows, type Picks } from "./picks.ts";
import type { OpContext } from "./types.ts";
import { gatherAll } from "./wiring.ts";

/** What becomes of an element that an update hits: the last update takes its place, or all are added to it. */
export type Reduction = "none" | "add";

export interface Scatter {
  readonly updates: Value;
  /** Whole numbers, as `flatIndices` makes them. */
  readonly index: Value;
  /** Where in the data each update goes. */
  readonly picks: Picks;
  readonly reduction: Reduction;
}

/**
 * Lists of numbers by element, as layers: layer k has the k-th number of each element's list, or `none`. There are as
 * many layers as the longest list has numbers.
 */
class Layers {
  readonly layers: Int32Array[] = [];
  readonly #context: OpContext;
  readonly #none: number;
  readonly #lengths: Int32Array;

  constructor(context: OpContext, size: number, none: number) {
    this.#context = context;
    this.#none = none;
    this.#lengths = new Int32Array(size);
  }

  push(element: number, value: number): void {
    const size = this.#lengths.length;
    const k = this.#lengths[element]!++;
    if (k === this.layers.length) {
      bounded(this.#context, boundedRounds(this.#context, k + 1) * size);
      this.layers.push(new Int32Array(size).fill(this.#none));
    }
    this.layers[k]![element] = value;
  }
}

function sumOf({ builder }: OpContext, left: Value, right: Value): Value {
  const terms = [
    [1, left],
    [1, right],
  ] as const;
  return builder.as(builder.linear(terms, 0, left.type), left.type);
}

/** Known indices: replacing is wiring, adding sums; neither costs a product. */
function scatterKnown(context: OpContext, data: Value, known: Float64Array, each: Scatter): Value {
  const { builder } = context;
  const { updates, picks, reduction } = each;
  const size = elementCount(data.dims);
  const target = (at: number) => picks.place(at, known[picks.row(at)]!);
  if (reduction === "none") {
    const order = Int32Array.from({ length: size }, (_, at) => at);
    for (let at = 0; at < picks.count; at++) order[target(at)] = size + at;
    return gatherAll(builder, [data, updates], order, data.dims);
  }
  const hits = new Layers(context, size, picks.count);
  for (let at = 0; at < picks.count; at++) hits.push(target(at), at);
  return hits.layers.reduce((sum, layer) => {
    return sumOf(context, sum, builder.gather([updates], layer, data.dims, [0]));
  }, data);
}

/** Varying indices: each element meets every update that could hit it, and one bit says whether it does. */
function scatterVarying(context: OpContext, data: Value, { updates, index, picks, reduction }: Scatter): Value {
  const { builder } = context;
  const { count, size, row, place } = picks;
  const type = signed(data.type);
  bounded(context, count * size);
  const hot = hotRows(context, index, size, type);
  const targets = elementCount(data.dims);
  const from = new Layers(context, targets, 0);
  const bits = new Layers(context, targets, elementCount(hot.dims));
  for (let at = 0; at < count; at++) {
    for (let each = 0; each < size; each++) {
      from.push(place(at, each), at);
      bits.push(place(at, each), row(at) * size + each);
    }
  }
  return from.layers.reduce((value, layer, k) => {
    const bit = builder.gather([hot], bits.layers[k]!, data.dims, [0]);
    const update = builder.gather([updates], layer, data.dims);
    if (reduction === "add") return sumOf(context, value, builder.multiply(bit, update));
    const terms = [
      [1, update],
      [-1, value],
    ] as const;
    return sumOf(context, value, builder.multiply(bit, builder.linear(terms, 0, type)));
  }, data);
}

/** `data` with updates written over its elements, or added to them; later updates win. */
export function scatter(context: OpContext, data: Value, each: Scatter): Value {
  const { constant } = each.index;
  bounded(context, each.picks.count);
  if (constant !== undefined) return scatterKnown(context, data, constant, each);
  return scatterVarying(context, data, each);
}
