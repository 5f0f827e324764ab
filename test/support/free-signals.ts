import { SCALAR_MODULUS, inverse, toScalar } from "../../compiler/src/setup/field.ts";
import type { CircuitTester } from "./circuit.ts";
import type { Random } from "./random.ts";

type Constraint = CircuitTester["r1cs"]["constraints"][number];
type Terms = Constraint["a"];
type Row = Map<number, bigint>;

const valueOf = (terms: Terms, witness: readonly bigint[]): bigint =>
  terms.reduce((sum, [wire, factor]) => sum + factor * (witness[wire] as bigint), 0n) % SCALAR_MODULUS;

/** The derivative of a b - c at a witness, without the wires that are given. */
function gradient({ a, b, c }: Constraint, witness: readonly bigint[], given: ReadonlySet<number>): Row {
  const row: Row = new Map();
  const add = (terms: Terms, scale: bigint): void => {
    if (scale === 0n) return;
    for (const [wire, factor] of terms) {
      if (given.has(wire)) continue;
      const sum = toScalar((row.get(wire) ?? 0n) + factor * scale);
      if (sum === 0n) row.delete(wire);
      else row.set(wire, sum);
    }
  };
  add(a, valueOf(b, witness));
  add(b, valueOf(a, witness));
  add(c, SCALAR_MODULUS - 1n);
  return row;
}

/** Takes multiples of `pivot`, whose entry at `column` is 1, away from a row. */
function reduce(row: Row, pivot: Row, column: number): void {
  const factor = row.get(column) as bigint;
  for (const [wire, value] of pivot) {
    const left = toScalar((row.get(wire) ?? 0n) - factor * value);
    if (left === 0n) row.delete(wire);
    else row.set(wire, left);
  }
}

/**
 * Signals that can move, by linear algebra: those in which some direction is not 0 that leaves `given` as it is and keeps,
 * to first order, every constraint at `witness`. A signal that no constraint fixes is among them. A signal that is not can have
 * other values only by a jump, such as a digit from 0 to 1: see {@link jumps}.
 */
export function movable(
  circuit: CircuitTester,
  witness: readonly bigint[],
  given: readonly string[],
): readonly string[] {
  const { wires, constraints } = circuit.r1cs;
  const fixed = new Set([0, ...given.map((name) => circuit.wire(name))]);
  const rows = constraints.map((constraint) => gradient(constraint, witness, fixed));
  const readers = Array.from({ length: wires }, () => new Set<Row>());
  for (const row of rows) for (const wire of row.keys()) readers[wire]?.add(row);
  const pivots = new Map<number, Row>();
  // Shortest rows first: digits are rows of one entry, and most of the rest follows from them one by one.
  const open = new Set(rows.filter((row) => row.size > 0));
  const short = [...open].filter((row) => row.size === 1);
  while (open.size > 0) {
    let row = short.pop();
    if (row === undefined) {
      for (const each of open) if (row === undefined || each.size < row.size) row = each;
    }
    if (row === undefined || !open.delete(row) || row.size === 0) continue;
    let column = -1;
    for (const wire of row.keys()) {
      if (column < 0 || (readers[wire]?.size ?? 0) < (readers[column]?.size ?? 0)) column = wire;
    }
    const scale = inverse(row.get(column) as bigint);
    for (const [wire, value] of row) row.set(wire, toScalar(value * scale));
    for (const other of [...(readers[column] ?? [])]) {
      if (other === row) continue;
      for (const wire of row.keys()) readers[wire]?.add(other);
      reduce(other, row, column);
      for (const wire of row.keys()) if (!other.has(wire)) readers[wire]?.delete(other);
      if (open.has(other) && other.size === 1) short.push(other);
    }
    pivots.set(column, row);
  }
  // What is left in a pivot's row besides the pivot has no pivot of its own.
  return circuit.signals.filter((name) => {
    const wire = circuit.wire(name);
    return !fixed.has(wire) && (pivots.get(wire)?.size ?? 2) > 1;
  });
}

/** Whether a witness that satisfies all constraints still does with other values of some wires. */
function checker(
  { r1cs }: CircuitTester,
  witness: readonly bigint[],
): (edited: ReadonlyMap<number, bigint>) => boolean {
  const readers = Array.from({ length: r1cs.wires }, (): Constraint[] => []);
  for (const constraint of r1cs.constraints) {
    const { a, b, c } = constraint;
    for (const wire of new Set([...a, ...b, ...c].map(([each]) => each))) readers[wire]?.push(constraint);
  }
  const copy = [...witness];
  return (edited) => {
    for (const [wire, value] of edited) copy[wire] = toScalar(value);
    const touched = new Set([...edited.keys()].flatMap((wire) => readers[wire] ?? []));
    const holds = [...touched].every(
      ({ a, b, c }) => (valueOf(a, copy) * valueOf(b, copy)) % SCALAR_MODULUS === valueOf(c, copy),
    );
    for (const wire of edited.keys()) copy[wire] = witness[wire] as bigint;
    return holds;
  };
}

const residues = (random: Random): bigint => BigInt(random.integer(1, 2 ** 40)) * BigInt(random.integer(1, 2 ** 40));

/**
 * Signals that can jump alone or in twos: another value of one signal, and of two in the proportion that keeps one of the
 * constraints' linear combinations, that all constraints accept. Each signal alone, and `trials` pairs drawn at random.
 */
export function jumps(
  circuit: CircuitTester,
  witness: readonly bigint[],
  given: readonly string[],
  random: Random,
  trials: number,
): readonly string[] {
  const found = new Set<string>();
  const bears = checker(circuit, witness);
  const fixed = new Set([0, ...given.map((name) => circuit.wire(name))]);
  const names = new Map(circuit.signals.map((name) => [circuit.wire(name), name] as const));
  for (const [wire, name] of names) {
    if (fixed.has(wire)) continue;
    const value = witness[wire] as bigint;
    const others = [0n, 1n, value + 1n, value - 1n, -value, 1n - value, residues(random)];
    for (const other of others.map(toScalar)) {
      if (other !== value && bears(new Map([[wire, other]]))) found.add(name);
    }
  }
  const sides = circuit.r1cs.constraints
    .flatMap(({ a, b, c }) => [a, b, c])
    .map((terms) => terms.filter(([wire]) => !fixed.has(wire) && names.has(wire)))
    .filter((terms) => terms.length > 1);
  for (let trial = 0; trial < trials && sides.length > 0; trial++) {
    const terms = sides[random.integer(0, sides.length - 1)]!;
    const [one, other] = [terms[random.integer(0, terms.length - 1)]!, terms[random.integer(0, terms.length - 1)]!];
    if (one === other) continue;
    // Steps that take a digit to its other value, and any.
    const value = witness[one[0]] as bigint;
    const step = [1n - 2n * value, 1n, -1n, residues(random)][random.integer(0, 3)]!;
    const answer = toScalar(-step * one[1] * inverse(other[1]));
    const edited = new Map([
      [one[0], value + step],
      [other[0], (witness[other[0]] as bigint) + answer],
    ]);
    if (!bears(edited)) continue;
    for (const wire of edited.keys()) found.add(names.get(wire)!);
  }
  return [...found];
}
