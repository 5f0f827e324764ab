import { inputsOf } from "../program/builder.ts";
import { elementCount } from "../program/geometry.ts";
import type { Program, Step, Value } from "../program/types.ts";
import { MOST_TABLE_BITS, type Bits } from "./options.ts";

/** Bits of what a table is made over. */
const TABLE_BITS = 8;
/** A table over few elements may be finer. */
const FEW_ELEMENTS = 256;
const FINE_TABLE_BITS = 10;

/** Steps that pass on what they read, bit for bit. */
const PASSING = new Set<Step["op"]>(["gather", "max", "sum", "linear", "scale"]);
/** Those that keep the integers as they are. */
const KEEPING = new Set<Step["op"]>(["gather", "max"]);

/** How many bits each value of a program is read with. */
export class Widths {
  readonly #bits: Bits;
  /** What was asked for, by the value's id. */
  readonly #asked = new Map<number, number>();
  readonly #reads: ReadonlyMap<number, number>;

  constructor(program: Program, bits: Bits) {
    this.#bits = bits;
    for (const step of program.steps) {
      const inputs = inputsOf(step);
      const passed = KEEPING.has(step.op) && inputs.length === 1 ? this.#asked.get(inputs[0]!.id) : undefined;
      const asked = bits.resultsOf.get(step.source) ?? passed;
      if (asked !== undefined) this.#asked.set(step.output.id, asked);
    }
    this.#reads = this.#readsOf(program);
  }

  /**
   * The fewest bits that any step reads of a value, as it is or passed on. Undefined where every bit is used: made with as
   * many, such a value is never rounded a second time.
   */
  reads({ id }: Value): number | undefined {
    return this.#reads.get(id);
  }

  /** Bits of a value that something reads with `bits` unless others were asked for. */
  of({ id }: Value, bits: number): number {
    return this.#asked.get(id) ?? bits;
  }

  /** Whether the caller chose the bits of a value. */
  chosen({ id }: Value): boolean {
    return this.#asked.has(id);
  }

  /** Bits of what a table is made over. */
  table(value: Value): number {
    const usual = elementCount(value.dims) <= FEW_ELEMENTS ? FINE_TABLE_BITS : TABLE_BITS;
    return Math.min(this.of(value, this.#bits.tableBits ?? usual), MOST_TABLE_BITS);
  }

  #readsOf(program: Program): ReadonlyMap<number, number> {
    const least = new Map<number, number>();
    for (const step of program.steps.toReversed()) {
      for (const [place, input] of inputsOf(step).entries()) {
        const read = PASSING.has(step.op) ? least.get(step.output.id) : this.#read(step, place, input);
        if (read !== undefined) least.set(input.id, Math.min(read, least.get(input.id) ?? read));
      }
    }
    for (const [id, bits] of this.#asked) if (least.has(id)) least.set(id, bits);
    return least;
  }

  #read(step: Step, place: number, input: Value): number | undefined {
    switch (step.op) {
      case "dense":
      case "conv":
        return this.of(input, this.#bits.activationBits);
      case "table":
        return this.table(input);
      case "multiply":
      case "matmul":
        return this.of(input, this.#bits.factorBits);
      case "divide":
        return place === 0 ? this.of(input, this.#bits.factorBits) : undefined;
      default:
        return undefined;
    }
  }
}
