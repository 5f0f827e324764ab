import { SCALAR_MODULUS } from "./field.ts";
import type { LinearCombination, R1cs } from "./r1cs.ts";

/**
 * PLONK gates that snarkjs makes of an R1CS: one for each public wire; for each constraint one, and one more for each
 * term that does not fit its three wires (1, 1 and 1 of a product, 3 of a sum).
 */
export function gateCount({ constraints, publics }: R1cs): number {
  let gates = publics;
  for (const { a, b, c } of constraints) {
    const [left, right] = [shape(a), shape(b)];
    if (left === "zero" || right === "zero") gates += sumGates(wiresOf(c));
    else if (left === "constant") gates += sumGates(joined(b, constantOf(a), c));
    else if (right === "constant") gates += sumGates(joined(a, constantOf(b), c));
    else gates += 1 + [a, b, c].reduce((sum, each) => sum + Math.max(0, wiresOf(each) - 1), 0);
  }
  return gates;
}

/** log2 of the domain that so many gates need. fflonk keeps two rows for blinding. */
export function universalPower(system: "plonk" | "fflonk", gates: number): number {
  return Math.max(3, Math.ceil(Math.log2(system === "plonk" ? gates : gates + 2)));
}

function shape(combination: LinearCombination): "zero" | "constant" | "variable" {
  if (wiresOf(combination) > 0) return "variable";
  return constantOf(combination) === 0n ? "zero" : "constant";
}

function constantOf(combination: LinearCombination): bigint {
  return combination.reduce((sum, [wire, value]) => (wire === 0 ? sum + value : sum), 0n) % SCALAR_MODULUS;
}

function wiresOf(combination: LinearCombination): number {
  return combination.filter(([wire, value]) => wire !== 0 && value !== 0n).length;
}

function sumGates(wires: number): number {
  return 1 + Math.max(0, wires - 3);
}

/** Wires of `by * left - right`. */
function joined(left: LinearCombination, by: bigint, right: LinearCombination): number {
  const sums = new Map<number, bigint>();
  for (const [wire, value] of left) sums.set(wire, ((sums.get(wire) ?? 0n) + by * value) % SCALAR_MODULUS);
  for (const [wire, value] of right) sums.set(wire, ((sums.get(wire) ?? 0n) - value) % SCALAR_MODULUS);
  sums.delete(0);
  return [...sums.values()].filter((value) => value !== 0n).length;
}
