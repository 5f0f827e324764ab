import type { Value } from "../../program/types.ts";
import { OnnxDtypeError } from "../errors.ts";
import { misfit, nameOf, operand } from "./operands.ts";
import type { OpContext } from "./types.ts";

/** Rows of features, as trees and linear models take them. */
export interface Features {
  readonly value: Value;
  readonly rows: number;
  readonly width: number;
}

/** The first input as rows of features; one dimension is one row. @throws {OnnxShapeError | OnnxDtypeError} */
export function readFeatures(context: OpContext): Features {
  const value = operand(context, 0);
  const [rows, width] = value.dims.length === 1 ? [1, value.dims[0]!] : (value.dims as [number, number]);
  if (value.dims.length < 1 || value.dims.length > 2) {
    throw misfit(context, `its input has ${value.dims.length} dimensions`, "use rows of features");
  }
  if (value.type === "boolean") throw new OnnxDtypeError(`${nameOf(context)}: its input`, "BOOL", "a number");
  return { value: context.builder.reshape(value, [rows, width]), rows, width };
}
