import type { Value } from "../program/types.ts";
import type { Bits } from "./options.ts";
import type { Quantity, Sheet } from "./sheet.ts";
import type { Widths } from "./widths.ts";

/** What is known of a program's values while its steps are written, one after the other. */
export interface Operands {
  readonly sheet: Sheet;
  readonly bits: Bits;
  readonly widths: Widths;
  /** The quantity of a value; a constant becomes a tensor of its own. */
  get(value: Value): Quantity;
  /** The same in at most `bits` bits; what is no real stays exactly itself. */
  narrow(value: Value, bits: number): Quantity;
  /** An integer or boolean as exactly itself. */
  whole(value: Value): Quantity;
  /** The float model's values, for each calibration input. */
  wanted(value: Value): readonly Float64Array[];
  /** Whether a value's integers are reals of the caller's that were rounded. */
  isRounded(value: Value): boolean;
  /** A layer's sums as they were rounded to `plain`, or with other scales, where they are better. */
  best(sums: Quantity, plain: Quantity, wanted: readonly Float64Array[], value: Value): Quantity;
  /** Notes that a factor, an offset or a table is far off, for want of room or of constraints. */
  markCrude(): void;
}
