import { expect } from "chai";

import { requantise } from "../../compiler/src/emit/circom/bounds.ts";
import { CircuitTester } from "../support/circuit.ts";
import { acceptedAssignments, divide } from "../support/solve.ts";

interface Case {
  readonly shift: number;
  readonly min: bigint;
  readonly max: bigint;
  readonly signed: 0 | 1;
  readonly width: number;
  readonly nonLinear: number;
  readonly linear: number;
}

/** One case for each way that the template ends: no, one, or several digits that mean "outside of the clamp". */
const cases: readonly Case[] = [
  { shift: 3, min: 0n, max: 15n, signed: 1, width: 10, nonLinear: 12, linear: 0 },
  { shift: 3, min: 0n, max: 15n, signed: 1, width: 8, nonLinear: 9, linear: 0 },
  { shift: 3, min: 0n, max: 15n, signed: 0, width: 7, nonLinear: 7, linear: 1 },
  { shift: 3, min: 0n, max: 15n, signed: 0, width: 8, nonLinear: 9, linear: 0 },
  { shift: 3, min: 0n, max: 15n, signed: 0, width: 9, nonLinear: 11, linear: 0 },
  { shift: 3, min: 0n, max: 15n, signed: 0, width: 5, nonLinear: 5, linear: 1 },
  { shift: 0, min: 0n, max: 7n, signed: 1, width: 6, nonLinear: 8, linear: 0 },
  { shift: 1, min: 0n, max: 7n, signed: 1, width: 7, nonLinear: 9, linear: 0 },
  { shift: 2, min: -8n, max: 7n, signed: 1, width: 9, nonLinear: 11, linear: 0 },
  { shift: 2, min: -8n, max: -1n, signed: 1, width: 8, nonLinear: 10, linear: 0 },
  { shift: 2, min: 3n, max: 10n, signed: 1, width: 8, nonLinear: 10, linear: 0 },
  { shift: 2, min: -7n, max: 7n, signed: 1, width: 9, nonLinear: 14, linear: 0 },
  { shift: 0, min: 0n, max: 9n, signed: 0, width: 4, nonLinear: 7, linear: 1 },
  { shift: 0, min: 0n, max: 1n, signed: 1, width: 2, nonLinear: 3, linear: 0 },
];

const open = async ({ shift, min, max, signed, width }: Case): Promise<CircuitTester> =>
  await CircuitTester.template("nn/requantise.circom", `Requantise(${shift}, ${min}, ${max}, ${signed}, ${width})`);

/** Interval of `in` that the decomposition has room for. */
function domain({ shift, min, signed, width }: Case): { readonly low: bigint; readonly high: bigint } {
  const offset = (shift === 0 ? 0n : 1n << BigInt(shift - 1)) - min * (1n << BigInt(shift));
  const below = signed === 1 ? 1n << BigInt(width - 1) : 0n;
  const above = 1n << BigInt(width - signed);
  return { low: -below - offset, high: above - 1n - offset };
}

const expected = (item: Case, value: bigint): bigint =>
  requantise(value, {
    op: "requantise",
    name: "q",
    input: "a",
    output: "b",
    shift: item.shift,
    clamp: { min: item.min, max: item.max },
  });

describe("circuits/nn/requantise Requantise", () => {
  for (const item of cases) {
    const { shift, min, max, signed, width } = item;
    describe(`shift ${shift}, clamp [${min}, ${max}], ${signed === 1 ? "signed" : "unsigned"}, ${width} digits`, () => {
      it("gives the reference value for every number it has room for, and costs what it says", async () => {
        const circuit = await open(item);
        const { low, high } = domain(item);
        for (let value = low; value <= high; value++) {
          const witness = circuit.witness({ in: [value] });
          circuit.expectAccepted(witness, `in = ${value}`);
          const out = circuit.value(witness, "main.out");
          expect(BigInt.asIntN(64, out < 1n << 64n ? out : out - circuitModulus), `in = ${value}`).to.equal(
            expected(item, value),
          );
        }
        circuit.expectCost(item.nonLinear, item.linear);
      });

      it("refuses one past each edge", async () => {
        const circuit = await open(item);
        const { low, high } = domain(item);
        expect(() => circuit.witness({ in: [low - 1n] }), "below").to.throw("a constraint does not hold");
        expect(() => circuit.witness({ in: [high + 1n] }), "above").to.throw("a constraint does not hold");
      });

      it("refuses every other output, however the other signals are chosen", async () => {
        const circuit = await open(item);
        const { low, high } = domain(item);
        const span = high - low;
        for (const value of [low, low + span / 3n, low + span / 2n, high - span / 8n, high]) {
          const honest = circuit.witness({ in: [value] });
          const digits = circuit.signals.filter((name) => name.startsWith("main.digit"));
          const out = circuit.value(honest, "main.out");
          // The forger's best `lift` is the one that makes the first product fit the output it wants.
          for (const wanted of [min - 1n, min, min + 1n, max - 1n, max, max + 1n, value]) {
            if (((wanted % circuitModulus) + circuitModulus) % circuitModulus === out) continue;
            const claimed = circuit.edit(honest, { "main.out": wanted });
            const free: Record<string, readonly bigint[]> = Object.fromEntries(
              digits.slice(-6).map((name) => [name, [0n, 1n]]),
            );
            if (circuit.signals.includes("main.lift")) free["main.lift"] = lifts(circuit, honest, wanted, item);
            expect(acceptedAssignments(circuit, claimed, free), `in = ${value}, out = ${wanted}`).to.deep.equal([]);
          }
        }
      });
    });
  }

  it("accepts any `lift` inside of the clamp without changing the output", async () => {
    const item = cases[0] as Case;
    const circuit = await open(item);
    const honest = circuit.witness({ in: [40n] });
    circuit.expectAccepted(circuit.edit(honest, { "main.lift": 12345n }), "a lift that is multiplied by 0");
    circuit.expectRefused(circuit.edit(honest, { "main.lift": 12345n, "main.out": 6n }), "another output with it");
  });

  it("shows with an unsound twin that a forgery can be found", async () => {
    // Without the second product `lift` is free outside of the clamp, and any output can be had.
    const twin = await CircuitTester.source(`pragma circom 2.2.0;
template Twin() {
    signal input in;
    signal output out;
    signal high;
    high <-- in >> 4;
    signal low <== in - high * 16;
    signal lift;
    lift <-- high == 0 ? 0 : (15 - low) / high;
    out <== low + high * lift;
}
component main = Twin();
`);
    const honest = twin.witness({ in: [40n] });
    expect(twin.value(honest, "main.out")).to.equal(15n);
    const [high, low] = [twin.value(honest, "main.high"), 8n];
    const forged = twin.edit(honest, { "main.out": 3n, "main.lift": divide(3n - low, high) });
    twin.expectAccepted(forged, "the twin lets a forged output through");
  });

  it("costs 2 constraints above its digits at the width of a real model", async () => {
    const circuit = await CircuitTester.template("nn/requantise.circom", "Requantise(7, 0, 255, 1, 17)");
    circuit.expectCost(19, 0);
  });
});

describe("circuits/nn/requantise RequantiseLayer", () => {
  it("takes each entry with its own width and gives constants where the width is 0", async () => {
    const circuit = await CircuitTester.template(
      "nn/requantise.circom",
      "RequantiseLayer(3, 2, 0, 7, [1, 0, 0], [8, 5, 0], [0, 0, 7])",
    );
    const witness = circuit.witness({ in: [-9n, 13n, 1000n] });
    circuit.expectAccepted(witness, "honest");
    expect([0, 1, 2].map((j) => circuit.value(witness, `main.out[${j}]`))).to.deep.equal([0n, 3n, 7n]);
    circuit.expectRefused(circuit.edit(witness, { "main.out[2]": 6n }), "another constant");
    // 8 + 2 and 5 non-linear; the second entry cannot leave the clamp (1 linear), the third is a public constant.
    circuit.expectCost(15, 2);
  });
});

const circuitModulus = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Values of `lift` that make `out = CMIN + low + outside * lift` for some count of `outside` digits. */
function lifts(circuit: CircuitTester, honest: readonly bigint[], wanted: bigint, { min }: Case): readonly bigint[] {
  const values = new Set<bigint>([circuit.value(honest, "main.lift"), 0n]);
  for (let outside = 1n; outside <= 3n; outside++) {
    for (let low = 0n; low < 16n; low++) values.add(divide(wanted - min - low, outside));
  }
  return [...values];
}
