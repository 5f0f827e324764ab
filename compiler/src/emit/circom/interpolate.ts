import { SCALAR_MODULUS, inverses, toScalar } from "../../setup/field.ts";
import { GraphNotProvableError } from "./errors.ts";

/** Longest table taken; the work grows with its square. */
export const LONGEST_TABLE = 4096;

/** Between two steps of the work; what it is worth to let others have their turn for is for the caller to say. */
type Steps = Generator<undefined, bigint[], undefined>;

/**
 * Coefficients, constant term first, of the polynomial over the scalar field that has the value table[i] at min + i for
 * each i. These are the COEFFICIENTS of the template Lookup.
 *
 * @throws {GraphNotProvableError} when the table is empty or longer than {@link LONGEST_TABLE}, or a number is no safe
 * integer.
 */
export function interpolate(table: readonly number[], min: number): bigint[] {
  const steps = interpolation(table, min);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/**
 * `interpolate` in steps of at most some milliseconds each: one of {@link LONGEST_TABLE} entries takes seconds.
 *
 * @throws {GraphNotProvableError} when `interpolate` does.
 */
export function* interpolation(table: readonly number[], min: number): Steps {
  if (table.length === 0 || table.length > LONGEST_TABLE) {
    throw new GraphNotProvableError(`a table of ${table.length} entries; 1 to ${LONGEST_TABLE} are taken`);
  }
  for (const value of [min, ...table]) {
    if (!Number.isSafeInteger(value)) throw new GraphNotProvableError(`${value} in a table is no safe integer`);
  }
  const newton = yield* dividedDifferences(table);
  // Newton's form by Horner's rule: p = newton[k] + (x - node k) p, from the last k to the first.
  let polynomial: bigint[] = [];
  for (let k = newton.length - 1; k >= 0; k--) {
    yield;
    const node = BigInt(min) + BigInt(k);
    const next = [newton[k]!, ...polynomial];
    for (const [power, coefficient] of polynomial.entries()) {
      next[power] = toScalar(next[power]! - node * coefficient);
    }
    polynomial = next;
  }
  return polynomial;
}

/** Divided differences at consecutive integers: the k-th forward difference at the first, over k!. */
function* dividedDifferences(table: readonly number[]): Steps {
  const values = table.map((entry) => BigInt(entry));
  const factorials = [1n];
  for (let k = 1; k < table.length; k++) factorials.push((factorials[k - 1]! * BigInt(k)) % SCALAR_MODULUS);
  const differences: bigint[] = [];
  for (const factor of inverses(factorials)) {
    yield;
    differences.push(toScalar(values[0]! * factor));
    for (let i = 0; i + 1 < values.length; i++) values[i] = toScalar(values[i + 1]! - values[i]!);
    values.pop();
  }
  return differences;
}
