import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";

/** Word 0: 0xaa, then two pieces of one byte; word 1: one piece at the left edge; word 2: nothing but a constant. */
const open = async (): Promise<CircuitTester> =>
  await CircuitTester.source(`pragma circom 2.2.0;
include "lib/pack.circom";
template Main() {
    signal input words[3];
    signal input piece[3];
    Pack(3, 3, [0xaa * (1 << 240), 0, 77], [0, 0, 1], [232, 0, 240])(piece, words);
}
component main {public [words]} = Main();
`);

const words = (a: bigint, b: bigint, c: bigint): readonly bigint[] => [
  (0xaan << 240n) + (a << 232n) + b,
  c << 240n,
  77n,
];

describe("circuits/lib/pack Pack", () => {
  it("spells the words at the edges of its pieces", async () => {
    const circuit = await open();
    for (const [a, b, c] of [
      [0n, 0n, 0n],
      [255n, 255n, 255n],
      [1n, 254n, 128n],
    ] as const) {
      circuit.expectAccepted(circuit.witness({ piece: [a, b, c], words: words(a, b, c) }), `${a}, ${b}, ${c}`);
    }
  });

  it("refuses words that are one off", async () => {
    const circuit = await open();
    for (const index of [0, 1, 2]) {
      for (const step of [1n, -1n]) {
        const wrong = words(1n, 2n, 3n).map((word, i) => (i === index ? word + step : word));
        expect(() => circuit.witness({ piece: [1n, 2n, 3n], words: wrong })).to.throw("a constraint does not hold");
      }
    }
  });

  it("refuses a forged word, a constant one included, and a forged piece", async () => {
    const circuit = await open();
    const honest = circuit.witness({ piece: [1n, 2n, 3n], words: words(1n, 2n, 3n) });
    for (const name of circuit.signals) {
      circuit.expectRefused(circuit.edit(honest, { [name]: circuit.value(honest, name) + 1n }), name);
    }
  });

  it("costs one linear constraint per word", async () => {
    (await open()).expectCost(0, 3);
  });
});
