import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { acceptedAssignments } from "../support/solve.ts";

const WIDTH = 6;
const bit = (value: bigint, index: number): bigint => (value >> BigInt(index)) & 1n;

describe("circuits/lib/bits", () => {
  describe("Bits", () => {
    const open = async (): Promise<CircuitTester> => await CircuitTester.template("lib/bits.circom", `Bits(${WIDTH})`);

    it("gives the binary digits of every number of its width", async () => {
      const circuit = await open();
      for (let value = 0n; value < 1n << BigInt(WIDTH); value++) {
        const witness = circuit.witness({ in: [value] });
        circuit.expectAccepted(witness, `${value}`);
        for (let i = 0; i < WIDTH; i++) expect(circuit.value(witness, `main.bits[${i}]`)).to.equal(bit(value, i));
      }
    });

    it("refuses one past each edge", async () => {
      const circuit = await open();
      expect(() => circuit.witness({ in: [64n] })).to.throw("a constraint does not hold");
      expect(() => circuit.witness({ in: [-1n] })).to.throw("a constraint does not hold");
    });

    it("leaves a forger one set of digits", async () => {
      const circuit = await open();
      const free = Object.fromEntries(Array.from({ length: WIDTH }, (_, i) => [`main.bits[${i}]`, [0n, 1n, 2n, -1n]]));
      for (const value of [0n, 1n, 37n, 63n]) {
        const witness = circuit.witness({ in: [value] });
        expect(acceptedAssignments(circuit, witness, free)).to.deep.equal([witness]);
      }
      const outside = circuit.edit(circuit.witness({ in: [0n] }), { "main.in": 64n });
      expect(acceptedAssignments(circuit, outside, free)).to.deep.equal([]);
    });

    it("costs a constraint per digit and one for the sum", async () => {
      (await open()).expectCost(WIDTH, 1);
    });
  });

  describe("TwosComplement", () => {
    const open = async (): Promise<CircuitTester> =>
      await CircuitTester.template("lib/bits.circom", "TwosComplement(4, 8)");

    it("gives the sign-extended form at the edges and between", async () => {
      const circuit = await open();
      for (let value = -8n; value < 8n; value++) {
        const witness = circuit.witness({ in: [value] });
        circuit.expectAccepted(witness, `${value}`);
        const form = BigInt.asUintN(8, value);
        for (let i = 0; i < 8; i++)
          expect(circuit.value(witness, `main.bits[${i}]`), `${value}`).to.equal(bit(form, i));
      }
    });

    it("refuses one past each edge", async () => {
      const circuit = await open();
      expect(() => circuit.witness({ in: [8n] })).to.throw("a constraint does not hold");
      expect(() => circuit.witness({ in: [-9n] })).to.throw("a constraint does not hold");
    });

    it("refuses every other value of any one signal", async () => {
      const circuit = await open();
      const witness = circuit.witness({ in: [-3n] });
      for (const name of circuit.signals) {
        const value = circuit.value(witness, name);
        for (const forged of [value + 1n, 1n - value]) {
          if (forged !== value) circuit.expectRefused(circuit.edit(witness, { [name]: forged }), `${name} = ${forged}`);
        }
      }
    });

    it("costs a constraint per digit it needs, two for sum and offset, and one for the sign", async () => {
      // Behind a wrapper, because equal outputs of a main component keep a constraint each.
      const circuit = await CircuitTester.template("lib/bits.circom", "Inner()", {
        before: "template Inner() { signal input in; signal bits[8] <== TwosComplement(4, 8)(in); }",
      });
      circuit.expectCost(4, 3);
    });
  });

  describe("AboveConstant", () => {
    it("compares every number of its width with every constant", async () => {
      for (const constant of [0n, 5n, 6n, 14n, 15n]) {
        const circuit = await CircuitTester.template("lib/bits.circom", `AboveConstant(4, ${constant})`);
        for (let value = 0n; value < 16n; value++) {
          const witness = circuit.witness({ bits: [0, 1, 2, 3].map((i) => bit(value, i)) });
          circuit.expectAccepted(witness, `${value} > ${constant}`);
          expect(circuit.value(witness, "main.out"), `${value} > ${constant}`).to.equal(value > constant ? 1n : 0n);
        }
      }
    });

    it("refuses another answer", async () => {
      const circuit = await CircuitTester.template("lib/bits.circom", "AboveConstant(4, 6)");
      for (const [bits, answer] of [
        [[0n, 1n, 1n, 0n], 0n],
        [[1n, 1n, 1n, 0n], 1n],
      ] as const) {
        const witness = circuit.witness({ bits });
        const names = circuit.signals.filter((name) => !name.startsWith("main.bits"));
        const free = Object.fromEntries(names.map((name) => [name, [0n, 1n, 2n]]));
        const outs = acceptedAssignments(circuit, witness, free).map((found) => circuit.value(found, "main.out"));
        expect(outs).to.deep.equal([answer]);
      }
    });

    it("costs a constraint per digit but the first and the trailing ones", async () => {
      (await CircuitTester.template("lib/bits.circom", "AboveConstant(4, 6)")).expectCost(3, 0);
      (await CircuitTester.template("lib/bits.circom", "AboveConstant(7, 126)")).expectCost(6, 0);
      (await CircuitTester.template("lib/bits.circom", "AboveConstant(7, 99)")).expectCost(4, 0);
    });
  });
});
