import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { acceptedAssignments } from "../support/solve.ts";

const open = async (size: number): Promise<CircuitTester> =>
  await CircuitTester.template("nn/onehot.circom", `OneHot(${size})`);

describe("circuits/nn/onehot OneHot", () => {
  for (const size of [1, 2, 5, 9]) {
    it(`sets one of ${size} entries, for every index and no other number`, async () => {
      const circuit = await open(size);
      for (let index = 0; index < size; index++) {
        const witness = circuit.witness({ in: [BigInt(index)] });
        circuit.expectAccepted(witness, `${index}`);
        const out = Array.from({ length: size }, (_, k) => circuit.value(witness, `main.out[${k}]`));
        expect(out).to.deep.equal(out.map((_, k) => (k === index ? 1n : 0n)));
      }
      for (const other of [-1n, BigInt(size), 1n << 250n]) {
        expect(() => circuit.witness({ in: [other] }), `${other}`).to.throw("a constraint does not hold");
      }
    });
  }

  it("leaves a forger one vector for an index and none for another number", async () => {
    const circuit = await open(3);
    const values = [0n, 1n, -1n, 2n];
    const free = { "main.out[0]": values, "main.out[1]": values, "main.out[2]": values };
    for (let index = 0n; index < 3n; index++) {
      const honest = circuit.witness({ in: [index] });
      expect(acceptedAssignments(circuit, honest, free), `${index}`).to.deep.equal([honest]);
      for (const other of [-1n, 3n, 4n]) {
        const moved = circuit.edit(honest, { "main.in": other });
        expect(acceptedAssignments(circuit, moved, free), `${other}`).to.deep.equal([]);
      }
    }
  });

  it("refuses a sum of 1 and a right index sum from two entries", async () => {
    const circuit = await open(3);
    const honest = circuit.witness({ in: [1n] });
    // Both have the sum 1 and the index sum 1, which alone would not make a vector one-hot.
    const half = 10944121435919637611123202872628637544274182200208017171849102093287904247809n;
    circuit.expectRefused(
      circuit.edit(honest, { "main.out[0]": half, "main.out[1]": 0n, "main.out[2]": half }),
      "a half at 0 and at 2",
    );
    circuit.expectRefused(
      circuit.edit(honest, { "main.out[0]": -1n, "main.out[1]": 3n, "main.out[2]": -1n }),
      "-1, 3, -1",
    );
  });

  it("costs a constraint an entry and one for the sum", async () => {
    (await open(9)).expectCost(9, 1);
    (await open(2)).expectCost(2, 1);
  });
});
