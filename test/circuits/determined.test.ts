import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { interpolate } from "../../compiler/src/emit/circom/interpolate.ts";
import { CircuitTester } from "../support/circuit.ts";
import { jumps, movable } from "../support/free-signals.ts";
import { Random } from "../support/random.ts";

const HOME = fileURLToPath(new URL("../../circuits/", import.meta.url));
const TRIALS = 200;

interface Harness {
  /** File and template, or several for a file. */
  readonly include: string;
  readonly main: string;
  readonly before?: string;
  /** Interval of each entry of each input. */
  readonly inputs: Readonly<Record<string, readonly (readonly [min: number, max: number])[]>>;
  /** Signals that may have other values, because no output depends on them. */
  readonly free?: RegExp;
}

const many = (count: number, min: number, max: number) =>
  Array.from({ length: count }, (): readonly [number, number] => [min, max]);

const DIGITS = /\.digit\[\d+\]$/;
const table = Array.from({ length: 24 }, (_, at) => ((at * at * 7) % 31) - 9);

const HARNESSES: Readonly<Record<string, Harness>> = {
  Bits: { include: "lib/bits.circom", main: "Bits(9)", inputs: { in: many(1, 0, 511) } },
  TwosComplement: { include: "lib/bits.circom", main: "TwosComplement(5, 9)", inputs: { in: many(1, -16, 15) } },
  AboveConstant: { include: "lib/bits.circom", main: "AboveConstant(7, 83)", inputs: { bits: many(7, 0, 1) } },
  InInterval: {
    include: "lib/interval.circom",
    main: "InInterval(-5, 94)",
    inputs: { in: many(1, -5, 94) },
    free: DIGITS,
  },
  CombinationInInterval: {
    include: "lib/combination.circom",
    main: "CombinationInInterval(2, [3, -1], 4, 90)",
    inputs: {
      in: [
        [0, 20],
        [0, 4],
      ],
    },
    free: DIGITS,
  },
  Fingerprint: {
    include: "lib/fingerprint.circom",
    main: "Fingerprint(4)",
    inputs: { words: many(4, 0, 1e9), point: many(1, 0, 1e9) },
  },
  PoseidonChain: {
    include: "lib/poseidon-chain.circom",
    main: "PoseidonChain(3, 77)",
    inputs: { in: many(3, 0, 1e9) },
  },
  Words: {
    include: "lib/words.circom",
    main: "Words(2, 3, [512, 7], [0, 0, 1], [0, 4, 8])",
    inputs: { piece: many(3, 0, 15) },
  },
  Pack: {
    include: "lib/pack.circom",
    main: "Inner()",
    // Words that are not what the pieces spell have no witness, so they are made here.
    before: `template Inner() {
      signal input piece[3];
      signal output out;
      signal words[2] <== [512 + piece[0] + 16 * piece[1], 7 + 256 * piece[2]];
      Pack(2, 3, [512, 7], [0, 0, 1], [0, 4, 8])(piece, words);
      out <== words[0] * words[1];
    }`,
    inputs: { piece: many(3, 0, 15) },
  },
  ArgMax: {
    include: "nn/argmax.circom",
    main: "ArgMax(5, [40, 40, 40, 40, 40])",
    inputs: { in: many(5, -20, 20) },
    free: DIGITS,
  },
  Conv: {
    include: "nn/conv.circom",
    main: "Conv(1, [3, 3], 2, [2, 2], [1, 1], [0, 0, 1, 0], [1, 1], 1, [1, -2, 3, 4, 5, -6, 7, 8], [3, -9])",
    inputs: { in: many(9, -50, 50) },
  },
  Dense: {
    include: "nn/dense.circom",
    main: "Dense(2, 3, 2, [[2, -3, 5], [-7, 1, 4]], [-7, 9])",
    inputs: { in: many(6, -50, 50) },
  },
  Divide: {
    include: "nn/divide.circom",
    main: "Divide(-9, 9, 12)",
    inputs: { left: many(1, -9, 9), right: many(1, 1, 12) },
    free: DIGITS,
  },
  Greater: {
    include: "nn/greater.circom",
    main: "Greater(-30, 30)",
    inputs: { left: many(1, 0, 30), right: many(1, 0, 30) },
    free: DIGITS,
  },
  Lookup: {
    include: "nn/lookup.circom",
    main: "Lookup(24, c())",
    before: `function c() { return [${interpolate(table, -4).join(", ")}]; }`,
    inputs: { in: many(1, -4, 19) },
  },
  MatMul: {
    include: "nn/matmul.circom",
    main: "MatMul(1, 3, 4, 3)",
    inputs: { left: many(12, -9, 9), right: many(12, -9, 9) },
  },
  MaxRow: {
    include: "nn/max.circom",
    main: "MaxRow(4, [-9, -9, -5, -9], [9, 9, 5, 9])",
    inputs: {
      in: [
        [-9, 9],
        [-9, 9],
        [-5, 5],
        [-9, 9],
      ],
    },
    free: DIGITS,
  },
  Multiply: {
    include: "nn/multiply.circom",
    main: "Multiply(3)",
    inputs: { left: many(3, -9, 9), right: many(3, -9, 9) },
  },
  OneHot: { include: "nn/onehot.circom", main: "OneHot(5)", inputs: { in: many(1, 0, 4) } },
  PrivateWeights: {
    include: "lib/private-weights.circom",
    main: "PrivateWeights(3, 8)",
    inputs: { weight: many(3, -128, 127) },
  },
  PrivateDot: {
    include: "nn/private-dense.circom",
    main: "Inner()",
    before: `template Inner() {
      signal input in[2];
      signal input weight[4];
      signal input bias[2];
      signal output out[2] <== PrivateDot(2, 2, 12)(in, [[weight[0], weight[1]], [weight[2], weight[3]]], bias);
    }`,
    inputs: { in: many(2, -20, 20), weight: many(4, -32, 31), bias: many(2, -32, 31) },
  },
  PrivateDense: {
    include: "nn/private-dense.circom",
    main: "PrivateDense(2, 2, 3, 2, 12)",
    inputs: { in: many(4, -20, 20), weight: many(6, -32, 31), bias: many(3, -32, 31) },
  },
  PrivateConv: {
    include: "nn/private-dense.circom",
    main: "PrivateConv(1, [2, 2], 2, [2, 2], [1, 1], [0, 0, 1, 0], [1, 1], 1, 2, 12)",
    inputs: { in: many(4, -9, 9), weight: many(8, -32, 31), bias: many(2, -32, 31) },
  },
  Requantise: {
    include: "nn/requantise.circom",
    main: "Requantise(2, -3, 8, 1, 8)",
    inputs: { in: many(1, -120, 100) },
    free: /\.lift$/,
  },
  RequantiseLayer: {
    include: "nn/requantise.circom",
    main: "RequantiseLayer(3, 1, 0, 6, [1, 0, 0], [6, 5, 0], [0, 0, 6])",
    inputs: {
      in: [
        [-31, 30],
        [0, 30],
        [20, 30],
      ],
    },
    free: /\.lift$/,
  },
};

/** Names of the inputs' signals, and a witness for random inputs. */
function sample(circuit: CircuitTester, { inputs }: Harness, random: Random) {
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, ends]) => [name, ends.map(([min, max]) => BigInt(random.integer(min, max)))]),
  );
  const given = circuit.signals.filter((name) =>
    Object.keys(inputs).includes(/^main\.(\w+)(?:\[\d+\])?$/.exec(name)?.[1] ?? ""),
  );
  return { witness: circuit.witness(values), given };
}

function freeSignals(circuit: CircuitTester, harness: Harness, seed: number): readonly string[] {
  const random = new Random(seed);
  const found = new Set<string>();
  // Poseidon is long, and each of its rounds like the others.
  const rounds = circuit.r1cs.constraints.length > 500 ? 1 : 8;
  for (let round = 0; round < rounds; round++) {
    const { witness, given } = sample(circuit, harness, random);
    for (const name of movable(circuit, witness, given)) found.add(name);
    for (const name of jumps(circuit, witness, given, random, TRIALS)) found.add(name);
  }
  return [...found];
}

describe("circuits: inputs determine every signal that something reads", () => {
  it("covers every template", () => {
    const files = readdirSync(HOME, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".circom"));
    const templates = files.flatMap((name) =>
      Array.from(readFileSync(join(HOME, name), "utf8").matchAll(/^template (\w+)\(/gm), ([, template]) => template),
    );
    expect(Object.keys(HARNESSES).sort()).to.deep.equal(templates.sort());
  });

  for (const [name, harness] of Object.entries(HARNESSES)) {
    it(`${name}: nothing else can move or jump`, async function () {
      this.timeout(120_000);
      const { include, main, before = "", free = /^$/ } = harness;
      const circuit = await CircuitTester.template(include, main, { before });
      expect(freeSignals(circuit, harness, 11).filter((signal) => !free.test(signal))).to.deep.equal([]);
    });
  }

  it("can fail: signals that nothing fixes are found, and outputs that follow from them", async () => {
    const loose = `template Loose() {
      signal input in;
      signal output out;
      signal quotient;
      signal rest;
      signal sign;
      quotient <-- in \\ 4;
      rest <-- in % 4;
      quotient * 4 + rest === in;
      sign <-- 1;
      sign * sign === 1;
      out <== quotient * sign;
    }`;
    const circuit = await CircuitTester.template("lib/bits.circom", "Loose()", { before: loose });
    const witness = circuit.witness({ in: [22n] });
    expect(movable(circuit, witness, ["main.in"]))
      .to.include("main.out")
      .and.not.include("main.sign");
    const twin = `template Twin() { signal input in; signal output out; signal square <== in * in; out <-- in; out * out === square; }`;
    const jumping = await CircuitTester.template("lib/bits.circom", "Twin()", { before: twin });
    const honest = jumping.witness({ in: [5n] });
    expect(movable(jumping, honest, ["main.in"]), "a sign cannot move").to.deep.equal([]);
    expect(jumps(jumping, honest, ["main.in"], new Random(1), 10), "but jump").to.deep.equal(["main.out"]);
  });
});
