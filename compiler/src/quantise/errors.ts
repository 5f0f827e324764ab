import { AssayError } from "@assay/sdk";

/** An option of the compiler is out of its range. */
export class CompileOptionError extends AssayError {
  override readonly code = "ASY-QUANT-001" as const;

  constructor(option: string, got: unknown, wanted: string) {
    super(`Option ${option} is ${String(got)}; it must be ${wanted}.`);
  }
}

/** Calibration or evaluation data is missing, has the wrong width or is not finite. */
export class CalibrationDataError extends AssayError {
  override readonly code = "ASY-QUANT-002" as const;

  constructor(where: string, got: string, wanted: string) {
    super(`${where} is ${got}; ${wanted}.`);
  }
}

/** A real input cannot be written in the model's integers. */
export class InputEncodingError extends AssayError {
  override readonly code = "ASY-QUANT-003" as const;

  constructor(tensor: string, index: number, value: number, least: number, most: number) {
    super(
      `Input ${tensor}[${index}] is ${value}; it must lie from ${least} to ${most}: scale the data as in training, ` +
        "or compile with calibration data or an inputRange that covers it.",
    );
  }
}

/** A layer's numbers are too large or too small for any scale. */
export class ScaleError extends AssayError {
  override readonly code = "ASY-QUANT-004" as const;

  constructor(layer: string, reason: string) {
    super(`Layer ${layer}: ${reason}; normalise the model's weights and inputs.`);
  }
}
