import { toScalar } from "../../../compiler/src/setup/field.ts";
import type { CircuitTester } from "../../support/circuit.ts";
import { acceptedAssignments, divide } from "../../support/solve.ts";

/** Inputs by signal name, and an output that the constraints took for them although it is wrong. */
export interface Forgery {
  readonly inputs: readonly bigint[];
  readonly out: bigint;
}

/** Entries in [-4, 4]: every other output that could put 2 out - a - b into its interval, and the lesser entry. */
export function forgeMax(circuit: CircuitTester): Forgery[] {
  const found: Forgery[] = [];
  for (let a = -4n; a <= 4n; a++) {
    for (let b = -4n; b <= 4n; b++) {
      const claims = [a < b ? a : b, -5n, 5n, ...range(0n, 8n).map((slack) => divide(a + b + slack, 2n))];
      found.push(...forge(circuit, { in: [a, b] }, a > b ? a : b, claims));
    }
  }
  return found;
}

/** Entries in [-4, 4], so a difference in [-8, 8]: every output that could put d + 8 - 9 out into [0, 8], and others. */
export function forgeGreater(circuit: CircuitTester): Forgery[] {
  const found: Forgery[] = [];
  for (let left = -4n; left <= 4n; left++) {
    for (let right = -4n; right <= 4n; right++) {
      const claims = [0n, 1n, -1n, 2n, ...range(0n, 8n).map((rest) => divide(left - right + 8n - rest, 9n))];
      found.push(...forge(circuit, { left: [left], right: [right] }, left > right ? 1n : 0n, claims));
    }
  }
  return found;
}

/** Divisors 1 to 3, quotients in [-3, 3]: both neighbours, and every fraction that leaves a remainder in [0, 5]. */
export function forgeDivide(circuit: CircuitTester): Forgery[] {
  const found: Forgery[] = [];
  for (let right = 1n; right <= 3n; right++) {
    for (let left = -3n * right; left <= 3n * right; left++) {
      const out = (2n * left + 7n * right) / (2n * right) - 3n;
      const fractions = range(0n, 5n).map((rest) => divide(2n * left + right - rest, 2n * right));
      const claims = [out - 1n, out + 1n, -out, ...fractions];
      found.push(
        ...forge(circuit, { left: [left], right: [right] }, out, claims, (claim) => ({
          "main.product": right * claim,
        })),
      );
    }
  }
  return found;
}

/** Wrong claims that the constraints take, whatever the digits are. `more` gives the signals that follow from a claim. */
function forge(
  circuit: CircuitTester,
  inputs: Readonly<Record<string, readonly bigint[]>>,
  right: bigint,
  claims: readonly bigint[],
  more: (claim: bigint) => Readonly<Record<string, bigint>> = () => ({}),
): Forgery[] {
  const honest = circuit.witness(inputs);
  const digits = circuit.signals.filter((name) => name.includes(".digit["));
  const free = Object.fromEntries(digits.map((name) => [name, [0n, 1n]]));
  const wrong = new Set(claims.map(toScalar));
  wrong.delete(toScalar(right));
  return [...wrong]
    .filter((claim) => {
      const claimed = circuit.edit(honest, { "main.out": claim, ...more(claim) });
      return acceptedAssignments(circuit, claimed, free).length > 0;
    })
    .map((out) => ({ inputs: Object.values(inputs).flat(), out }));
}

function range(from: bigint, to: bigint): bigint[] {
  return Array.from({ length: Number(to - from) + 1 }, (_, i) => from + BigInt(i));
}
