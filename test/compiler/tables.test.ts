import { expect } from "chai";

import { GraphNotProvableError } from "../../compiler/src/emit/circom/errors.ts";
import { LONGEST_TABLE, interpolate } from "../../compiler/src/emit/circom/interpolate.ts";
import { toScalar } from "../../compiler/src/setup/field.ts";
import { Random } from "../support/random.ts";

const draw = (length: number): number[] => {
  const random = new Random(length);
  return random.array(length, () => random.integer(-1e9, 1e9));
};

describe("compiler/emit/circom interpolate", () => {
  it("passes through every entry, wherever the table starts", () => {
    for (const [length, min] of [
      [1, 3],
      [2, -1],
      [7, -3],
      [100, 2 ** 40],
      [256, -128],
    ] as const) {
      const table = draw(length);
      const coefficients = interpolate(table, min);
      expect(coefficients).to.have.length(length);
      for (const [i, entry] of table.entries()) {
        const value = coefficients.reduceRight((sum, c) => toScalar(sum * BigInt(min + i) + c), 0n);
        expect(value, `${i}`).to.equal(toScalar(BigInt(entry)));
      }
    }
  });

  it("finds a polynomial of low degree again", () => {
    const square = Array.from({ length: 9 }, (_, i) => (i - 4) ** 2 - 3);
    expect(interpolate(square, -4)).to.deep.equal([toScalar(-3n), 0n, 1n, ...new Array<bigint>(6).fill(0n)]);
  });

  it("refuses what it cannot hold", () => {
    for (const [table, min] of [
      [[], 0],
      [new Array<number>(LONGEST_TABLE + 1).fill(0), 0],
      [[0.5], 0],
      [[1, Infinity], 0],
      [[1], 2 ** 53],
    ] as const) {
      expect(() => interpolate(table, min), `${table.length} from ${min}`).to.throw(GraphNotProvableError);
    }
  });
});
