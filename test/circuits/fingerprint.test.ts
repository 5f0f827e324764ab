import { expect } from "chai";

import { SCALAR_MODULUS, toScalar } from "../../compiler/src/setup/field.ts";
import { fingerprintAt } from "../../sdk/src/zk/bound-words.ts";
import { CircuitTester } from "../support/circuit.ts";
import { undetermined } from "../support/determined.ts";
import { divide } from "../support/solve.ts";

const WORD = 1n << 248n;
const P = SCALAR_MODULUS;

const open = async (count: number): Promise<CircuitTester> =>
  await CircuitTester.source(`pragma circom 2.2.0;
include "lib/fingerprint.circom";
template Main() {
    signal input words[${count}];
    signal input point;
    signal input value;
    signal out <== Fingerprint(${count})(words, point);
    value === out;
}
component main {public [point, value]} = Main();
`);

const inputs = (words: readonly bigint[], point: bigint) => ({
  words,
  point: [point],
  value: [fingerprintAt(words, point)],
});

describe("circuits/lib/fingerprint Fingerprint", () => {
  it("is the polynomial without constant term, at the edges, too", async () => {
    const circuit = await open(4);
    for (const words of [
      [0n, 0n, 0n, 0n],
      [1n, 2n, 3n, 4n],
      [WORD - 1n, WORD - 1n, WORD - 1n, WORD - 1n],
      [P - 1n, 0n, 1n, P - 1n],
    ]) {
      for (const point of [0n, 1n, 2n, P - 1n, 3n ** 150n % P]) {
        const power = (i: number): bigint =>
          point ** 0n *
          Array(i)
            .fill(point)
            .reduce((a: bigint, b: bigint) => (a * b) % P, 1n);
        const direct = words.reduce((sum, word, i) => (sum + word * power(i + 1)) % P, 0n);
        expect(fingerprintAt(words, point)).to.equal(direct);
        const witness = circuit.witness(inputs(words, point));
        circuit.expectAccepted(witness, `${words.join(" ")} at ${point}`);
      }
    }
  });

  it("hangs on the point even with one word", async () => {
    const circuit = await open(1);
    const honest = circuit.witness(inputs([5n], 7n));
    circuit.expectRefused(circuit.edit(honest, { "main.point": 8n }), "another point");
  });

  it("refuses a value, point or word that is one off, and words in another order", async () => {
    const circuit = await open(3);
    const given = inputs([3n, 5n, 9n], 11n);
    const honest = circuit.witness(given);
    for (const name of circuit.signals) {
      for (const step of [1n, -1n]) {
        circuit.expectRefused(circuit.edit(honest, { [name]: circuit.value(honest, name) + step }), name);
      }
    }
    for (const order of [
      [5n, 3n, 9n],
      [3n, 9n, 5n],
      [9n, 5n, 3n],
    ])
      expect(() => circuit.witness({ ...given, words: order }), String(order)).to.throw("does not hold");
  });

  it("leaves no choice", async () => {
    expect(undetermined(await open(3), "main.words", "main.point")).to.deep.equal([]);
  });

  it("binds nothing at a point that was known before the words: other words below 2^248 give the same value", async () => {
    const circuit = await open(2);
    const point = 123456789n ** 8n % P;
    const given = inputs([77n << 200n, 88n << 200n], point);
    const forged = otherWords(given.words, point);
    expect(forged).to.not.deep.equal(given.words);
    circuit.expectAccepted(circuit.witness({ ...given, words: forged }), "two lists, one value");
    // At a point that nobody could foresee the same two lists differ.
    expect(fingerprintAt(forged, point + 1n)).to.not.equal(fingerprintAt(given.words, point + 1n));
  });

  it("costs one constraint a word", async () => {
    (await open(26)).expectCost(26, 0);
  });
});

/** Other words with the same value: the second is chosen, the first solved for, until it is below 2^248. */
function otherWords(words: readonly bigint[], point: bigint): bigint[] {
  const value = fingerprintAt(words, point);
  // Scattered, because neighbours give neighbours; one try in 48 fits.
  for (let at = 1n; ; at++) {
    const second = at ** 200n % WORD;
    const first = toScalar(divide(value - ((second * point) % P) * point, point));
    if (first < WORD) return [first, second];
  }
}
