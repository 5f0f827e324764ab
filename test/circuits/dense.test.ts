import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";

const open = async (): Promise<CircuitTester> =>
  await CircuitTester.template("nn/dense.circom", "Dense(1, 3, 2, [[2, -3, 5], [-128, 0, 127]], [-7, 1000])");

describe("circuits/nn/dense Dense", () => {
  it("gives the reference value between and at the edges of eight-bit inputs", async () => {
    const circuit = await open();
    for (const [a, b, c] of [
      [0n, 0n, 0n],
      [255n, 255n, 255n],
      [255n, 0n, 255n],
      [0n, 255n, 0n],
      [-128n, 127n, -128n],
    ] as const) {
      const witness = circuit.witness({ in: [a, b, c] });
      circuit.expectAccepted(witness, `${a}, ${b}, ${c}`);
      const wanted = [2n * a - 3n * b + 5n * c - 7n, -128n * a + 127n * c + 1000n];
      const expected = circuit.edit(witness, {
        "main.out[0]": wanted[0] as bigint,
        "main.out[1]": wanted[1] as bigint,
      });
      expect(witness).to.deep.equal(expected);
    }
  });

  it("refuses every other output", async () => {
    const circuit = await open();
    const honest = circuit.witness({ in: [1n, 2n, 3n] });
    for (const name of ["main.out[0]", "main.out[1]"]) {
      for (const step of [1n, -1n, 1n << 128n]) {
        circuit.expectRefused(
          circuit.edit(honest, { [name]: circuit.value(honest, name) + step }),
          `${name} + ${step}`,
        );
      }
    }
  });

  it("costs one linear constraint per output", async () => {
    (await open()).expectCost(0, 2);
  });

  it("applies the same weights to every row", async () => {
    const circuit = await CircuitTester.template("nn/dense.circom", "Dense(2, 2, 1, [[3, -5]], [7])");
    const witness = circuit.witness({ in: [1n, 2n, -4n, 6n] });
    circuit.expectAccepted(witness, "two rows");
    expect(circuit.value(witness, "main.out[0]")).to.equal(0n);
    expect(circuit.value(circuit.edit(witness, { "main.out[1]": -35n }), "main.out[1]")).to.equal(
      circuit.value(witness, "main.out[1]"),
    );
    circuit.expectCost(0, 2);
  });
});
