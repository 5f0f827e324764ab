import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { acceptedAssignments } from "../support/solve.ts";

const open = async (low: bigint | number, high: bigint | number): Promise<CircuitTester> =>
  await CircuitTester.template("nn/greater.circom", `Greater(${low}, ${high})`);

/** Interval of left - right, and what it costs. */
const cases = [
  [-8, 8, 1 + 4, 0],
  [-7, 8, 1 + 3, 0],
  [-8, 3, 1 + 4, 0],
  [-2, 9, 1 + 4, 0],
  [0, 9, 1 + 4, 0],
  [-5, 1, 1 + 3, 0],
  [-1, 1, 1 + 1, 0],
  [0, 2, 1 + 1, 0],
  [0, 1, 0, 1],
] as const;

describe("circuits/nn/greater Greater", () => {
  for (const [low, high, nonLinear, linear] of cases) {
    it(`compares every pair with a difference in [${low}, ${high}], and no other`, async () => {
      const circuit = await open(low, high);
      circuit.expectCost(nonLinear, linear);
      for (let d = low; d <= high; d++) {
        for (const right of [-100n, 0n, 100n]) {
          const witness = circuit.witness({ left: [right + BigInt(d)], right: [right] });
          circuit.expectAccepted(witness, `d = ${d}`);
          expect(circuit.value(witness, "main.out"), `d = ${d}`).to.equal(d > 0 ? 1n : 0n);
        }
      }
    });

    it(`leaves a forger no other answer for a difference in [${low}, ${high}]`, async () => {
      const circuit = await open(low, high);
      const digits = circuit.signals.filter((name) => name.includes(".digit["));
      const free: Record<string, readonly bigint[]> = Object.fromEntries(digits.map((name) => [name, [0n, 1n]]));
      for (let d = low; d <= high; d++) {
        const honest = circuit.witness({ left: [BigInt(d)], right: [0n] });
        free["main.out"] = d > 0 ? [0n, 2n, -1n] : [1n, 2n, -1n];
        expect(acceptedAssignments(circuit, honest, free), `d = ${d}`).to.deep.equal([]);
      }
    });
  }

  it("refuses differences past T on either side, where T = max(high, 1 - low)", async () => {
    const circuit = await open(-8, 9);
    circuit.expectAccepted(circuit.witness({ left: [9n], right: [0n] }), "9");
    circuit.expectAccepted(circuit.witness({ left: [-8n], right: [0n] }), "-8");
    expect(() => circuit.witness({ left: [10n], right: [0n] })).to.throw("a constraint does not hold");
    expect(() => circuit.witness({ left: [-9n], right: [0n] })).to.throw("a constraint does not hold");
  });

  it("is a constant for nothing where the interval decides", async () => {
    for (const [low, high, answer] of [
      [-5, 0, 0n],
      [1, 5, 1n],
    ] as const) {
      const circuit = await CircuitTester.template("nn/greater.circom", "Inner()", {
        before: `template Inner() {
    signal input left;
    signal input right;
    signal output out;
    signal answer <== Greater(${low}, ${high})(left, right);
    out <== answer + left * right;
}`,
      });
      const witness = circuit.witness({ left: [0n], right: [BigInt(-low)] });
      expect(circuit.value(witness, "main.out")).to.equal(answer);
      circuit.expectCost(1, 0);
    }
  });

  it("works at the ends of the field's integers", async () => {
    const end = (1n << 251n) - 1n;
    const circuit = await open(-2n * end, 2n * end);
    circuit.expectCost(1 + 252, 0);
    for (const [left, right, answer] of [
      [end, -end, 1n],
      [-end, end, 0n],
      [end, end, 0n],
      [end, end - 1n, 1n],
    ] as const) {
      const witness = circuit.witness({ left: [left], right: [right] });
      circuit.expectAccepted(witness, `${left} > ${right}`);
      expect(circuit.value(witness, "main.out")).to.equal(answer);
      circuit.expectRefused(circuit.edit(witness, { "main.out": 1n - answer }), "the other answer");
    }
  });
});
