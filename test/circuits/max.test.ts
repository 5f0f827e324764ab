import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { signed } from "../support/determined.ts";
import { acceptedAssignments } from "../support/solve.ts";

const list = (values: readonly (bigint | number)[]): string => `[${values.join(", ")}]`;

const open = async (low: readonly (bigint | number)[], high: readonly (bigint | number)[]): Promise<CircuitTester> =>
  await CircuitTester.template("nn/max.circom", `MaxRow(${low.length}, ${list(low)}, ${list(high)})`);

const greatest = (values: readonly bigint[]): bigint => values.reduce((best, value) => (value > best ? value : best));

/** Every vector with entries between the ends. */
function vectors(low: readonly number[], high: readonly number[]): bigint[][] {
  return low.reduce<bigint[][]>(
    (all, from, i) =>
      all.flatMap((head) =>
        Array.from({ length: (high[i] as number) - from + 1 }, (_, step) => [...head, BigInt(from + step)]),
      ),
    [[]],
  );
}

describe("circuits/nn/max MaxRow", () => {
  for (const [low, high, cost, linear] of [
    [[-2], [2], 0, 0],
    [[-4, -4], [4, 4], 1 + 4, 0],
    [[-2, -2, -2], [2, 2, 2], 2 * (1 + 3), 0],
    // The best of the first two is in [1, 3], so the third differs by at most 3, and the fourth by at most 5.
    [[0, 1, 0, -2], [3, 2, 1, 3], 1 + 2 + 0 + 1 + 3, 0],
    [[0, 3, -5, 9], [3, 5, 3, 9], 0, 0],
  ] as const) {
    it(`gives the greatest of every vector between ${list(low)} and ${list(high)}`, async () => {
      const circuit = await open(low, high);
      for (const values of vectors(low, high)) {
        const witness = circuit.witness({ in: values });
        circuit.expectAccepted(witness, values.join());
        expect(signed(circuit.value(witness, "main.out")), values.join()).to.equal(greatest(values));
      }
      circuit.expectCost(cost, linear);
    });
  }

  it("refuses a difference one past the span, in both directions", async () => {
    const circuit = await open([0, 0], [7, 7]);
    circuit.expectAccepted(circuit.witness({ in: [7n, 0n] }), "7 above");
    circuit.expectAccepted(circuit.witness({ in: [0n, 7n] }), "7 below");
    expect(() => circuit.witness({ in: [8n, 0n] }), "8 above").to.throw("a constraint does not hold");
    expect(() => circuit.witness({ in: [0n, 8n] }), "8 below").to.throw("a constraint does not hold");
  });

  it("works at the ends of the field's integers", async () => {
    const end = (1n << 251n) - 1n;
    const circuit = await open([-end, -end], [end, end]);
    circuit.expectCost(1 + 252, 0);
    for (const values of [
      [end, -end],
      [-end, end],
      [-end, -end],
    ]) {
      const witness = circuit.witness({ in: values });
      circuit.expectAccepted(witness, values.join());
      expect(signed(circuit.value(witness, "main.out"))).to.equal(greatest(values));
      if (values[0] !== values[1])
        circuit.expectRefused(circuit.edit(witness, { "main.out": -end }), "the lesser entry");
    }
  });

  it("leaves a forger no other entry of three, whatever the running best and the digits are", async () => {
    const circuit = await open([-2, -2, -2], [2, 2, 2]);
    const digits = circuit.signals.filter((name) => name.includes(".digit["));
    for (const values of vectors([-2, -2, -2], [2, 2, 2])) {
      const honest = circuit.witness({ in: values });
      const entries = [...new Set([...values, greatest(values) + 1n])];
      const free: Record<string, readonly bigint[]> = Object.fromEntries(digits.map((name) => [name, [0n, 1n]]));
      free["main.best[1]"] = entries;
      free["main.out"] = entries.filter((entry) => entry !== greatest(values));
      expect(acceptedAssignments(circuit, honest, free), values.join()).to.deep.equal([]);
    }
  });

  it("costs 9 constraints an entry after the first for bytes, 27 for a window of 2 by 2", async () => {
    (await open([0, 0, 0, 0], [255, 255, 255, 255])).expectCost(27, 0);
  });
});
