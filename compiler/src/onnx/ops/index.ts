import { activationOps } from "./activation.ts";
import { arithmeticOps } from "./arithmetic.ts";
import { bitwiseOps } from "./bitwise.ts";
import { compareOps } from "./compare.ts";
import { constantOps } from "./constants.ts";
import { convTransposeOps } from "./conv-transpose.ts";
import { convOps } from "./conv.ts";
import { curveOps } from "./curves.ts";
import { cutOps } from "./cut.ts";
import { einsumOps } from "./einsum.ts";
import { encoderOps } from "./encoders.ts";
import { extremeOps } from "./extremes.ts";
import { indexOps } from "./index-ops.ts";
import { linearOps } from "./linear.ts";
import { lpNormaliseOps } from "./lp-normalise.ts";
import { mlOps } from "./ml.ts";
import { normaliseOps } from "./normalise.ts";
import { poolOps } from "./pool.ts";
import { powerOps } from "./power.ts";
import { quantisedLinearOps } from "./quantised-linear.ts";
import { quantisedOps } from "./quantised.ts";
import { recurrentOps } from "./recurrent.ts";
import { reduceOps } from "./reduce.ts";
import { resizeOps } from "./resize.ts";
import { roundingOps } from "./rounding.ts";
import { sequenceOps } from "./sequences.ts";
import { shapeOps } from "./shape.ts";
import { softmaxOps } from "./softmax.ts";
import { sortOps } from "./sort.ts";
import { spaceOps } from "./space.ts";
import { svmOps } from "./svm.ts";
import { treeOps } from "./trees.ts";
import type { Operators } from "./types.ts";
import { windowOps } from "./windows.ts";

/** Every operator that the importer has a meaning for. */
export const operators: Operators = {
  ...activationOps,
  ...arithmeticOps,
  ...bitwiseOps,
  ...compareOps,
  ...constantOps,
  ...convOps,
  ...convTransposeOps,
  ...curveOps,
  ...cutOps,
  ...einsumOps,
  ...encoderOps,
  ...extremeOps,
  ...indexOps,
  ...linearOps,
  ...lpNormaliseOps,
  ...mlOps,
  ...normaliseOps,
  ...poolOps,
  ...powerOps,
  ...quantisedLinearOps,
  ...quantisedOps,
  ...recurrentOps,
  ...reduceOps,
  ...resizeOps,
  ...roundingOps,
  ...sequenceOps,
  ...shapeOps,
  ...softmaxOps,
  ...sortOps,
  ...spaceOps,
  ...svmOps,
  ...treeOps,
  ...windowOps,
};
