import { randomBytes } from "node:crypto";

import {
  AssayError,
  decodeTensor,
  decodeTensors,
  dequantise,
  type Dtype,
  DTYPES,
  encodeTensor,
  fromNumbers,
  type IntegralDtype,
  quantise,
  type Tensor,
  TensorError,
  toNumbers,
} from "@assay/sdk";
import { expect } from "chai";
import { getBytes, hexlify } from "ethers";

import { codeOf } from "./support/code-of.ts";
import { type RefusedVector, tensorOf, type TensorVector, vectors } from "./support/json.ts";
import { integerBelow, randomTensor } from "./support/random.ts";

describe("sdk: tensor encoding", () => {
  for (const vector of vectors("tensor/good.json") as TensorVector[]) {
    it(`encodes and decodes ${vector.name}`, () => {
      expect(hexlify(encodeTensor(tensorOf(vector)))).to.equal(vector.hex);
      expect(decodeTensor(getBytes(vector.hex))).to.deep.equal(tensorOf(vector));
    });
  }

  for (const vector of vectors("tensor/refused.json") as RefusedVector[]) {
    it(`refuses ${vector.name}`, () => {
      expect(codeOf(() => decodeTensor(getBytes(vector.hex)))).to.equal(vector.code);
    });
  }

  it("gives back what it took, for random tensors of every dtype", () => {
    for (const dtype of Object.keys(DTYPES) as Dtype[]) {
      for (let turn = 0; turn < 50; turn++) {
        const tensor = randomTensor(dtype);
        expect(decodeTensor(encodeTensor(tensor))).to.deep.equal(tensor);
      }
    }
  });

  it("throws nothing but TensorError on hostile bytes, and reads only what encodes to the same bytes", () => {
    let read = 0;
    for (let turn = 0; turn < 20_000; turn++) {
      const bytes = Uint8Array.from(randomBytes(integerBelow(40)));
      // Make most headers almost right, so that the later checks are reached.
      if (turn % 4 !== 0 && bytes.length > 10) {
        bytes[0] = 1 + (bytes[0]! % 10);
        bytes[1] = bytes[1]! % 3;
        for (let axis = 0; axis < bytes[1]; axis++) bytes.set([0, 0, 0, bytes[5 + 4 * axis]! % 8], 2 + 4 * axis);
      }
      try {
        expect(hexlify(encodeTensor(decodeTensor(bytes)))).to.equal(hexlify(bytes));
        read++;
      } catch (error) {
        expect(error).to.be.instanceOf(TensorError);
      }
    }
    expect(read, "some were canonical").to.be.greaterThan(50);
  });

  it("refuses every cut and every prolonged encoding", () => {
    const bytes = encodeTensor({ dtype: "i16", dims: [2, 3], data: [1n, 2n, 3n, 4n, 5n, 6n] });
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => decodeTensor(bytes.subarray(0, length)))).to.equal("ASY-TENSOR-001");
    }
    expect(codeOf(() => decodeTensor(Uint8Array.of(...bytes, 0)))).to.equal("ASY-TENSOR-006");
  });

  it("bounds the size before reading and before making", () => {
    const fits: Tensor = { dtype: "u8", dims: [65_530], data: new Array<bigint>(65_530).fill(1n) };
    expect(encodeTensor(fits).length).to.equal(65_536);
    const data = [...fits.data, 1n] as bigint[];
    expect(codeOf(() => encodeTensor({ dtype: "u8", dims: [65_531], data }))).to.equal("ASY-TENSOR-005");
    expect(encodeTensor({ dtype: "u8", dims: [65_531], data }, { maxBytes: 70_000 }).length).to.equal(65_537);
    expect(codeOf(() => decodeTensor(new Uint8Array(65_537)))).to.equal("ASY-TENSOR-005");
    expect(codeOf(() => decodeTensor(Uint8Array.of(1, 0, 7), { maxBytes: 2 }))).to.equal("ASY-TENSOR-005");
  });

  it("refuses tensors that contradict themselves", () => {
    const codes: [string, () => unknown][] = [
      ["ASY-TENSOR-002", () => encodeTensor({ dtype: "f64" as "f32", dims: [], data: [1] })],
      ["ASY-TENSOR-002", () => encodeTensor({ dtype: "toString" as "f32", dims: [], data: [1] })],
      ["ASY-TENSOR-003", () => encodeTensor({ dtype: "u8", dims: [1, 1, 1, 1, 1, 1, 1, 1, 1], data: [1n] })],
      ["ASY-TENSOR-004", () => encodeTensor({ dtype: "u8", dims: [0], data: [] })],
      ["ASY-TENSOR-004", () => encodeTensor({ dtype: "u8", dims: [1.5], data: [1n] })],
      ["ASY-TENSOR-004", () => encodeTensor({ dtype: "u8", dims: [2 ** 32], data: [1n] })],
      ["ASY-TENSOR-008", () => encodeTensor({ dtype: "u8", dims: [2], data: [1n] })],
      ["ASY-TENSOR-007", () => encodeTensor({ dtype: "bool", dims: [], data: [2n] })],
      ["ASY-TENSOR-007", () => encodeTensor({ dtype: "u8", dims: [], data: [1] as unknown as bigint[] })],
      ["ASY-TENSOR-007", () => encodeTensor({ dtype: "f32", dims: [], data: [0.1] })],
      ["ASY-TENSOR-007", () => encodeTensor({ dtype: "f32", dims: [], data: [-0] })],
      ["ASY-TENSOR-007", () => encodeTensor({ dtype: "f32", dims: [], data: [Number.NaN] })],
    ];
    for (const [code, act] of codes) expect(codeOf(act)).to.equal(code);
  });

  it("refuses one past either edge of every integer dtype", () => {
    for (const { dtype, min, max } of Object.values(DTYPES)) {
      if (dtype === "f32") continue;
      for (const value of [min, max]) encodeTensor({ dtype, dims: [], data: [value] });
      for (const value of [min - 1n, max + 1n]) {
        expect(
          codeOf(() => encodeTensor({ dtype, dims: [], data: [value] })),
          dtype,
        ).to.equal("ASY-TENSOR-007");
      }
    }
  });

  it("reads several encodings one after another", () => {
    const first: Tensor = { dtype: "u8", dims: [2], data: [1n, 2n] };
    const second: Tensor = { dtype: "f32", dims: [], data: [0.5] };
    const bytes = Uint8Array.of(...encodeTensor(first), ...encodeTensor(second));
    expect(decodeTensors(bytes)).to.deep.equal([first, second]);
    expect(decodeTensors(new Uint8Array())).to.deep.equal([]);
    expect(codeOf(() => decodeTensors(bytes.subarray(0, bytes.length - 1)))).to.equal("ASY-TENSOR-001");
  });

  it("reads from the middle of a larger buffer", () => {
    const buffer = new Uint8Array(32).fill(0xee);
    buffer.set([4, 0, 0xff, 0xfe], 9);
    expect(decodeTensor(buffer.subarray(9, 13))).to.deep.equal({ dtype: "i16", dims: [], data: [-2n] });
  });
});

describe("sdk: quantisation", () => {
  const pixels = { scale: 1 / 16, zeroPoint: 0, dtype: "u8", range: { min: 0n, max: 16n } } as const;

  it("rounds half up", () => {
    const unit = { scale: 1, zeroPoint: 0, dtype: "i8" } as const;
    expect(quantise([0.5, 1.5, -0.5, -1.5, 0.49, -0.51], unit)).to.deep.equal([1n, 2n, 0n, -1n, 0n, -1n]);
  });

  it("gives back every integer of the range", () => {
    const integers = Array.from({ length: 17 }, (_, index) => BigInt(index));
    expect(quantise(dequantise(integers, pixels), pixels)).to.deep.equal(integers);
    const shifted = { scale: 0.1, zeroPoint: -3, dtype: "i16" } as const;
    const many = Array.from({ length: 2_001 }, (_, index) => BigInt(index - 1_000));
    expect(quantise(dequantise(many, shifted), shifted)).to.deep.equal(many);
  });

  it("refuses what is out of range, or saturates when told", () => {
    expect(codeOf(() => quantise([1.1], pixels))).to.equal("ASY-TENSOR-009");
    expect(codeOf(() => quantise([-0.1], pixels))).to.equal("ASY-TENSOR-009");
    expect(quantise([1.1, -0.1], { ...pixels, saturate: true })).to.deep.equal([16n, 0n]);
  });

  it("refuses what is no number and no quantisation", () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      expect(codeOf(() => quantise([value], { ...pixels, saturate: true }))).to.equal("ASY-TENSOR-009");
    }
    for (const scale of [0, -1, Number.NaN, Infinity]) {
      expect(codeOf(() => quantise([1], { ...pixels, scale }))).to.equal("ASY-TENSOR-009");
      expect(codeOf(() => dequantise([1n], { scale, zeroPoint: 0 }))).to.equal("ASY-TENSOR-009");
    }
    expect(codeOf(() => quantise([1], { ...pixels, zeroPoint: 0.5 }))).to.equal("ASY-TENSOR-009");
    expect(codeOf(() => quantise([1], { ...pixels, range: { min: 0n, max: 256n } }))).to.equal("ASY-TENSOR-009");
    expect(codeOf(() => quantise([1], { ...pixels, dtype: "f32" as IntegralDtype }))).to.equal("ASY-TENSOR-002");
  });
});

describe("sdk: OpenGradient numbers", () => {
  it("gives back every random tensor", () => {
    for (const dtype of Object.keys(DTYPES) as Dtype[]) {
      for (let turn = 0; turn < 50; turn++) {
        const tensor = randomTensor(dtype, { finite: true });
        const decimals = BigInt(integerBelow(7)) - 3n;
        expect(fromNumbers(toNumbers(tensor, { decimals }), { dtype, decimals })).to.deep.equal(tensor);
      }
    }
  });

  it("writes f32 as the shortest decimal", () => {
    const numbers = toNumbers({ dtype: "f32", dims: [4], data: [0.1, 1.5, -1_000_000, 16_777_216].map(Math.fround) });
    expect(numbers.values).to.deep.equal([
      { value: 1n, decimals: 1n },
      { value: 15n, decimals: 1n },
      { value: -1_000_000n, decimals: 0n },
      { value: 16_777_216n, decimals: 0n },
    ]);
  });

  it("scales without rounding, or refuses", () => {
    const number = (value: bigint, decimals: bigint) => ({ values: [{ value, decimals }], shape: [] });
    expect(fromNumbers(number(15n, 1n), { dtype: "i8", decimals: 1n }).data).to.deep.equal([15n]);
    expect(fromNumbers(number(150n, 2n), { dtype: "i8", decimals: 1n }).data).to.deep.equal([15n]);
    expect(fromNumbers(number(0n, 2n ** 127n - 1n), { dtype: "i8" }).data).to.deep.equal([0n]);
    for (const [value, decimals] of [
      [15n, 1n],
      [1n, -39n],
      [200n, 0n],
      [1n, -(2n ** 127n)],
      [2n ** 127n, 0n],
    ] as const) {
      expect(codeOf(() => fromNumbers(number(value, decimals), { dtype: "i8" }))).to.equal("ASY-TENSOR-010");
    }
    expect(codeOf(() => fromNumbers(number(1n, -39n), { dtype: "f32" }))).to.equal("ASY-TENSOR-010");
    expect(fromNumbers(number(-1n, 60n), { dtype: "f32" }).data).to.deep.equal([0]);
    expect(codeOf(() => fromNumbers({ values: [], shape: [] }, { dtype: "i8" }))).to.equal("ASY-TENSOR-008");
    expect(codeOf(() => toNumbers({ dtype: "f32", dims: [], data: [Infinity] }))).to.equal("ASY-TENSOR-010");
  });

  it("throws only AssayError", () => {
    expect(
      codeOf(() => fromNumbers({ values: [{ value: 1, decimals: 0n } as never], shape: [] }, { dtype: "u8" })),
    ).to.equal("ASY-TENSOR-010");
    expect(new TensorError("ASY-TENSOR-001", "x")).to.be.instanceOf(AssayError);
  });
});
