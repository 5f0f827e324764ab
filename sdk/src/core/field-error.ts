import { AssayError } from "../errors.ts";

/** A value given to the SDK has the wrong form or is out of range. */
export class FieldError extends AssayError {
  override readonly code = "ASY-SDK-001";
  /** Name of the field, for example `request.deadline`. */
  readonly field: string;

  constructor(field: string, received: unknown, expected: string) {
    super(`${field} is ${show(received)}; give ${expected}.`);
    this.field = field;
  }
}

/** `value` in at most about 80 characters, so that a hostile value cannot flood a log. */
export function show(value: unknown): string {
  if (typeof value === "bigint") return cut(`${value}n`);
  if (typeof value === "string") return cut(JSON.stringify(value));
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === "object" && value !== null)
    return Array.isArray(value) ? `a list of ${value.length}` : "an object";
  return cut(String(value));
}

function cut(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 76)}...`;
}
