import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { signed, undetermined } from "../support/determined.ts";

const LIMIT = 1n << 125n;
const open = async (): Promise<CircuitTester> => await CircuitTester.template("nn/multiply.circom", "Multiply(3)");

describe("circuits/nn/multiply Multiply", () => {
  it("gives the product of each pair, signs and greatest sizes included", async () => {
    const circuit = await open();
    for (const [left, right] of [
      [
        [0n, 5n, -5n],
        [7n, -3n, -3n],
      ],
      [
        [LIMIT, -LIMIT, 1n],
        [LIMIT, LIMIT, -LIMIT],
      ],
    ] as const) {
      const witness = circuit.witness({ left, right });
      circuit.expectAccepted(witness, left.join());
      const outs = left.map((_, i) => signed(circuit.value(witness, `main.out[${i}]`)));
      expect(outs).to.deep.equal(left.map((value, i) => value * (right[i] as bigint)));
    }
  });

  it("leaves a forger no choice: every output follows from the inputs", async () => {
    const circuit = await open();
    expect(undetermined(circuit, "main.left", "main.right")).to.deep.equal([]);
    const honest = circuit.witness({ left: [2n, 3n, 0n], right: [5n, -7n, 9n] });
    for (const name of circuit.signals.filter((signal) => signal.startsWith("main.out"))) {
      circuit.expectRefused(circuit.edit(honest, { [name]: circuit.value(honest, name) + 1n }), name);
      circuit.expectRefused(circuit.edit(honest, { [name]: 7n - circuit.value(honest, name) }), `7 - ${name}`);
    }
  });

  it("costs one constraint for each pair", async () => {
    (await open()).expectCost(3, 0);
  });
});
