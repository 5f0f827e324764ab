import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";
import { signed, undetermined } from "../support/determined.ts";
import { Random } from "../support/random.ts";

/** Batch, m, k, n, and the constraints: pairs of products where they save something, single ones elsewhere. */
const cases = [
  [1, 1, 1, 1, 1],
  [1, 1, 4, 3, 12],
  [1, 4, 4, 1, 16],
  [1, 2, 4, 2, 16],
  [1, 2, 4, 3, 2 * 11],
  [1, 3, 5, 2, 2 * 11 + 6],
  [2, 3, 2, 3, 2 * 15],
  [2, 3, 3, 4, 2 * (19 + 12)],
  [1, 3, 1, 3, 9],
  [1, 16, 16, 16, 8 * (256 + 32)],
] as const;

const open = async (batch: number, m: number, k: number, n: number): Promise<CircuitTester> =>
  await CircuitTester.template("nn/matmul.circom", `MatMul(${batch}, ${m}, ${k}, ${n})`);

function product(left: readonly bigint[], right: readonly bigint[], [batch, m, k, n]: readonly number[]): bigint[] {
  const out: bigint[] = [];
  for (let b = 0; b < batch!; b++) {
    for (let i = 0; i < m!; i++) {
      for (let j = 0; j < n!; j++) {
        let sum = 0n;
        for (let t = 0; t < k!; t++) sum += left[(b * m! + i) * k! + t]! * right[(b * k! + t) * n! + j]!;
        out.push(sum);
      }
    }
  }
  return out;
}

describe("circuits/nn/matmul MatMul", () => {
  for (const [batch, m, k, n, cost] of cases) {
    it(`multiplies ${batch} times [${m}][${k}] by [${k}][${n}] for ${cost} constraints, outputs fixed by inputs`, async () => {
      const circuit = await open(batch, m, k, n);
      const random = new Random(m * 1000 + k * 100 + n);
      for (const [leftSize, rightSize] of [
        [1n, 1n],
        [128n, 128n],
        // The products of pairs wrap in the field; the results do not.
        [1n << 246n, 1n],
        [1n, 1n << 246n],
      ] as const) {
        const draw = (size: bigint): bigint => size * BigInt(random.integer(-1, 1)) + BigInt(random.integer(0, 1));
        const left = Array.from({ length: batch * m * k }, () => draw(leftSize));
        const right = Array.from({ length: batch * k * n }, () => draw(rightSize));
        const size = `${leftSize} by ${rightSize}`;
        const witness = circuit.witness({ left, right });
        circuit.expectAccepted(witness, size);
        const outs = Array.from({ length: batch * m * n }, (_, i) => signed(circuit.value(witness, `main.out[${i}]`)));
        expect(outs, size).to.deep.equal(product(left, right, [batch, m, k, n]));
      }
      circuit.expectCost(cost, 0);
      expect(undetermined(circuit, "main.left", "main.right")).to.deep.equal([]);
    });
  }

  it("refuses another value of any one signal, inputs included", async () => {
    const circuit = await open(1, 2, 3, 3);
    const left = [1n, -2n, 3n, -4n, 5n, -6n];
    const right = [7n, -8n, 9n, -10n, 11n, -12n, 13n, -14n, 15n];
    const honest = circuit.witness({ left, right });
    for (const name of circuit.signals) {
      circuit.expectRefused(circuit.edit(honest, { [name]: circuit.value(honest, name) + 1n }), name);
    }
  });

  it("refuses an error moved from one output to another", async () => {
    const circuit = await open(1, 2, 2, 3);
    const honest = circuit.witness({ left: [1n, 2n, 3n, 4n], right: [5n, 6n, 7n, 8n, 9n, 10n] });
    const [first, second] = [circuit.value(honest, "main.out[0]"), circuit.value(honest, "main.out[1]")];
    circuit.expectRefused(circuit.edit(honest, { "main.out[0]": first + 1n, "main.out[1]": second - 1n }), "moved");
    circuit.expectRefused(circuit.edit(honest, { "main.out[0]": second, "main.out[1]": first }), "swapped");
  });
});
