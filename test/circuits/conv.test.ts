import { expect } from "chai";

import { convOutput, forEachTap } from "../../compiler/src/program/geometry.ts";
import type { ConvShape } from "../../compiler/src/program/types.ts";
import { CircuitTester } from "../support/circuit.ts";
import { signed, undetermined } from "../support/determined.ts";
import { Random } from "../support/random.ts";

const plain: ConvShape = {
  channels: 1,
  size: [4, 5],
  outputs: 2,
  kernel: [3, 3],
  strides: [1, 1],
  pads: [0, 0, 0, 0],
  dilations: [1, 1],
  groups: 1,
};

const shapes: Readonly<Record<string, ConvShape>> = {
  "no padding": plain,
  "one-dimensional": { ...plain, size: [1, 7], kernel: [1, 3], channels: 2 },
  "uneven padding, strides": { ...plain, pads: [1, 0, 2, 3], strides: [2, 3], channels: 2 },
  "kernel past the edge of the input": { ...plain, size: [2, 2], pads: [1, 1, 1, 1], kernel: [4, 2] },
  "uneven dilations": { ...plain, size: [5, 6], dilations: [2, 3], kernel: [2, 2], channels: 3 },
  "two groups": { ...plain, channels: 4, outputs: 6, groups: 2, kernel: [2, 3] },
  "depthwise, padded": { ...plain, channels: 3, outputs: 3, groups: 3, pads: [1, 1, 1, 1] },
};

const list = (values: readonly number[]): string => `[${values.join(", ")}]`;

async function open(shape: ConvShape, weights: readonly number[], bias: readonly number[]): Promise<CircuitTester> {
  const { channels, size, outputs, kernel, strides, pads, dilations, groups } = shape;
  const parameters = [channels, list(size), outputs, list(kernel), list(strides), list(pads), list(dilations), groups];
  return await CircuitTester.template("nn/conv.circom", `Conv(${parameters.join(", ")}, w(), ${list(bias)})`, {
    before: `function w() { return ${list(weights)}; }`,
  });
}

function draw(shape: ConvShape, seed: number): { readonly weights: number[]; readonly bias: number[] } {
  const { channels, outputs, kernel, groups } = shape;
  const random = new Random(seed);
  return {
    // Not 0, so that every tap counts.
    weights: random.array((outputs * channels * kernel[0] * kernel[1]) / groups, () => 2 * random.integer(-64, 63) + 1),
    bias: random.array(outputs, () => random.integer(-1000, 1000)),
  };
}

describe("circuits/nn/conv Conv", () => {
  for (const [index, [name, shape]] of Object.entries(shapes).entries()) {
    it(`gives the reference value, fixed by the inputs, one linear constraint each: ${name}`, async () => {
      const { weights, bias } = draw(shape, index + 1);
      const circuit = await open(shape, weights, bias);
      const [height, width] = convOutput(shape);
      const elements = shape.channels * shape.size[0] * shape.size[1];
      const random = new Random(index + 100);
      for (const value of [() => -128, () => 127, () => random.integer(-128, 127)]) {
        const input = random.array(elements, value);
        const wanted = Array.from({ length: shape.outputs * height * width }, (_, o) =>
          BigInt(bias[Math.floor(o / (height * width))] as number),
        );
        forEachTap(shape, (o, i, w) => {
          wanted[o]! += BigInt(input[i]!) * BigInt(weights[w]!);
        });
        const witness = circuit.witness({ in: input.map(BigInt) });
        circuit.expectAccepted(witness, name);
        expect(wanted.map((_, o) => signed(circuit.value(witness, `main.out[${o}]`)))).to.deep.equal(wanted);
        for (const o of wanted.keys()) {
          circuit.expectRefused(circuit.edit(witness, { [`main.out[${o}]`]: wanted[o]! - 1n }), `out[${o}] - 1`);
        }
      }
      circuit.expectCost(0, shape.outputs * height * width);
      expect(undetermined(circuit, "main.in")).to.deep.equal([]);
    });
  }

  it("takes one past the edge of a row for padding, not for the next row", async () => {
    // A kernel of one row and three columns that picks its right neighbour.
    const shape: ConvShape = { ...plain, size: [2, 2], outputs: 1, kernel: [1, 3], pads: [0, 1, 0, 1] };
    const circuit = await open(shape, [0, 0, 3], [5]);
    const witness = circuit.witness({ in: [1n, 2n, 4n, 8n] });
    expect([0, 1, 2, 3].map((o) => circuit.value(witness, `main.out[${o}]`))).to.deep.equal([11n, 5n, 29n, 5n]);
  });

  it("refuses a kernel that does not fit", async () => {
    const shape: ConvShape = { ...plain, size: [2, 5], outputs: 1 };
    const { weights, bias } = draw(shape, 1);
    let message = "";
    await open(shape, weights, bias).catch((error: unknown) => (message = String(error)));
    expect(message).to.contain("circom refused");
  });
});
