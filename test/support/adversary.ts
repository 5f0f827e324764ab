import type { IntegerGraph } from "../../compiler/src/graph/types.ts";
import { runNode } from "../../compiler/src/interpret/run.ts";
import { wordsOf } from "../../compiler/src/prove/words.ts";
import { SCALAR_MODULUS, toScalar } from "../../compiler/src/setup/field.ts";
import type { CircuitTester } from "./circuit.ts";
import { signed } from "./determined.ts";
import { encodeTensor } from "./random-graphs.ts";
import { divide } from "./solve.ts";

type Constraint = CircuitTester["r1cs"]["constraints"][number];
type Terms = Constraint["a"];

/** That element `element` of what node `node` makes is `value`. */
export interface Claim {
  readonly node: number;
  readonly element: number;
  readonly value: number;
}

/** Digits 1 to n of a number that is shown to be in an interval; digit 0 is what is left, and must be 0 or 1. */
interface DigitGroup {
  readonly wires: readonly number[];
  readonly a: Terms;
  readonly b: Terms;
}

/**
 * A prover without scruples: computes the graph with a false claim about one element, all after it from the claim, and
 * then gives every wire of the circuit the value that suits the claim as well as any can: words, bits, choices, digits of
 * intervals, and what constraints leave open. Without a claim it is an honest prover, written apart from the circuit's own.
 */
export class Adversary {
  readonly #circuit: CircuitTester;
  readonly #graph: IntegerGraph;
  readonly #readers: readonly (readonly Constraint[])[];
  readonly #groups: readonly DigitGroup[];

  constructor(circuit: CircuitTester, graph: IntegerGraph) {
    this.#circuit = circuit;
    this.#graph = graph;
    const readers = Array.from({ length: circuit.r1cs.wires }, (): Constraint[] => []);
    for (const constraint of circuit.r1cs.constraints) {
      for (const wire of wiresOf(constraint)) readers[wire]?.push(constraint);
    }
    this.#readers = readers;
    this.#groups = digitGroups(circuit, readers);
  }

  /** All wires; undefined where a claim leaves the domain of a lookup after it. */
  witness(context: Uint8Array, x: readonly bigint[], claim?: Claim): bigint[] | undefined {
    const tensors = this.#tensors(x, claim);
    if (tensors === undefined) return undefined;
    const values = new Array<bigint | undefined>(this.#circuit.r1cs.wires).fill(undefined);
    values[0] = 1n;
    for (const [name, value] of this.#chosen(context, x, tensors)) {
      if (this.#circuit.has(name)) values[this.#circuit.wire(name)] = toScalar(value);
    }
    this.#solve(values);
    return values.map((value) => value ?? 0n);
  }

  #tensors(x: readonly bigint[], claim: Claim | undefined): ReadonlyMap<string, readonly number[]> | undefined {
    const made = new Map<string, readonly number[]>([[this.#graph.input.name, x.map(Number)]]);
    for (const [index, node] of this.#graph.nodes.entries()) {
      const values = Array.from(runNode(node, (tensor) => made.get(tensor) ?? []));
      if (claim?.node === index) values[claim.element] = claim.value;
      if (!values.every(Number.isSafeInteger)) return undefined;
      made.set(node.output, values);
    }
    return made;
  }

  /** What a prover says without being asked by a constraint, by signal. */
  *#chosen(
    context: Uint8Array,
    x: readonly bigint[],
    tensors: ReadonlyMap<string, readonly number[]>,
  ): Generator<readonly [string, bigint]> {
    const { input, output, nodes } = this.#graph;
    const y = (tensors.get(output.name) ?? []).map(BigInt);
    const words = wordsOf(context, encodeTensor(input, x), encodeTensor(output, y));
    for (const [index, word] of words.entries()) yield [`main.words[${index}]`, word];
    yield* elements("main.x", x);
    for (const [index, node] of nodes.entries()) {
      const made = tensors.get(node.output) ?? [];
      yield* elements(`main.t${index}`, made.map(BigInt));
      if (node.op !== "max" && node.op !== "argmax") continue;
      const read = tensors.get(node.input) ?? [];
      for (const [row, result] of made.entries()) {
        let best = -Infinity;
        for (let i = 0; i < node.width; i++) {
          best = Math.max(best, read[row * node.width + i] ?? NaN);
          const name = node.op === "max" ? "best" : "hot";
          yield [`main.n${index}[${row}].${name}[${i}]`, BigInt(name === "best" ? best : Number(i === result))];
        }
      }
    }
  }

  /** Works out wires: the one unknown of a constraint, and digits of numbers that are known. */
  #solve(values: (bigint | undefined)[]): void {
    const queue = [...this.#circuit.r1cs.constraints];
    const set = (wire: number, value: bigint): void => {
      values[wire] = value;
      queue.push(...(this.#readers[wire] ?? []));
    };
    const open = new Set(this.#groups);
    for (;;) {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const found = solveOne(next, values);
        if (found !== undefined) set(...found);
      }
      for (const group of open) {
        const digits = digitsOf(group, values);
        if (digits === undefined) continue;
        open.delete(group);
        for (const [at, wire] of group.wires.entries()) set(wire, digits[at] ?? 0n);
      }
      if (queue.length === 0) return;
    }
  }
}

function* elements(signal: string, values: readonly bigint[]): Generator<readonly [string, bigint]> {
  for (const [at, value] of values.entries()) {
    yield [`${signal}[${at}]`, value];
    const bits = BigInt.asUintN(32, value);
    for (let bit = 0n; bit < 32n; bit++) yield [`${signal}Bits${at}[${bit}]`, (bits >> bit) & 1n];
  }
}

function wiresOf({ a, b, c }: Constraint): ReadonlySet<number> {
  return new Set([...a, ...b, ...c].map(([wire]) => wire));
}

type Values = readonly (bigint | undefined)[];

/** The sum of what is known, and the terms that are not. */
function split(terms: Terms, values: Values): { readonly sum: bigint; readonly rest: Terms } {
  const known = terms.reduce((sum, [wire, factor]) => sum + factor * (values[wire] ?? 0n), 0n);
  return { sum: known % SCALAR_MODULUS, rest: terms.filter(([wire]) => values[wire] === undefined) };
}

/** The wire, and its value, that a constraint fixes when all others are known. */
function solveOne({ a, b, c }: Constraint, values: Values): readonly [number, bigint] | undefined {
  const [left, right, made] = [split(a, values), split(b, values), split(c, values)];
  const known = (side: typeof left) => side.rest.length === 0;
  const zero = [left, right].some((side) => known(side) && side.sum === 0n);
  const [only] = made.rest;
  if (only !== undefined && made.rest.length === 1 && ((known(left) && known(right)) || zero)) {
    return [only[0], divide(left.sum * right.sum * (zero ? 0n : 1n) - made.sum, only[1])];
  }
  if (!known(made)) return undefined;
  for (const [fixed, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const [factor] = other.rest;
    if (!known(fixed) || fixed.sum === 0n || factor === undefined || other.rest.length > 1) continue;
    return [factor[0], divide(divide(made.sum, fixed.sum) - other.sum, factor[1])];
  }
  return undefined;
}

function digitGroups(circuit: CircuitTester, readers: readonly (readonly Constraint[])[]): DigitGroup[] {
  const groups = new Map<string, number[]>();
  for (const name of circuit.signals) {
    const [, owner, digit] = /^(.*\.digit)\[(\d+)\]$/.exec(name) ?? [];
    if (owner === undefined) continue;
    const wires = groups.get(owner) ?? [];
    groups.set(owner, wires);
    wires[Number(digit) - 1] = circuit.wire(name);
  }
  return Array.from(groups.values(), (wires) => {
    // Each digit has a constraint of its own; the one of digit 0 has them all, and the number, unless it is a constant.
    const whole = readers[wires[0] ?? 0]
      ?.filter(({ a }) => wires.every((wire) => a.some(([read]) => read === wire)))
      .toSorted((one, two) => two.a.length - one.a.length)[0];
    if (whole === undefined) throw new Error(`no constraint with all of the digits ${wires.join(", ")}`);
    return { wires, a: whole.a, b: whole.b };
  });
}

/** Digits that show the number to be in its interval, if it is. */
function digitsOf({ wires, a, b }: DigitGroup, values: Values): readonly bigint[] | undefined {
  const lifted = wires.length;
  const numbers = [a, b].map((terms) => {
    const own = terms.filter(([wire]) => !wires.includes(wire));
    const { sum, rest } = split(own, values);
    const [, factor = 0n] = terms.find(([wire]) => wire === wires[0]) ?? [];
    // The digits are taken away from the number.
    return rest.length > 0 ? undefined : signed(toScalar(signed(factor) < 0n ? sum : -sum));
  });
  const [one, two] = numbers;
  if (one === undefined || two === undefined) return undefined;
  // Of `rest` and `rest - 1`.
  let number = one > two ? one : two;
  const [, top = 0n] = a.find(([wire]) => wire === wires[lifted - 1]) ?? [];
  const digits = new Array<bigint>(lifted).fill(0n);
  if (number >= 1n << BigInt(lifted)) {
    digits[lifted - 1] = 1n;
    const weight = signed(top);
    number -= weight < 0n ? -weight : weight;
  }
  for (let at = 0; at < lifted - 1; at++) digits[at] = (number >> BigInt(at + 1)) & 1n;
  return digits;
}
