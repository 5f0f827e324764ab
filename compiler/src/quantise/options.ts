import { z } from "zod";

import { CompileOptionError } from "./errors.ts";

/** Real inputs with the class that each one has. */
export interface LabelledData {
  readonly inputs: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

export interface QuantiseOptions {
  /**
   * Real inputs like those that the model will see; they set the scales. At least one. A model with several inputs takes
   * them in one row, one after the other.
   */
  readonly calibration: readonly (readonly number[])[];
  /**
   * Bits of a weight with its sign, 4 to 16. Fewer bits, smaller circuit, less accuracy. Default 8, and 10 in layers of at
   * most 16 results, where they cost next to nothing.
   */
  readonly weightBits?: number;
  /** Bits of an activation that is multiplied with weights, 2 to 12; default 8. */
  readonly activationBits?: number;
  /**
   * Which integers the input may hold. `calibrated` (default): what the calibration data needs, rounded up to whole bits,
   * because a circuit pays a constraint for each. `dtype`: all that the element type holds. Or an interval in 0 to 255; a
   * circuit can check it cheaply only from 0 to 2^k - 1.
   */
  readonly inputRange?: "calibrated" | "dtype" | { readonly min: bigint; readonly max: bigint };
}

const numbers = z.object({ weightBits: z.int().min(4).max(16), activationBits: z.int().min(2).max(12) });

export interface Bits extends z.infer<typeof numbers> {
  /** Bits of the weights of layers with few results. */
  readonly fineWeightBits: number;
}

/** Results, or inputs, that are few enough for more bits. */
export const FEW = 16;

/**
 * The bit widths, defaults filled in.
 *
 * @throws {CompileOptionError} when one is not a whole number in its range.
 */
export function readBits({ weightBits: asked, activationBits = 8 }: QuantiseOptions): Bits {
  const weightBits = asked ?? 8;
  const parsed = numbers.safeParse({ weightBits, activationBits });
  if (parsed.success) return { ...parsed.data, fineWeightBits: asked ?? 10 };
  const bad = parsed.error.issues[0]?.path[0] === "activationBits";
  throw bad
    ? new CompileOptionError("activationBits", activationBits, "a whole number from 2 to 12")
    : new CompileOptionError("weightBits", weightBits, "a whole number from 4 to 16");
}
