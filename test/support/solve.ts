import { SCALAR_MODULUS, inverse, toScalar } from "../../compiler/src/setup/field.ts";
import type { CircuitTester } from "./circuit.ts";

/**
 * Tries every assignment of the named signals from small sets of candidates and gives those that the constraints accept:
 * a forger who is free in all signals but the inputs. `limit` bounds the search.
 */
export function acceptedAssignments(
  circuit: CircuitTester,
  witness: readonly bigint[],
  candidates: Readonly<Record<string, readonly bigint[]>>,
  limit = 1 << 20,
): bigint[][] {
  const names = Object.keys(candidates);
  const size = names.reduce((product, name) => product * (candidates[name]?.length ?? 0), 1);
  if (size > limit) throw new Error(`${size} assignments; at most ${limit}`);
  const found: bigint[][] = [];
  for (let index = 0; index < size; index++) {
    const copy = [...witness];
    let rest = index;
    for (const name of names) {
      const values = candidates[name] as readonly bigint[];
      copy[circuit.wire(name)] = toScalar(values[rest % values.length] as bigint);
      rest = Math.floor(rest / values.length);
    }
    if (circuit.firstBroken(copy) === undefined) found.push(copy);
  }
  return found;
}

/** a / b in the scalar field. */
export function divide(a: bigint, b: bigint): bigint {
  return (toScalar(a) * inverse(b)) % SCALAR_MODULUS;
}
