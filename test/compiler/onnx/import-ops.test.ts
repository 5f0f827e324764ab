import { expect } from "chai";

import { bitwiseOps } from "../../../compiler/src/onnx/ops/bitwise.ts";
import { compareOps } from "../../../compiler/src/onnx/ops/compare.ts";
import { einsumOps } from "../../../compiler/src/onnx/ops/einsum.ts";
import { encoderOps } from "../../../compiler/src/onnx/ops/encoders.ts";
import { indexOps } from "../../../compiler/src/onnx/ops/index-ops.ts";
import { operators } from "../../../compiler/src/onnx/ops/index.ts";
import { lpNormaliseOps } from "../../../compiler/src/onnx/ops/lp-normalise.ts";
import { mlOps } from "../../../compiler/src/onnx/ops/ml.ts";
import { quantisedLinearOps } from "../../../compiler/src/onnx/ops/quantised-linear.ts";
import { recurrentOps } from "../../../compiler/src/onnx/ops/recurrent.ts";
import { reduceOps } from "../../../compiler/src/onnx/ops/reduce.ts";
import { sequenceOps } from "../../../compiler/src/onnx/ops/sequences.ts";
import { sortOps } from "../../../compiler/src/onnx/ops/sort.ts";
import { svmOps } from "../../../compiler/src/onnx/ops/svm.ts";
import { treeOps } from "../../../compiler/src/onnx/ops/trees.ts";
import { windowOps } from "../../../compiler/src/onnx/ops/windows.ts";
import { elementCount } from "../../../compiler/src/program/geometry.ts";
import { modelOf, type Case } from "../../support/onnx-cases.ts";
import { distance, runImported, runOnnx } from "../../support/onnx-run.ts";
import { Random } from "../../support/random.ts";
import { arithmeticCases } from "./cases/arithmetic.ts";
import { networkCases } from "./cases/networks.ts";
import { shapeCases } from "./cases/shapes.ts";

const CASES: readonly Case[] = [...arithmeticCases, ...networkCases, ...shapeCases];

/** Random inputs for each case. */
const ROUNDS = 3;

/** Tested beside their own files. */
const ELSEWHERE = new Set(
  [
    ...[bitwiseOps, compareOps, einsumOps, indexOps, lpNormaliseOps, mlOps, quantisedLinearOps, recurrentOps],
    ...[reduceOps, sequenceOps, sortOps, treeOps, windowOps, encoderOps, svmOps],
  ].flatMap((table) => Object.keys(table)),
);

describe("importOnnx, operator by operator, against ONNX Runtime", () => {
  it("has a case for every operator", () => {
    const tested = new Set(CASES.map(({ op }) => op));
    const missing = Object.keys(operators).filter((op) => !tested.has(op) && !ELSEWHERE.has(op));
    expect(missing).to.deep.equal([]);
  });

  for (const each of CASES) {
    it(`${each.op} ${each.about}`, async () => {
      const { bytes, varying } = modelOf(each);
      const dims = varying.map((given) => given.dims);
      const random = new Random(elementCount(dims.flat()) + 11);
      for (let round = 0; round < ROUNDS; round++) {
        const inputs = varying.map(({ dims: shape, draw }) => random.array(elementCount(shape), () => draw(random)));
        const expected = await runOnnx(bytes, dims, inputs);
        const { results } = runImported(bytes, inputs);
        for (const [at, { name, dims: shape, data }] of results.entries()) {
          expect(shape, `shape of ${name}`).to.deep.equal(expected[at]?.dims);
          const apart = distance(data, expected[at]?.data ?? []);
          expect(apart, `${name}: ${data.join()} and not ${expected[at]?.data.join()}`).to.be.below(1e-4);
        }
      }
    });
  }
});
