import { expect } from "chai";

import { SCALAR_MODULUS } from "../../compiler/src/setup/field.ts";
import { CircuitTester } from "../support/circuit.ts";
import { acceptedAssignments } from "../support/solve.ts";

const open = async (min: bigint, max: bigint): Promise<CircuitTester> =>
  await CircuitTester.template("lib/interval.circom", `InInterval(${min}, ${max})`);

describe("circuits/lib/interval InInterval", () => {
  const intervals: readonly (readonly [bigint, bigint, number])[] = [
    [0n, 15n, 4],
    [0n, 16n, 5],
    [-3n, 9n, 4],
    [-8n, -1n, 3],
    [5n, 6n, 1],
    [0n, 2n, 2],
  ];
  for (const [min, max, cost] of intervals) {
    it(`accepts exactly the numbers of [${min}, ${max}] for ${cost} constraints`, async () => {
      const circuit = await open(min, max);
      circuit.expectCost(cost, 0);
      for (let value = min; value <= max; value++) {
        circuit.expectAccepted(circuit.witness({ in: [value] }), `${value}`);
      }
      for (const value of [min - 1n, max + 1n, max + 100n, SCALAR_MODULUS / 2n]) {
        expect(() => circuit.witness({ in: [value] }), `${value}`).to.throw("a constraint does not hold");
      }
    });

    it(`leaves a forger no digits for a number outside of [${min}, ${max}]`, async () => {
      const circuit = await open(min, max);
      const digits = circuit.signals.filter((name) => name.startsWith("main.digit"));
      const bits = Object.fromEntries(digits.map((name) => [name, [0n, 1n]]));
      const outside = [min - 2n, min - 1n, max + 1n, max + 2n];
      const honest = circuit.witness({ in: [min] });
      for (const value of outside) {
        const forged = circuit.edit(honest, { "main.in": value });
        expect(acceptedAssignments(circuit, forged, bits), `in = ${value}`).to.deep.equal([]);
      }
      // Digits other than 0 and 1 would reach anything.
      for (const name of digits) {
        circuit.expectRefused(circuit.edit(honest, { [name]: 2n, "main.in": min + 1n }), `${name} = 2`);
      }
    });
  }

  it("takes one number for 1 linear constraint when the ends are equal", async () => {
    const circuit = await CircuitTester.source(
      `pragma circom 2.2.0;\ninclude "lib/interval.circom";\n` +
        `template T() { signal input a; signal input b; InInterval(-7, -7)(a + 2 * b); }\ncomponent main = T();\n`,
    );
    circuit.expectCost(0, 1);
    circuit.expectAccepted(circuit.witness({ a: [-5n], b: [-1n] }), "-7");
    expect(() => circuit.witness({ a: [-5n], b: [0n] })).to.throw("a constraint does not hold");
    circuit.expectRefused(circuit.edit(circuit.witness({ a: [-5n], b: [-1n] }), { "main.a": 0n }), "another number");
  });

  it("works at the greatest span", async () => {
    const max = (1n << 252n) - 1n;
    const circuit = await open(0n, max);
    circuit.expectCost(252, 0);
    circuit.expectAccepted(circuit.witness({ in: [max] }), "upper end");
    expect(() => circuit.witness({ in: [max + 1n] })).to.throw("a constraint does not hold");
    expect(() => circuit.witness({ in: [-1n] })).to.throw("a constraint does not hold");
  });
});
