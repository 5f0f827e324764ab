import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import { getBytes } from "ethers";

import { resolveBinding, type BindingOptions } from "../../compiler/src/emit/circom/binding.ts";
import { compileCircuit, type CompiledCircuit } from "../../compiler/src/emit/circom/compile.ts";
import { publicLayout } from "../../compiler/src/emit/circom/layout.ts";
import { emitCircom } from "../../compiler/src/emit/circom/program.ts";
import { statementOf, type ProofRequest } from "../../compiler/src/prove/statement.ts";
import { SCALAR_MODULUS, toScalar } from "../../compiler/src/setup/field.ts";
import {
  boundWords,
  bytesToWords,
  commitEncoding,
  fingerprintAt,
  PACKED_BINDING,
  poseidonChain,
} from "../../sdk/src/index.ts";
import { CircuitTester } from "../support/circuit.ts";
import { propagate } from "../support/determined.ts";
import { graphOf } from "../support/graphs.ts";
import { encodeTensor, tensor } from "../support/random-graphs.ts";
import { divide } from "../support/solve.ts";

const outDir = fileURLToPath(new URL("../../build/test/zkml", import.meta.url));
const context = Uint8Array.from({ length: 31 }, (_, i) => 255 - i);
const saltOf = (seed: number) => Uint8Array.from({ length: 31 }, (_, i) => (seed * (i + 7)) % 251);

/** Which of the first two of 100 bytes is the greater one; the others fill words that nothing else is in. */
const graph = graphOf("first", tensor("x", "u8", [100], 0n, 255n), [
  { op: "gather", name: "head", inputs: ["x"], constants: [], index: [0, 1], output: "head" },
  { op: "argmax", name: "best", input: "head", width: 2, output: "y" },
]);

const image = (seed: bigint, first: bigint, second: bigint): bigint[] => [
  first,
  second,
  ...Array.from({ length: 98 }, (_, i) => (seed * (BigInt(i) + 2n) ** 5n) % 256n),
];

const requestOf = (x: readonly bigint[], y: bigint, salts: Pick<ProofRequest, "inputSalt" | "outputSalt"> = {}) => ({
  context,
  input: encodeTensor(graph.input, x),
  output: encodeTensor(graph.output, [y]),
  ...salts,
});

const answer = (x: readonly bigint[]): bigint => (x[1]! > x[0]! ? 1n : 0n);

const open = async (options: BindingOptions): Promise<{ compiled: CompiledCircuit; circuit: CircuitTester }> => {
  const compiled = await compileCircuit(graph, { outDir, ...options });
  return { compiled, circuit: await CircuitTester.files(join(compiled.folder, "model")) };
};

const honest = (options: BindingOptions, x = image(3n, 200n, 7n), y = answer(x)) => {
  const binding = resolveBinding(graph, options);
  const salts = {
    ...(binding.input === "committed" ? { inputSalt: saltOf(5) } : {}),
    ...(binding.output === "committed" ? { outputSalt: saltOf(9) } : {}),
  };
  return statementOf(publicLayout(graph, binding), requestOf(x, y, salts));
};

const FINGERPRINT = { binding: "fingerprint" } as const;
const ALL: readonly (readonly [string, BindingOptions, number, { nonLinear: number; linear: number }])[] = [
  ["fingerprint", FINGERPRINT, 3, { nonLinear: 1434, linear: 1486 }],
  ["input committed", { inputVisibility: "committed" }, 3, { nonLinear: 1431, linear: 1487 }],
  [
    "both committed",
    { inputVisibility: "committed", outputVisibility: "committed" },
    3,
    { nonLinear: 2043, linear: 2967 },
  ],
  [
    "fingerprint, output committed",
    { ...FINGERPRINT, outputVisibility: "committed" },
    4,
    { nonLinear: 2046, linear: 2967 },
  ],
];

describe("compiler: how a circuit binds input and output", () => {
  for (const [name, options, words, cost] of ALL) {
    describe(name, () => {
      it("takes honest statements, and has no public signal but the words", async () => {
        const { circuit, compiled } = await open(options);
        expect([compiled.words, circuit.r1cs.publics]).to.deep.equal([words, words]);
        expect(compiled.binding).to.deep.equal(resolveBinding(graph, options));
        for (const x of [
          image(3n, 200n, 7n),
          image(9n, 0n, 255n),
          image(0n, 0n, 0n),
          new Array<bigint>(100).fill(255n),
        ]) {
          const given = honest(options, x);
          const witness = circuit.witness(given.inputs);
          expect(witness.slice(1, 1 + words)).to.deep.equal(given.words);
          circuit.expectAccepted(witness, name);
        }
      });

      it("refuses another output, and inputs one past the range", async () => {
        const { circuit } = await open(options);
        const x = image(3n, 200n, 7n);
        expect(() => circuit.witness(honest(options, x, 1n).inputs), "output").to.throw("does not hold");
        for (const value of [-1n, 256n]) {
          const outside = x.map((element, i) => (i === 50 ? value : element));
          const { words: said } = honest(options, x);
          const inputs = { ...honest(options, x).inputs, x: outside, words: said };
          expect(() => circuit.witness(inputs), `element ${value}`).to.throw("does not hold");
        }
      });

      it("refuses each public word when it is another one: one off, of another statement, or exchanged", async () => {
        const { circuit } = await open(options);
        const [one, two] = [honest(options), honest(options, image(4n, 1n, 2n))];
        const witness = circuit.witness(one.inputs);
        for (const [at, word] of one.words.entries()) {
          // The context takes part in nothing; that it cannot be changed in a proof is what its square is for.
          for (const other of [word + 1n, word - 1n, 0n, two.words[at]!, one.words[(at + 1) % words]!]) {
            if (toScalar(other) === word) continue;
            circuit.expectRefused(circuit.edit(witness, { [`main.words[${at}]`]: other }), `word ${at}`);
          }
        }
      });

      it("lets the words follow from input, salts and what the verifier gives, so that a forger has no choice", async () => {
        const { circuit } = await open(options);
        const given = honest(options);
        const witness = circuit.witness(given.inputs);
        const point = resolveBinding(graph, options).mode === "fingerprint" ? "main.words[1]" : "main.words[0]";
        const chosen = circuit.signals.filter(
          (signal) => /^main\.(?:x|t1)\[/.test(signal) || signal.endsWith("Salt") || signal === point,
        );
        const hints = circuit.signals.filter((signal) => /\.(?:digit|hot)(?:\[\d+\])+$/.test(signal));
        const blank = witness.map((value, at) => (at > 0 && at <= words ? 0n : value));
        blank[circuit.wire(point)] = circuit.value(witness, point);
        const { witness: found, free } = propagate(circuit, blank, [...chosen, ...hints]);
        expect(free, "signals that do not follow").to.deep.equal([]);
        expect(found.slice(1, 1 + words), "words").to.deep.equal(given.words);
      });

      it("refuses another value of any one signal but the digits of an interval", async () => {
        const { circuit } = await open(options);
        const witness = circuit.witness(honest(options).inputs);
        const harmless = circuit.signals.filter((signal) =>
          circuit.bears(witness, signal, circuit.value(witness, signal) + 1n),
        );
        expect(harmless.filter((signal) => !/\.digit\[\d+\]$/.test(signal))).to.deep.equal([]);
      });

      it("costs what it did", async () => {
        const { compiled } = await open(options);
        const { total, ...rest } = compiled.constraints;
        expect(rest).to.deep.equal(cost);
        const { input, words: binding, nodes } = compiled.costs;
        expect(input + binding + nodes.reduce((sum, each) => sum + each, 0)).to.equal(total);
      });
    });
  }

  describe("a fingerprint", () => {
    /** Statement and forgery: x has answer 0, the forger wants 1; x' has answer 1 and the same polynomial value at r. */
    const forge = (r: bigint) => {
      const x = image(3n, 200n, 7n);
      const claimed = bytesToWords(
        Uint8Array.from([...encodeTensor(graph.input, x), ...encodeTensor(graph.output, [1n])]),
      );
      const value = fingerprintAt(claimed, r);
      for (let seed = 1n; ; seed++) {
        const other = image(seed, 7n, 200n);
        const bytes = Uint8Array.from([...encodeTensor(graph.input, other), ...encodeTensor(graph.output, [1n])]);
        const words = bytesToWords(bytes);
        // Word 1 has pixels only: solve for it.
        const [rest, weight] = [fingerprintAt(words.with(1, 0n), r), (r * r) % SCALAR_MODULUS];
        const solved = divide(value - rest, weight);
        if (solved >= 1n << 248n) continue;
        bytes.set(getBytes(`0x${solved.toString(16).padStart(62, "0")}`), 31);
        const header = encodeTensor(graph.input, x).length - 100;
        const forged = Array.from(bytes.subarray(header, header + 100), BigInt);
        return { x, claimed, forged, value };
      }
    };

    it("is forged where its point does not hang on the hash: the twin's prover shows a false answer", async () => {
      const { circuit } = await open(FINGERPRINT);
      // The unsound twin: a verifier that takes the point from the context alone.
      const known = poseidonChain("words", [1n, 2n, 3n]);
      const { x, claimed, forged, value } = forge(known);
      expect(answer(x), "the truth").to.equal(0n);
      expect(answer(forged), "what the forger runs").to.equal(1n);
      const own = bytesToWords(
        Uint8Array.from([...encodeTensor(graph.input, forged), ...encodeTensor(graph.output, [1n])]),
      );
      expect(own).to.not.deep.equal(claimed);
      const words = [poseidonChain("words", own), known, value];
      // The twin's verifier makes the value of the claimed input and output, and it is the same.
      expect(fingerprintAt(claimed, known)).to.equal(value);
      circuit.expectAccepted(circuit.witness({ words, x: forged }), "the forgery under the twin");
      // With the hash in the point, the verifier's words for the claim and this hash are others, and no witness has them.
      const [c = 0n] = words;
      const real = boundWords(resolveBinding(graph, FINGERPRINT), {
        context,
        input: encodeTensor(graph.input, x),
        output: encodeTensor(graph.output, [1n]),
        fingerprint: c,
      });
      expect(() => circuit.witness({ words: real, x: forged }), "the forgery under the verifier").to.throw(
        "does not hold",
      );
      const witness = circuit.witness({ words, x: forged });
      circuit.expectRefused(circuit.edit(witness, { "main.words[1]": real[1]!, "main.words[2]": real[2]! }), "edited");
    });

    it("does not take the hash of other words, and not words that are exchanged", async () => {
      const { circuit } = await open(FINGERPRINT);
      const { words, inputs } = honest(FINGERPRINT);
      const body = bytesToWords(
        Uint8Array.from([...requestOf(image(3n, 200n, 7n), 0n).input, ...requestOf([], 0n).output]),
      );
      for (const [what, list] of [
        ["exchanged", [body[0]!, body[2]!, body[1]!, body[3]!]],
        ["one short", body.slice(0, 3)],
        ["one more", [...body, 0n]],
        ["moved by the modulus", body.map((word, at) => (at === 1 ? word + 1n : word))],
      ] as const) {
        const c = poseidonChain("words", list);
        const r = words[1]!;
        expect(() => circuit.witness({ ...inputs, words: [c, r, fingerprintAt(list, r)] }), what).to.throw(
          "does not hold",
        );
      }
    });
  });

  describe("a commitment", () => {
    it("is that of the SDK, and takes no other salt, encoding or port", async () => {
      const { circuit } = await open({ inputVisibility: "committed", outputVisibility: "committed" });
      const { words, inputs } = honest({ inputVisibility: "committed", outputVisibility: "committed" });
      const { input, output } = requestOf(image(3n, 200n, 7n), 0n);
      expect(words.slice(1)).to.deep.equal([
        BigInt(commitEncoding(input, saltOf(5))),
        BigInt(commitEncoding(output, saltOf(9))),
      ]);
      const other = (change: Partial<typeof inputs>) => () =>
        circuit.witness({ ...inputs, ...change } as typeof inputs);
      expect(other({ inputSalt: [1n] }), "salt").to.throw("does not hold");
      expect(other({ outputSalt: [1n] }), "salt").to.throw("does not hold");
      expect(other({ x: image(4n, 200n, 7n) }), "input").to.throw("does not hold");
      expect(other({ words: [words[0]!, words[2]!, words[1]!] }), "exchanged").to.throw("does not hold");
    });
  });

  describe("statementOf", () => {
    const refused = (options: BindingOptions, change: Partial<ProofRequest>, message: RegExp) => {
      const layout = publicLayout(graph, resolveBinding(graph, options));
      const salts = { inputSalt: saltOf(1) };
      expect(() => statementOf(layout, { ...requestOf(image(3n, 200n, 7n), 0n), ...salts, ...change }))
        .to.throw(message)
        .with.property("code", "ASY-ZKML-006");
    };

    it("wants exactly the salts that the circuit takes", () => {
      const committed = { inputVisibility: "committed" } as const;
      refused({ binding: "packed" }, {}, /inputSalt: the circuit's input is public/);
      refused({ binding: "fingerprint" }, {}, /inputSalt: the circuit's input is public/);
      refused(committed, { inputSalt: new Uint8Array(30) }, /inputSalt: 30 bytes/);
      refused({ ...committed, outputVisibility: "committed" }, {}, /outputSalt: none/);
      refused(committed, { context: new Uint8Array(30) }, /context: 30 bytes/);
    });
  });

  describe("resolveBinding", () => {
    const wide = (count: number) => ({
      input: tensor("x", "u8", [count], 0n, 9n),
      output: tensor("y", "u8", [1], 0n, 9n),
    });

    it("packs what fits into four words with the context, and takes a fingerprint of more", () => {
      // Two headers of 6 bytes and one byte of output: 80 bytes of input fill three words.
      expect(publicLayout(wide(80)).words).to.equal(4);
      expect(resolveBinding(wide(80))).to.deep.equal(PACKED_BINDING);
      expect(resolveBinding(wide(81))).to.deep.equal({ ...PACKED_BINDING, mode: "fingerprint" });
      expect(resolveBinding(wide(81), { binding: "packed" })).to.deep.equal(PACKED_BINDING);
      expect(resolveBinding(wide(4000), { inputVisibility: "committed" }).mode).to.equal("packed");
      expect(resolveBinding(wide(1), { binding: "fingerprint" }).mode).to.equal("fingerprint");
    });

    it("refuses a fingerprint of nothing", () => {
      const options = { binding: "fingerprint", inputVisibility: "committed", outputVisibility: "committed" } as const;
      expect(() => resolveBinding(wide(9), options)).to.throw(/must be packed or auto/);
    });
  });

  it("is part of the circuit's key, and leaves packed programs as they were", () => {
    const plain = emitCircom(graph);
    expect(plain.templates.some((file) => file.includes("poseidon"))).to.equal(false);
    expect(emitCircom(graph, PACKED_BINDING).source).to.equal(plain.source);
    const sources = ALL.map(([, options]) => emitCircom(graph, resolveBinding(graph, options)).source);
    expect(new Set([plain.source, ...sources]).size).to.equal(1 + ALL.length);
  });
});
