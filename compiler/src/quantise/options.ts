import { z } from "zod";

import type { Program } from "../program/types.ts";
import { CompileOptionError } from "./errors.ts";

/** Real inputs with the class that each one has. */
export interface LabelledData {
  readonly inputs: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** Bits of what one node of the model makes, and of its weights. */
export interface NodeBits {
  readonly weights?: number;
  readonly results?: number;
}

export interface QuantiseOptions {
  /**
   * Real inputs like those that the model will see; they set the scales. At least one. A model with several inputs takes
   * them in one row, one after the other.
   */
  readonly calibration: readonly (readonly number[])[];
  /**
   * Bits of everything that bits are chosen for, 4 to 16: weights, activations, factors of products, and, up to 12, what
   * tables are made over. The more particular options below go first.
   */
  readonly bits?: number;
  /**
   * Bits by the name of an ONNX node, as the report's `source` has it, 4 to 16: of its weights and of its results, where
   * something reads them that pays for bits. A number is for both. Where sums would reach 2^24, weights get fewer.
   */
  readonly bitsOf?: Readonly<Record<string, number | NodeBits>>;
  /**
   * Bits of a weight with its sign, 4 to 16. Fewer bits, smaller circuit, less accuracy. Default 8, and 10 in layers of at
   * most 16 results, where they cost next to nothing.
   */
  readonly weightBits?: number;
  /** Bits of an activation that is multiplied with weights, 2 to 12; default 8. */
  readonly activationBits?: number;
  /**
   * `searched` (default): scales that are no powers of two, and weights with a scale for each channel, where they are more
   * accurate on the calibration data for no more constraints. `powers`: one power of two for each tensor.
   */
  readonly scales?: "searched" | "powers";
  /**
   * Which integers the input may hold. `calibrated` (default): what the calibration data needs, rounded up to whole bits,
   * because a circuit pays a constraint for each. `dtype`: all that the element type holds. Or an interval in 0 to 255; a
   * circuit can check it cheaply only from 0 to 2^k - 1.
   */
  readonly inputRange?: "calibrated" | "dtype" | { readonly min: bigint; readonly max: bigint };
}

/** Fewest and most bits that can be asked for. */
export const LEAST_BITS = 4;
export const MOST_BITS = 16;
/** A circuit's table has at most 4,096 entries. */
export const MOST_TABLE_BITS = 12;

const bitCount = z.int().min(LEAST_BITS).max(MOST_BITS);
const numbers = z.object({ weightBits: bitCount, activationBits: z.int().min(2).max(MOST_BITS) });

/** The bit widths, defaults filled in. */
export interface Bits extends z.infer<typeof numbers> {
  /** Bits of the weights of layers with few results. */
  readonly fineWeightBits: number;
  /** Whether the bits of weights were asked for. */
  readonly weightsChosen: boolean;
  /** Bits of operands that are multiplied with one another, and of dividends. */
  readonly factorBits: number;
  /** Bits of what a table is made over, where that is not left to its size. */
  readonly tableBits?: number;
  /** By the name of the ONNX node. */
  readonly weightsOf: ReadonlyMap<string, number>;
  readonly resultsOf: ReadonlyMap<string, number>;
  readonly search: ScaleSearch;
  /** Whether a unit may take in a factor that is no power of two. */
  readonly factors: boolean;
  /** Whether constraints are spent on factors and offsets that are far off otherwise. */
  readonly precise: boolean;
}

/**
 * What scales are looked for: one power of two for each tensor; besides, weights with a scale for each channel; besides,
 * results in units between powers of two.
 */
export type ScaleSearch = "none" | "channels" | "units";

/** Results, or inputs, that are few enough for more bits. */
export const FEW = 16;
/** Bits of constants, and of tables that nothing reads with fewer. */
export const CONSTANT_BITS = 12;
/** Bits of an activation that leave room for sums in layers of any usual size. */
export const USUAL_BITS = 8;
/** Bits of operands that are multiplied with one another, unless asked for. */
const FACTOR_BITS = 10;
/** Names that a message lists. */
const LISTED = 8;

const RANGE = `a whole number from ${LEAST_BITS} to ${MOST_BITS}`;

function checked(option: string, value: number): number {
  if (bitCount.safeParse(value).success) return value;
  throw new CompileOptionError(option, value, RANGE);
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}

/** Names of the nodes that bits can be given for. */
export function namesOf({ steps }: Pick<Program, "steps">): ReadonlySet<string> {
  return new Set(steps.map(({ source }) => source));
}

function readBitsOf(program: Pick<Program, "steps">, bitsOf: NonNullable<QuantiseOptions["bitsOf"]>) {
  const [weightsOf, resultsOf] = [new Map<string, number>(), new Map<string, number>()];
  const known = namesOf(program);
  for (const [name, wanted] of Object.entries(bitsOf)) {
    const option = `bitsOf ${quoted(name)}`;
    if (!known.has(name)) {
      const names = Array.from(known).slice(0, LISTED).map(quoted).join(", ");
      const more = known.size > LISTED ? ` or another of the ${known.size} in the report` : "";
      throw new CompileOptionError(option, "of no node of the model", `of one of its nodes: ${names}${more}`);
    }
    const { weights, results } = typeof wanted === "number" ? { weights: wanted, results: wanted } : wanted;
    if (weights === undefined && results === undefined) throw new CompileOptionError(option, "empty", RANGE);
    if (weights !== undefined) weightsOf.set(name, checked(option, weights));
    if (results !== undefined) resultsOf.set(name, checked(option, results));
  }
  return { weightsOf, resultsOf };
}

/**
 * The bit widths, defaults filled in.
 *
 * @throws {CompileOptionError} when one is not a whole number in its range, or is for a node that the model has not.
 */
export function readBits(
  program: Pick<Program, "steps">,
  options: Omit<QuantiseOptions, "calibration">,
  search: ScaleSearch = "none",
): Bits {
  const { bits, scales = "searched" } = options;
  if (bits !== undefined) checked("bits", bits);
  if (scales !== "searched" && scales !== "powers") {
    throw new CompileOptionError("scales", quoted(String(scales)), `"searched" or "powers"`);
  }
  const asked = options.weightBits ?? bits;
  const weightBits = checked("weightBits", asked ?? 8);
  const { activationBits = bits ?? 8 } = options;
  const most = options.activationBits === undefined ? MOST_BITS : 12;
  if (!numbers.safeParse({ weightBits, activationBits }).success || activationBits > most) {
    throw new CompileOptionError("activationBits", activationBits, `a whole number from 2 to ${most}`);
  }
  return {
    weightBits,
    activationBits,
    fineWeightBits: asked ?? 10,
    weightsChosen: asked !== undefined,
    factorBits: bits ?? FACTOR_BITS,
    ...(bits === undefined ? {} : { tableBits: Math.min(bits, MOST_TABLE_BITS) }),
    ...readBitsOf(program, options.bitsOf ?? {}),
    search: scales === "searched" ? search : "none",
    factors: scales === "searched",
    precise: false,
  };
}
