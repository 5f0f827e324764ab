import { expect } from "chai";
import { poseidon16 } from "poseidon-lite/poseidon16";

import { SCALAR_MODULUS } from "../../compiler/src/setup/field.ts";
import { chainStart, poseidonChain } from "../../sdk/src/zk/poseidon-chain.ts";
import { CircuitTester } from "../support/circuit.ts";
import { undetermined } from "../support/determined.ts";

const open = async (count: number): Promise<CircuitTester> =>
  await CircuitTester.source(`pragma circom 2.2.0;
include "lib/poseidon-chain.circom";
component main {public [in]} = PoseidonChain(${count}, ${chainStart("words", count)});
`);

const values = (count: number, seed: bigint): bigint[] =>
  Array.from({ length: count }, (_, i) => (seed * (BigInt(i) + 3n) ** 60n) % SCALAR_MODULUS);

describe("circuits/lib/poseidon-chain PoseidonChain", () => {
  it("gives what the SDK gives, at the field's edges and in two blocks, too", async () => {
    for (const count of [3, 16]) {
      const circuit = await open(count);
      const lists = [
        new Array<bigint>(count).fill(0n),
        new Array<bigint>(count).fill(SCALAR_MODULUS - 1n),
        values(count, 1n),
        values(count, 7n ** 80n),
      ];
      for (const list of lists) {
        const witness = circuit.witness({ in: list });
        expect(circuit.value(witness, "main.out")).to.equal(poseidonChain("words", list));
      }
      circuit.expectAccepted(circuit.witness({ in: values(count, 5n) }), `${count} values`);
    }
  });

  it("leaves no choice: every wire follows from the values", async () => {
    expect(undetermined(await open(16), "main.in")).to.deep.equal([]);
  });

  it("refuses another value of any one signal", async () => {
    const circuit = await open(3);
    const honest = circuit.witness({ in: values(3, 11n) });
    const borne = circuit.signals.filter((name) => circuit.bears(honest, name, circuit.value(honest, name) + 1n));
    expect(borne).to.deep.equal([]);
    expect(circuit.signals.length, "signals looked at").to.be.greaterThan(1_000);
  });

  it("costs the same for each block of 15", async () => {
    (await open(3)).expectCost(612, 1480);
    (await open(16)).expectCost(1224, 2960);
  });
});

describe("sdk/zk/poseidon-chain", () => {
  it("is one permutation for each 15 values, from a start that names what is hashed and how many", () => {
    const list = values(17, 3n);
    const start = (BigInt(`0x${Buffer.from("assay.words/1").toString("hex")}`) << 32n) + 17n;
    const first = poseidon16([start, ...list.slice(0, 15)]);
    expect(poseidonChain("words", list)).to.equal(
      poseidon16([first, ...list.slice(15), ...new Array<bigint>(13).fill(0n)]),
    );
  });

  it("tells lists apart that differ by zeros at the end, by order and by what they are", () => {
    const lists = [
      [1n],
      [1n, 0n],
      [1n, 0n, 0n],
      [0n, 1n],
      [...new Array<bigint>(15).fill(0n), 1n],
      new Array<bigint>(16).fill(0n),
    ];
    const hashes = lists.flatMap((list) => [poseidonChain("words", list), poseidonChain("commitment", list)]);
    expect(new Set(hashes).size).to.equal(2 * lists.length);
  });
});
