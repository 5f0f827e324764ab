import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { acceptedAssignments } from "../support/solve.ts";

const open = async (span: bigint): Promise<CircuitTester> =>
  await CircuitTester.template("lib/combination.circom", `CombinationInInterval(2, [3, -1], -2, ${span})`);

describe("circuits/lib/combination CombinationInInterval", () => {
  for (const [span, cost] of [
    [1n, 1],
    [2n, 2],
    [15n, 4],
    [16n, 5],
    [20n, 5],
  ] as const) {
    it(`takes exactly the pairs with 3 a - b - 2 in [0, ${span}], for ${cost} constraints`, async () => {
      const circuit = await open(span);
      circuit.expectCost(cost, 0);
      const digits = circuit.signals.filter((name) => name.startsWith("main.digit"));
      expect(digits).to.have.length(cost - 1);
      const free = Object.fromEntries(digits.map((name) => [name, [0n, 1n]]));
      const honest = circuit.witness({ in: [1n, 1n] });
      for (let a = -3n; a <= 9n; a++) {
        for (let b = -3n; b <= 9n; b++) {
          const value = 3n * a - b - 2n;
          if (value >= 0n && value <= span) {
            circuit.expectAccepted(circuit.witness({ in: [a, b] }), `${a}, ${b}`);
          } else {
            expect(() => circuit.witness({ in: [a, b] }), `${a}, ${b}`).to.throw("a constraint does not hold");
            const forged = circuit.edit(honest, { "main.in[0]": a, "main.in[1]": b });
            expect(acceptedAssignments(circuit, forged, free), `${a}, ${b}`).to.deep.equal([]);
          }
        }
      }
    });
  }

  it("refuses digits that are not 0 or 1", async () => {
    const circuit = await open(15n);
    const honest = circuit.witness({ in: [2n, 0n] });
    for (const name of circuit.signals.filter((signal) => signal.startsWith("main.digit"))) {
      for (const value of [2n, -1n])
        circuit.expectRefused(circuit.edit(honest, { [name]: value }), `${name} = ${value}`);
    }
    // 4 = 2 * 2: the sum is right and one digit is 2.
    const twice = circuit.edit(honest, { "main.digit[1]": 2n, "main.digit[2]": 0n });
    circuit.expectRefused(twice, "a digit of 2 in a right sum");
  });

  it("takes one value for 1 linear constraint when the span is 0", async () => {
    const circuit = await open(0n);
    circuit.expectCost(0, 1);
    circuit.expectAccepted(circuit.witness({ in: [2n, 4n] }), "3 * 2 - 4 = 2");
    expect(() => circuit.witness({ in: [2n, 3n] })).to.throw("a constraint does not hold");
  });

  it("works at the greatest span", async () => {
    const span = (1n << 252n) - 1n;
    const circuit = await CircuitTester.template(
      "lib/combination.circom",
      `CombinationInInterval(2, [1, -1], 0, ${span})`,
    );
    circuit.expectCost(252, 0);
    circuit.expectAccepted(circuit.witness({ in: [span - 5n, -5n] }), "upper end");
    expect(() => circuit.witness({ in: [span - 5n, -6n] })).to.throw("a constraint does not hold");
    expect(() => circuit.witness({ in: [5n, 6n] })).to.throw("a constraint does not hold");
  });
});
