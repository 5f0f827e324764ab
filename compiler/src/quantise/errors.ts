import { AssayError } from "@assay/sdk/errors";

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

/** No widths were found that meet the budget. */
export class BudgetUnmetError extends AssayError {
  override readonly code = "ASY-QUANT-005" as const;
  /** The nearest that was reached. */
  readonly constraints: number;
  readonly error: number;

  constructor(
    budget: { readonly constraints: number } | { readonly error: number },
    best: { readonly constraints: number; readonly error: number },
    evaluations: number,
  ) {
    const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
    const asked = "error" in budget ? `an error of ${percent(budget.error)}` : `${budget.constraints} constraints`;
    super(
      `The budget of ${asked} cannot be met: the best of ${evaluations} tries has ${best.constraints} constraints and an ` +
        `error of ${percent(best.error)}; raise the budget, give bits of your own, or make the model smaller.`,
    );
    this.constraints = best.constraints;
    this.error = best.error;
  }
}

/** The circuit for a batch would have more constraints than keys are made for. */
export class BatchTooLargeError extends AssayError {
  override readonly code = "ASY-QUANT-006" as const;
  /** Inputs that fit into one proof; 0 where not even one does. */
  readonly fits: number;

  constructor(batch: number, constraints: number, limit: number) {
    const fits = Math.floor((limit * batch) / constraints);
    super(
      `A batch of ${batch} would take at least ${constraints} constraints, and keys are made for ${limit}; ` +
        (fits > 1 ? `give at most ${fits}, or fewer bits.` : "prove inputs one by one, or with fewer bits."),
    );
    this.fits = fits;
  }
}
