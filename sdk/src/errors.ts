/** An error of Assay: a stable code, listed with its remedy in `docs/errors/`, and whether trying again can help. */
export abstract class AssayError extends Error {
  abstract readonly code: `ASY-${string}`;
  readonly retryable: boolean = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
