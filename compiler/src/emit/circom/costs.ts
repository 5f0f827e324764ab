import type { Constraint, R1cs } from "../../setup/r1cs.ts";

/** Constraints of the circuit by what they are for. */
export interface CircuitCosts {
  /** That the inputs are in their ranges. */
  readonly input: number;
  /** That the public words spell input and output. */
  readonly words: number;
  /** Each node's, in the graph's order. */
  readonly nodes: readonly number[];
}

/** Where a signal of the program belongs: -1 for the input, the node's place, or `words`. */
function placeOf(signal: string): number | "words" {
  const [, place] = /^main\.[nt]([0-9]+)(?:\[|\.|$)/.exec(signal) ?? [];
  if (place !== undefined) return Number(place);
  return /^main\.(?:words|context|body|piece|Pack|(?:in|out)put(?:Salt|Piece|Body|Hash)|Words_|PoseidonChain_|Fingerprint_|t[0-9]+Bits|xBits|TwosComplement|Bits_)/.test(
    signal,
  )
    ? "words"
    : -1;
}

/**
 * Counts constraints by node. A constraint is of the last node among those whose signals it has; one with a public word in
 * it, of the words.
 *
 * @param symbols the text of circom's `.sym` file: `number, wire, component, name` in each line; wire -1 was eliminated
 */
export function costsOf(r1cs: R1cs, symbols: string, nodes: number): CircuitCosts {
  // A wire belongs to where it is made: circom names it by the earliest of its signals.
  const made = new Int32Array(r1cs.wires).fill(0x7fffffff);
  const words = new Uint8Array(r1cs.wires);
  for (const line of symbols.split("\n")) {
    const [, wire = "-1", , name = ""] = line.split(",");
    const at = Number(wire);
    if (at < 0 || name === "") continue;
    const place = placeOf(name);
    if (place === "words") words[at] = 1;
    else made[at] = Math.min(made[at]!, place);
  }
  const counts = new Array<number>(nodes).fill(0);
  let [input, packing] = [0, 0];
  for (const constraint of r1cs.constraints) {
    const last = lastPlace(constraint, made, words);
    if (last === "words") packing++;
    else if (last < 0) input++;
    else counts[last]!++;
  }
  return { input, words: packing, nodes: counts };
}

function lastPlace({ a, b, c }: Constraint, made: Int32Array, words: Uint8Array): number | "words" {
  let last = -1;
  for (const terms of [a, b, c]) {
    for (const [wire] of terms) {
      if (wire === 0) continue;
      if (made[wire] === 0x7fffffff) {
        if (words[wire] === 1) return "words";
        continue;
      }
      last = Math.max(last, made[wire]!);
    }
  }
  return last;
}
