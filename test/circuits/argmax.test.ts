import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { acceptedAssignments } from "../support/solve.ts";

/** Entries in [-4, 4], so best - in[i] is at most 8. */
const open = async (n: number): Promise<CircuitTester> =>
  await CircuitTester.template("nn/argmax.circom", `ArgMax(${n}, [${Array.from({ length: n }, () => 8).join(", ")}])`);

const argmax = (values: readonly bigint[]): bigint =>
  BigInt(values.reduce((best, value, i) => (value > (values[best] as bigint) ? i : best), 0));

describe("circuits/nn/argmax ArgMax", () => {
  it("gives the lowest index of the greatest entry, for every vector of three", async () => {
    const circuit = await open(3);
    for (let code = 0; code < 729; code++) {
      const values = [code % 9, Math.floor(code / 9) % 9, Math.floor(code / 81)].map((digit) => BigInt(digit - 4));
      const witness = circuit.witness({ in: values });
      circuit.expectAccepted(witness, values.join());
      expect(circuit.value(witness, "main.out"), values.join()).to.equal(argmax(values));
    }
  });

  it("refuses a difference one past the span", async () => {
    const circuit = await open(2);
    circuit.expectAccepted(circuit.witness({ in: [4n, -4n] }), "a difference of 8");
    expect(() => circuit.witness({ in: [5n, -4n] }), "a difference of 9").to.throw("a constraint does not hold");
    // An entry before the winner has one less to prove.
    circuit.expectAccepted(circuit.witness({ in: [-5n, 4n] }), "9 before the winner");
    expect(() => circuit.witness({ in: [-6n, 4n] }), "10 before the winner").to.throw("a constraint does not hold");
  });

  it("leaves a forger no other winner, ties included", async () => {
    const circuit = await open(3);
    for (const values of [
      [1n, 3n, 2n],
      [3n, 3n, 3n],
      [-4n, -4n, 4n],
      [2n, -1n, 2n],
      [0n, 1n, 1n],
    ]) {
      const honest = circuit.witness({ in: values });
      const right = argmax(values);
      for (let winner = 0n; winner < 3n; winner++) {
        if (winner === right) continue;
        const best = values[Number(winner)] as bigint;
        const edits: Record<string, bigint> = { "main.out": winner };
        for (let i = 1; i < 3; i++) {
          const hot = BigInt(i) === winner ? 1n : 0n;
          edits[`main.hot[${i}]`] = hot;
          edits[`main.share[${i}]`] = hot * ((values[i] as bigint) - (values[0] as bigint));
        }
        for (let i = 0; i < 3; i++) {
          edits[`main.within[${i}].in`] = best - (values[i] as bigint) - (BigInt(i) < winner ? 1n : 0n);
        }
        const forged = circuit.edit(honest, edits);
        // Every choice of the digits that prove the differences, and of those of the losing comparison above all.
        const digits = circuit.signals.filter((name) => name.includes(".digit["));
        const free = Object.fromEntries(digits.map((name) => [name, [0n, 1n]]));
        expect(acceptedAssignments(circuit, forged, free), `${values.join()} -> ${winner}`).to.deep.equal([]);
      }
    }
  });

  it("refuses vectors that are not one-hot", async () => {
    const circuit = await open(3);
    const honest = circuit.witness({ in: [2n, 2n, 2n] });
    const digits = circuit.signals.filter((name) => name.includes(".digit["));
    const free = Object.fromEntries(digits.map((name) => [name, [0n, 1n]]));
    for (const [one, two] of [
      [1n, 1n],
      [2n, -1n],
      [-1n, 0n],
      [0n, 2n],
    ] as const) {
      const after = [one + two, two, 0n];
      const edits: Record<string, bigint> = {
        "main.hot[1]": one,
        "main.hot[2]": two,
        "main.share[1]": 0n,
        "main.share[2]": 0n,
        "main.out": one + 2n * two,
      };
      for (let i = 0; i < 3; i++) edits[`main.within[${i}].in`] = -(after[i] as bigint);
      expect(acceptedAssignments(circuit, circuit.edit(honest, edits), free), `${one}, ${two}`).to.deep.equal([]);
    }
  });

  it("refuses every other value of any one signal but the digits", async () => {
    const circuit = await open(3);
    const honest = circuit.witness({ in: [-1n, 4n, 0n] });
    for (const name of circuit.signals.filter((signal) => !signal.includes(".digit["))) {
      circuit.expectRefused(circuit.edit(honest, { [name]: circuit.value(honest, name) + 1n }), name);
    }
  });

  it("costs 2N - 1 constraints above the digits of the spans", async () => {
    (await open(1)).expectCost(4, 1);
    (await open(2)).expectCost(2 + 8, 2);
    (await open(3)).expectCost(5 + 12, 4);
    (await open(10)).expectCost(19 + 40, 11);
  });
});
