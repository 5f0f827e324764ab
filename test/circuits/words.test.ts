import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { undetermined } from "../support/determined.ts";

/** Word 0: 0xaa, then two pieces of one byte; word 1: one piece at the left edge; word 2: nothing but a constant. */
const open = async (): Promise<CircuitTester> =>
  await CircuitTester.source(`pragma circom 2.2.0;
include "lib/words.circom";
template Main() {
    signal input piece[3];
    signal output out[3] <== Words(3, 3, [0xaa * (1 << 240), 0, 77], [0, 0, 1], [232, 0, 240])(piece);
}
component main {public [piece]} = Main();
`);

describe("circuits/lib/words Words", () => {
  it("spells the words at the edges of its pieces", async () => {
    const circuit = await open();
    for (const [a, b, c] of [
      [0n, 0n, 0n],
      [255n, 255n, 255n],
      [1n, 254n, 128n],
    ] as const) {
      const witness = circuit.witness({ piece: [a, b, c] });
      circuit.expectAccepted(witness, `${a}, ${b}, ${c}`);
      expect([0, 1, 2].map((k) => circuit.value(witness, `main.out[${k}]`))).to.deep.equal([
        (0xaan << 240n) + (a << 232n) + b,
        c << 240n,
        77n,
      ]);
    }
  });

  it("refuses a forged word, a constant one included, and a forged piece", async () => {
    const circuit = await open();
    const honest = circuit.witness({ piece: [1n, 2n, 3n] });
    for (const name of circuit.signals) {
      for (const step of [1n, -1n]) {
        circuit.expectRefused(circuit.edit(honest, { [name]: circuit.value(honest, name) + step }), name);
      }
    }
  });

  it("leaves no choice", async () => {
    expect(undetermined(await open(), "main.piece")).to.deep.equal([]);
  });

  it("costs one linear constraint per word", async () => {
    (await open()).expectCost(0, 3);
  });
});
