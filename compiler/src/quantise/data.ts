import { CalibrationDataError } from "./errors.ts";

/** @throws {CalibrationDataError} when there is no row, a row has another width, or a value is not finite. */
export function checkRows(where: string, rows: readonly (readonly number[])[], width: number): void {
  if (rows.length === 0) throw new CalibrationDataError(where, "empty", "give at least one real input");
  for (const [place, row] of rows.entries()) {
    if (row.length !== width) {
      throw new CalibrationDataError(`${where}[${place}]`, `${row.length} values`, `the model takes ${width}`);
    }
    const bad = row.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new CalibrationDataError(`${where}[${place}][${bad}]`, String(row[bad]), "give finite numbers");
  }
}
