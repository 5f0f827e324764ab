import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { signed } from "../support/determined.ts";
import { acceptedAssignments, divide as fieldDivide } from "../support/solve.ts";

const open = async (qmin: bigint | number, qmax: bigint | number, rmax: bigint | number): Promise<CircuitTester> =>
  await CircuitTester.template("nn/divide.circom", `Divide(${qmin}, ${qmax}, ${rmax})`);

const floor = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);
const quotient = (left: bigint, right: bigint): bigint => floor(2n * left + right, 2n * right);

describe("circuits/nn/divide Divide", () => {
  for (const [qmin, qmax, rmax, cost] of [
    [-9, 9, 7, 1 + 5 + 2 * 4],
    [0, 15, 8, 1 + 4 + 2 * 4],
    [-9, -2, 5, 1 + 3 + 2 * 4],
    [3, 4, 1, 1 + 1 + 2 * 1],
  ] as const) {
    it(`gives the nearest of [${qmin}, ${qmax}], halves up, for divisors up to ${rmax}, and refuses the rest`, async () => {
      const circuit = await open(qmin, qmax, rmax);
      circuit.expectCost(cost, 0);
      for (let right = 1n; right <= BigInt(rmax); right++) {
        for (let left = -12n * right; left <= 18n * right; left++) {
          const out = quotient(left, right);
          const inputs = { left: [left], right: [right] };
          if (out >= BigInt(qmin) && out <= BigInt(qmax)) {
            const witness = circuit.witness(inputs);
            circuit.expectAccepted(witness, `${left} / ${right}`);
            expect(signed(circuit.value(witness, "main.out")), `${left} / ${right}`).to.equal(out);
          } else {
            expect(() => circuit.witness(inputs), `${left} / ${right}`).to.throw("a constraint does not hold");
          }
        }
      }
    });
  }

  it("refuses a divisor of 0, below 0, and one past the greatest", async () => {
    const circuit = await open(-9, 9, 7);
    for (const [left, right] of [
      [0n, 0n],
      [3n, 0n],
      [0n, -1n],
      [-6n, -3n],
      [0n, -(1n << 250n)],
      // The remainder, 14, is past 2 * 7 - 1.
      [3n, 8n],
    ] as const) {
      expect(() => circuit.witness({ left: [left], right: [right] }), `${left} / ${right}`).to.throw(
        "a constraint does not hold",
      );
    }
  });

  it("leaves a forger no other quotient: neighbours, flipped ties, fractions of the field", async () => {
    const circuit = await open(-3, 3, 3);
    const digits = circuit.signals.filter((name) => name.includes(".digit["));
    const free = Object.fromEntries(digits.map((name) => [name, [0n, 1n]]));
    for (const [left, right] of [
      [-3n, 2n],
      [-1n, 2n],
      [1n, 2n],
      [5n, 2n],
      [4n, 3n],
      [-5n, 3n],
      [0n, 1n],
      [3n, 1n],
    ] as const) {
      const honest = circuit.witness({ left: [left], right: [right] });
      const out = quotient(left, right);
      const claims = [out - 1n, out + 1n, -out - 1n, fieldDivide(left, right)];
      for (let rest = 0n; rest < 6n; rest++) claims.push(fieldDivide(2n * left + right - rest, 2n * right));
      for (const claim of claims.filter((value) => signed(value) !== out)) {
        const edits = { "main.out": claim, "main.product": right * claim };
        const found = acceptedAssignments(circuit, circuit.edit(honest, edits), free);
        expect(found, `${left} / ${right} = ${signed(claim)}`).to.deep.equal([]);
      }
      // The right quotient with a product that suits another remainder.
      const moved = circuit.edit(honest, { "main.product": right * out + 1n });
      expect(acceptedAssignments(circuit, moved, free), "another product").to.deep.equal([]);
    }
  });

  it("takes numbers of the greatest size", async () => {
    const [rmax, qmax] = [(1n << 125n) - 1n, (1n << 125n) - 1n];
    const circuit = await open(-qmax, qmax, rmax);
    for (const left of [rmax * qmax, -rmax * qmax, rmax / 2n, rmax / 2n + 1n, -rmax / 2n - 1n]) {
      const witness = circuit.witness({ left: [left], right: [rmax] });
      circuit.expectAccepted(witness, `${left}`);
      expect(signed(circuit.value(witness, "main.out")), `${left}`).to.equal(quotient(left, rmax));
    }
    circuit.expectCost(1 + 126 + 2 * 126, 0);
  });

  it("is a constant for nothing where only one quotient can be", async () => {
    const circuit = await open(1, 1, 99);
    const witness = circuit.witness({ left: [70n], right: [69n] });
    expect(circuit.value(witness, "main.out")).to.equal(1n);
    circuit.expectRefused(circuit.edit(witness, { "main.out": 2n }), "another constant");
    // An output of main keeps a linear constraint although it is constant.
    circuit.expectCost(0, 1);
  });

  it("does not compile where a product could wrap", async () => {
    let message = "";
    await open(0, 1n << 125n, 1n << 125n).catch((error: unknown) => (message = String(error)));
    expect(message).to.contain("circom refused");
  });
});
