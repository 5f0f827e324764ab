import { expect } from "chai";

import { CircuitTester } from "../support/circuit.ts";

const SLOT = 12;
const [HALF, NEXT] = [1n << BigInt(SLOT - 1), 1n << BigInt(SLOT)];

/** Sums of three products in slots of 12 bits: two outputs to a multiplication. */
const open = async (template = `PrivateDot(3, 2, ${SLOT})`, before = "") =>
  await CircuitTester.template("nn/private-dense.circom", template, { before });

const INPUT = [3n, -5n, 7n];
const WEIGHT = [10n, -20n, 30n, -40n, 50n, -60n];
const BIAS = [-1n, 2n];
const given = (inputs = INPUT, weight = WEIGHT, bias = BIAS) => ({ in: inputs, weight, bias });

const sums = (inputs: readonly bigint[], weight: readonly bigint[], bias: readonly bigint[]) =>
  bias.map((start, k) => inputs.reduce((sum, each, i) => sum + each * weight[k * inputs.length + i]!, start));

/** The digits with which `out[k]`'s check would hold for `value`, if any would. */
const digitsOf = (circuit: CircuitTester, k: number, value: bigint): Record<string, bigint> => {
  const names = circuit.signals.filter((name) => name.startsWith(`main.fits[${k}].digit[`));
  const offset = value + HALF;
  return Object.fromEntries(names.map((name) => [name, (offset >> BigInt(/\[(\d+)\]$/.exec(name)?.[1] ?? 0)) & 1n]));
};

/** As PrivateDot, without the check that a slot's number fits into it. */
const TWIN = `
template LooseDot(N, K, S) {
    signal input in[N];
    signal input weight[K][N];
    signal input bias[K];
    signal output out[K];
    signal product[N];
    var total = 0;
    for (var i = 0; i < N; i++) {
        var packed = 0;
        for (var k = 0; k < K; k++) {
            packed += weight[k][i] * (1 << (S * k));
        }
        product[i] <== in[i] * packed;
        total += product[i];
    }
    var HALF = 1 << (S - 1);
    var lifted = 0;
    for (var k = 0; k < K; k++) {
        total += bias[k] * (1 << (S * k));
    }
    lifted = total;
    for (var k = 0; k < K; k++) {
        lifted += HALF * (1 << (S * k));
    }
    var slots = 0;
    for (var k = 0; k < K; k++) {
        out[k] <-- ((lifted >> (S * k)) & ((1 << S) - 1)) - HALF;
        slots += out[k] * (1 << (S * k));
    }
    total === slots;
}`;

describe("circuits/nn/private-dense PrivateDot", () => {
  it("gives the reference value, and both edges of a slot", async () => {
    const circuit = await open();
    for (const [inputs, weight, bias] of [
      [INPUT, WEIGHT, BIAS],
      [[0n, 0n, 0n], WEIGHT, BIAS],
      // 2047 and -2048, both ways round.
      [
        [1n, 0n, 0n],
        [2047n, 0n, 0n, -2048n, 0n, 0n],
        [0n, 0n],
      ],
      [
        [1n, 0n, 0n],
        [-2048n, 9n, 9n, 2047n, 9n, 9n],
        [0n, 0n],
      ],
      [
        [-1n, 2n, 0n],
        [-1000n, 500n, 7n, 1000n, -500n, 7n],
        [47n, -48n],
      ],
    ] as const) {
      const witness = circuit.witness(given([...inputs], [...weight], [...bias]));
      circuit.expectAccepted(witness, inputs.join());
      const wanted = sums(inputs, weight, bias);
      expect(witness).to.deep.equal(circuit.edit(witness, { "main.out[0]": wanted[0]!, "main.out[1]": wanted[1]! }));
    }
  });

  it("carries a sum one past the edge into the next slot: it is the emitter that gives slots room", async () => {
    const circuit = await open();
    const witness = circuit.witness(given([1n, 0n, 0n], [2048n, 0n, 0n, 5n, 0n, 0n], [0n, 0n]));
    expect(circuit.edit(witness, { "main.out[0]": -2048n, "main.out[1]": 6n })).to.deep.equal(witness);
  });

  it("refuses slots that lend to one another, with the digits of the wrong numbers as well", async () => {
    const circuit = await open();
    const honest = circuit.witness(given());
    const [low, high] = sums(INPUT, WEIGHT, BIAS) as [bigint, bigint];
    const known = { ...digitsOf(circuit, 0, low), ...digitsOf(circuit, 1, high) };
    expect(Object.keys(known).length, "digits of the honest numbers").to.equal(2 * (SLOT - 1));
    expect(circuit.edit(honest, known)).to.deep.equal(honest);
    for (const lent of [1n, -1n, 2n]) {
      const [a, b] = [low + lent * NEXT, high - lent];
      const forged = { "main.out[0]": a, "main.out[1]": b };
      circuit.expectRefused(circuit.edit(honest, forged), `lent ${lent}`);
      for (const digits of [
        { ...digitsOf(circuit, 0, a), ...digitsOf(circuit, 1, b) },
        digitsOf(circuit, 1, b),
        { ...digitsOf(circuit, 1, a), ...digitsOf(circuit, 0, b) },
      ]) {
        circuit.expectRefused(circuit.edit(honest, { ...forged, ...digits }), `lent ${lent}, digits too`);
      }
    }
  });

  it("would take lent slots without their range check: an unsound twin", async () => {
    const circuit = await open(`LooseDot(3, 2, ${SLOT})`, TWIN);
    const honest = circuit.witness(given());
    const [low, high] = sums(INPUT, WEIGHT, BIAS) as [bigint, bigint];
    circuit.expectAccepted(honest, "honest");
    const forged = circuit.edit(honest, { "main.out[0]": low + NEXT, "main.out[1]": high - 1n });
    circuit.expectAccepted(forged, "forged");
  });

  it("refuses another value of any signal", async () => {
    const circuit = await open();
    const honest = circuit.witness(given());
    const signals = circuit.signals.filter((name) => /^main\.(?:out|product)\[/.test(name));
    expect(signals.length).to.equal(5);
    for (const name of signals) {
      for (const step of [1n, -1n, NEXT, -NEXT, 1n << 200n]) {
        expect(circuit.bears(honest, name, circuit.value(honest, name) + step), `${name} + ${step}`).to.equal(false);
      }
    }
  });

  it("takes no more slots than the field has room for", async () => {
    let error: unknown;
    await open("PrivateDot(1, 21, 12)").catch((reason: unknown) => (error = reason));
    expect(String(error)).to.match(/assert/i);
    (await open("PrivateDot(1, 20, 12)")).expectAccepted(
      (await open("PrivateDot(1, 20, 12)")).witness({
        in: [-1n],
        weight: Array.from({ length: 20 }, (_, k) => (k % 2 === 0 ? 2048n : -2047n)),
        bias: new Array<bigint>(20).fill(0n),
      }),
      "every slot at an edge",
    );
  });

  it("costs a multiplication for each input, and the digits of the slots", async () => {
    (await open()).expectCost(3 + 2 * SLOT, 1);
    (await open("PrivateDot(3, 1, 12)")).expectCost(3, 1);
  });
});

describe("circuits/nn/private-dense PrivateDense and PrivateConv", () => {
  const small = (count: number, seed: number) =>
    Array.from({ length: count }, (_, i) => BigInt(((i + 1) * (seed + 7) * 31) % 23) - 11n);

  it("applies the weights to every row, whatever outputs share", async () => {
    for (const slots of [1, 2, 3, 5]) {
      const circuit = await open(`PrivateDense(2, 3, 5, ${slots}, ${SLOT})`);
      const [x, weight, bias] = [small(6, 1), small(15, 2), small(5, 3)];
      const witness = circuit.witness({ in: x, weight, bias });
      circuit.expectAccepted(witness, `${slots} slots`);
      const wanted = [...sums(x.slice(0, 3), weight, bias), ...sums(x.slice(3), weight, bias)];
      const outs = Object.fromEntries(wanted.map((value, at) => [`main.out[${at}]`, value]));
      expect(circuit.edit(witness, outs), `${slots} slots`).to.deep.equal(witness);
    }
  });

  it("reads groups, strides, dilations and padding as Conv does, windows of padding alone included", async () => {
    for (const shape of [
      "2, [4, 4], 4, [3, 3], [1, 1], [1, 1, 1, 1], [1, 1], 2",
      "2, [5, 3], 3, [2, 2], [2, 1], [0, 1, 1, 0], [2, 1], 1",
      "1, [2, 2], 3, [1, 1], [1, 1], [1, 1, 1, 1], [1, 1], 1",
    ]) {
      const [channels, height, width, outputs, high, wide] = (
        /^(\d+), \[(\d+), (\d+)\], (\d+), \[(\d+), (\d+)\]/.exec(shape) ?? []
      )
        .slice(1)
        .map(Number) as [number, number, number, number, number, number];
      const groups = Number(/(\d+)$/.exec(shape)?.[1]);
      const x = small(channels * height * width, 4);
      const [weight, bias] = [small((outputs * channels * high * wide) / groups, 5), small(outputs, 6)];
      const constant = await CircuitTester.template(
        "nn/conv.circom",
        `Conv(${shape}, [${weight.join(", ")}], [${bias.join(", ")}])`,
      );
      const reference = constant.witness({ in: x });
      const places = constant.signals.filter((name) => name.startsWith("main.out["));
      for (const slots of [1, 2, 3]) {
        const circuit = await open(`PrivateConv(${shape}, ${slots}, ${SLOT})`);
        const witness = circuit.witness({ in: x, weight, bias });
        circuit.expectAccepted(witness, shape);
        for (const name of places) {
          expect(circuit.value(witness, name), `${shape}, ${slots} slots: ${name}`).to.equal(
            constant.value(reference, name),
          );
        }
      }
    }
  });

  it("costs what the emitter counts", async () => {
    (await open(`PrivateDense(2, 3, 5, 2, ${SLOT})`)).expectCost(2 * (3 * 3 + 4 * SLOT), 2 * 3);
    (await open(`PrivateConv(1, [3, 3], 2, [2, 2], [1, 1], [0, 0, 0, 0], [1, 1], 1, 2, ${SLOT})`)).expectCost(
      4 * (4 + 2 * SLOT),
      4,
    );
  });
});

const LOOSE = `
template LooseWeights(N, BITS) {
    var HALF = 1 << (BITS - 1);
    signal input weight[N];
    signal output words[1];
    var sum = 0;
    for (var i = 0; i < N; i++) {
        sum += (weight[i] + HALF) * (1 << (BITS * i));
    }
    words[0] <== sum;
}`;

describe("circuits/lib/private-weights PrivateWeights", () => {
  const weights = async (template: string, before = "") =>
    await CircuitTester.template("lib/private-weights.circom", template, { before });

  it("packs as the compiler does, with both edges of the width", async () => {
    const circuit = await weights("PrivateWeights(4, 8)");
    for (const values of [
      [0n, 1n, -1n, 5n],
      [127n, -128n, 127n, -128n],
      [-128n, -128n, -128n, -128n],
    ]) {
      const witness = circuit.witness({ weight: values });
      circuit.expectAccepted(witness, values.join());
      const word = values.reduce((sum, value, i) => sum + ((value + 128n) << BigInt(8 * i)), 0n);
      expect(circuit.value(witness, "main.words[0]")).to.equal(word);
    }
  });

  it("refuses one past each edge, and weights that lend to one another in a word", async () => {
    const circuit = await weights("PrivateWeights(4, 8)");
    for (const value of [128n, -129n, 1n << 128n]) {
      expect(() => circuit.witness({ weight: [value, 0n, 0n, 0n] }), `${value}`).to.throw("does not hold");
    }
    const honest = circuit.witness({ weight: [5n, 6n, 7n, 8n] });
    const other = circuit.witness({ weight: [5n, 5n, 7n, 8n] });
    const digits = circuit.signals.filter((name) => name.includes("digit["));
    const lent = circuit.edit(other, {
      "main.weight[0]": 5n + 256n,
      "main.words[0]": circuit.value(honest, "main.words[0]"),
    });
    expect(digits.length).to.be.greaterThan(20);
    circuit.expectRefused(lent, "same word, other weights");
    const loose = await weights("LooseWeights(4, 8)", LOOSE);
    const twin = loose.edit(loose.witness({ weight: [5n, 6n, 7n, 8n] }), {
      "main.weight[0]": 261n,
      "main.weight[1]": 5n,
    });
    loose.expectAccepted(twin, "the unsound twin without the range check");
  });

  it("costs the width for each weight, and a linear constraint a word", async () => {
    (await weights("PrivateWeights(4, 8)")).expectCost(32, 1);
    (await weights("PrivateWeights(40, 8)")).expectCost(320, 2);
    (await weights("PrivateWeights(9, 28)")).expectCost(252, 2);
  });
});
