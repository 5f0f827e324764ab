import { expect } from "chai";

import { interpolate } from "../../compiler/src/emit/circom/interpolate.ts";
import { CircuitTester } from "../support/circuit.ts";
import { signed, undetermined } from "../support/determined.ts";
import { Random } from "../support/random.ts";

const code = (coefficients: readonly bigint[]): string => `function c() { return [${coefficients.join(", ")}]; }`;

/** A table without structure, of the size of 16-bit integers. */
function table(length: number): number[] {
  const random = new Random(length);
  return random.array(length, () => random.integer(-32768, 32767));
}

const direct = async (entries: readonly number[], min: number): Promise<CircuitTester> =>
  await CircuitTester.template("nn/lookup.circom", `Lookup(${entries.length}, c())`, {
    before: code(interpolate(entries, min)),
  });

describe("circuits/nn/lookup Lookup", () => {
  for (const [length, min, nonLinear, linear] of [
    [1, 5, 0, 1],
    [2, -1, 0, 1],
    [3, 0, 1, 0],
    [4, -7, 2, 0],
    [5, 100, 2, 0],
    [6, 0, 3, 0],
    [7, -3, 3, 0],
    [8, -4, 4, 0],
    [10, 0, 4, 0],
    [33, -16, 10, 0],
    [200, -100, 27, 0],
    [256, -128, 30, 0],
    [257, 0, 30, 0],
    [1024, -512, 62, 0],
  ] as const) {
    it(`gives every entry of a table of ${length} from ${min}, fixed by the input, for ${nonLinear + linear}`, async () => {
      const entries = table(length);
      const circuit = await direct(entries, min);
      circuit.expectCost(nonLinear, linear);
      expect(undetermined(circuit, "main.in")).to.deep.equal([]);
      for (const [i, entry] of entries.entries()) {
        const witness = circuit.witness({ in: [BigInt(min + i)] });
        circuit.expectAccepted(witness, `entry ${i}`);
        expect(signed(circuit.value(witness, "main.out")), `entry ${i}`).to.equal(BigInt(entry));
        circuit.expectRefused(circuit.edit(witness, { "main.out": BigInt(entry) + 1n }), `entry ${i} + 1`);
      }
    });
  }

  it("refuses another value of any one signal, the input included", async () => {
    const circuit = await direct(table(33), -16);
    const honest = circuit.witness({ in: [3n] });
    for (const name of circuit.signals) {
      circuit.expectRefused(circuit.edit(honest, { [name]: circuit.value(honest, name) + 1n }), name);
    }
    const other = circuit.witness({ in: [4n] });
    circuit.expectRefused(circuit.edit(honest, { "main.out": circuit.value(other, "main.out") }), "another's entry");
  });

  it("refuses nothing past the table: the input's interval is the layer before's to prove", async () => {
    const entries = table(33);
    const circuit = await direct(entries, -16);
    for (const value of [-17n, 17n]) {
      const witness = circuit.witness({ in: [value] });
      circuit.expectAccepted(witness, `${value}`);
      expect(entries.map(BigInt), `${value}`).to.not.include(signed(circuit.value(witness, "main.out")));
    }
  });
});
