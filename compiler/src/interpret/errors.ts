import { AssayError } from "@assay/sdk/errors";

/** The input has another number of elements than the graph takes. */
export class InputLengthError extends AssayError {
  override readonly code = "ASY-INTERP-001" as const;

  constructor(tensor: string, got: number, wanted: number) {
    super(`Input ${tensor} has ${got} elements, ${wanted} are needed; flatten it row by row to that length.`);
  }
}

/** An element of the input is not an integer in the declared range. */
export class InputValueError extends AssayError {
  override readonly code = "ASY-INTERP-002" as const;

  constructor(tensor: string, index: number, got: unknown, min: bigint, max: bigint) {
    const shown = String(got).slice(0, 40);
    super(
      `Input ${tensor}[${index}] is ${shown}; it must be an integer from ${min} to ${max}: ` +
        "turn real values into integers with encodeInput.",
    );
  }
}

/** A tensor left its proven interval: the graph did not come from the compiler or parseGraph. */
export class TensorBoundError extends AssayError {
  override readonly code = "ASY-INTERP-003" as const;

  constructor(tensor: string, index: number, got: number) {
    super(`Tensor ${tensor}[${index}] is ${got}, outside its declared bounds; read the graph with parseGraph.`);
  }
}
