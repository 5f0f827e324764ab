import { inputsOf } from "../program/builder.ts";
import { elementCount } from "../program/geometry.ts";
import type { Program, Step, Value } from "../program/types.ts";

/** Bits that steps read at most; what is wider is rounded for them. */
export interface ReadBits {
  /** Inputs of layers with constant weights. */
  readonly activation: number;
  /** Operands that are multiplied with one another, and dividends. */
  readonly factor: number;
}

/** Bits of what a table is made over. */
const TABLE_BITS = 8;
/** A table over few elements may be finer. */
const FEW_ELEMENTS = 256;
const FINE_TABLE_BITS = 10;

export function tableBits({ dims }: Value): number {
  return elementCount(dims) <= FEW_ELEMENTS ? FINE_TABLE_BITS : TABLE_BITS;
}

/** Steps that pass on what they read, bit for bit. */
const PASSING = new Set<Step["op"]>(["gather", "max", "sum", "linear", "scale"]);

function bitsRead(step: Step, place: number, { activation, factor }: ReadBits): number | undefined {
  switch (step.op) {
    case "dense":
    case "conv":
      return activation;
    case "table":
      return tableBits(step.input);
    case "multiply":
    case "matmul":
      return factor;
    case "divide":
      return place === 0 ? factor : undefined;
    default:
      return undefined;
  }
}

/**
 * The fewest bits that any step reads of a value, by its id, as it is or passed on. No entry where every bit is used: made
 * with as many, such a value is never rounded a second time.
 */
export function bitsReadOf(program: Program, bits: ReadBits): ReadonlyMap<number, number> {
  const least = new Map<number, number>();
  for (const step of program.steps.toReversed()) {
    for (const [place, input] of inputsOf(step).entries()) {
      const read = PASSING.has(step.op) ? least.get(step.output.id) : bitsRead(step, place, bits);
      if (read !== undefined) least.set(input.id, Math.min(read, least.get(input.id) ?? read));
    }
  }
  return least;
}
