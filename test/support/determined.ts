import { SCALAR_MODULUS, toScalar } from "../../compiler/src/setup/field.ts";
import type { CircuitTester } from "./circuit.ts";
import { divide } from "./solve.ts";

type Terms = CircuitTester["r1cs"]["constraints"][number]["a"];

/**
 * Takes the wires of the `given` signals from `witness` and works out every other wire that the constraints fix once those
 * are known: the one unknown of a sum that equals a product of known sums. What is left unknown keeps its value.
 *
 * A forger who chooses the given signals has no choice in those worked out, so if what comes out breaks a constraint,
 * there is no forgery with that choice. `free` names the signals that were not worked out.
 */
export function propagate(
  circuit: CircuitTester,
  witness: readonly bigint[],
  given: readonly string[],
): { readonly witness: bigint[]; readonly free: readonly string[] } {
  const copy = [...witness];
  const known = new Set([0, ...given.map((name) => circuit.wire(name))]);
  const sum = (terms: Terms): bigint =>
    terms.reduce((total, [wire, factor]) => total + factor * (copy[wire] as bigint), 0n) % SCALAR_MODULUS;
  const unknown = (terms: Terms) => terms.filter(([wire]) => !known.has(wire));

  for (let before = -1; before !== known.size;) {
    before = known.size;
    for (const { a, b, c } of circuit.r1cs.constraints) {
      const [only, ...more] = unknown(c);
      if (only === undefined || more.length > 0 || unknown(a).length + unknown(b).length > 0) continue;
      const [wire, factor] = only;
      const rest = sum(c.filter((term) => term !== only));
      copy[wire] = toScalar(divide(sum(a) * sum(b) - rest, factor));
      known.add(wire);
    }
  }
  return { witness: copy, free: circuit.signals.filter((name) => !known.has(circuit.wire(name))) };
}

/** Signals that are not worked out from those whose names start with one of `prefixes`; none: they are functions of them. */
export function undetermined(circuit: CircuitTester, ...prefixes: readonly string[]): readonly string[] {
  const given = circuit.signals.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
  const zeros = new Array<bigint>(circuit.r1cs.wires).fill(0n);
  zeros[0] = 1n;
  return propagate(circuit, zeros, given).free;
}

/** The integer nearest to 0 that a residue stands for. */
export function signed(residue: bigint): bigint {
  return residue > SCALAR_MODULUS / 2n ? residue - SCALAR_MODULUS : residue;
}
