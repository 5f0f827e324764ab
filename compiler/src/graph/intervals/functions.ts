import { GraphInvalidError } from "../errors.ts";
import type { LookupNode, RequantiseNode } from "../types.ts";
import { checkReach, emptySpans, sizeAt, type Spans } from "./spans.ts";

/**
 * Rounding and clamping keep order: ends map to ends.
 *
 * @throws {AccumulatorOverflowError} when adding the half that rounds could reach 2^24.
 */
export function requantiseSpans({ name, shift, clamp }: RequantiseNode, input: Spans): Spans {
  const [least, most] = [Number(clamp.min), Number(clamp.max)];
  const half = shift === 0 ? 0 : 2 ** (shift - 1);
  const step = 2 ** shift;
  const of = (value: number) => Math.min(Math.max(Math.floor((value + half) / step), least), most);
  for (let at = 0; at < input.min.length; at++) checkReach(name, at, sizeAt(input, at) + half);
  return { min: input.min.map(of), max: input.max.map(of) };
}

/** Least and greatest of any part of a table in constant time, from those of all parts of 2^level entries. */
class TableEnds {
  readonly #least: Float64Array[];
  readonly #most: Float64Array[];

  constructor(table: readonly number[]) {
    const first = Float64Array.from(table);
    this.#least = [first];
    this.#most = [first];
    for (let reach = 1; 2 * reach <= table.length; reach *= 2) {
      const [least, most] = [this.#least.at(-1)!, this.#most.at(-1)!];
      const length = table.length - 2 * reach + 1;
      this.#least.push(Float64Array.from({ length }, (_, at) => Math.min(least[at]!, least[at + reach]!)));
      this.#most.push(Float64Array.from({ length }, (_, at) => Math.max(most[at]!, most[at + reach]!)));
    }
  }

  between(from: number, to: number): readonly [number, number] {
    const level = 31 - Math.clz32(to - from + 1);
    const second = to - 2 ** level + 1;
    const [least, most] = [this.#least[level]!, this.#most[level]!];
    return [Math.min(least[from]!, least[second]!), Math.max(most[from]!, most[second]!)];
  }
}

/**
 * The least and the greatest entry that each element's interval reaches.
 *
 * @throws {GraphInvalidError} when the table does not cover an element's interval.
 */
export function lookupSpans({ name, min, table }: LookupNode, input: Spans): Spans {
  const ends = new TableEnds(table);
  const out = emptySpans(input.min.length);
  for (let at = 0; at < input.min.length; at++) {
    const [from, to] = [input.min[at]! - min, input.max[at]! - min];
    if (from < 0 || to >= table.length) {
      const covered = `[${min}, ${min + table.length - 1}]`;
      const needed = `[${input.min[at]}, ${input.max[at]}] for element ${at}`;
      throw new GraphInvalidError(`nodes.${name}.table`, covered, needed);
    }
    [out.min[at], out.max[at]] = ends.between(from, to) as [number, number];
  }
  return out;
}
