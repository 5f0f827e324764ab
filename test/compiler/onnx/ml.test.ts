import { expect } from "chai";

import {
  OnnxAttributeError,
  OnnxDtypeError,
  OnnxShapeError,
  OnnxUnsupportedOpError,
} from "../../../compiler/src/onnx/errors.ts";
import { mlOps } from "../../../compiler/src/onnx/ops/ml.ts";
import {
  bits,
  compare,
  fixed,
  integer,
  lists,
  lower,
  made,
  real,
  refuses,
  type Case,
  type Input,
} from "../../support/lowering.ts";
import { attribute } from "../../support/onnx-builder.ts";
import { Random } from "../../support/random.ts";

const domain = "ai.onnx.ml";
const POSTS = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"];
const both = ["integer", "real"] as const;

describe("Linear models and preparation as steps", () => {
  const random = new Random(6);
  const floats = (name: string, count: number) =>
    lists.floats(
      name,
      random.array(count, () => Math.fround(random.normal())),
    );
  const one = (op: string, input: Input, ...attributes: Record<string, unknown>[]): Case => {
    return { op, domain, opset: 1, inputs: [input], attributes };
  };

  it("LinearRegressor agrees with ONNX Runtime", async () => {
    const single = [floats("coefficients", 3), floats("intercepts", 1)];
    await compare(mlOps, one("LinearRegressor", real(4, 3), ...single), random);
    await compare(mlOps, one("LinearRegressor", real(3), ...single), random);
    for (const post of POSTS) {
      const more = [floats("coefficients", 6), floats("intercepts", 2), attribute.integer("targets", 2)];
      await compare(mlOps, one("LinearRegressor", real(4, 3), ...more, lists.text("post_transform", post)), random);
    }
  });

  it("LinearClassifier agrees with ONNX Runtime for two classes and more", async () => {
    for (const post of POSTS) {
      for (const [labels, scores] of [
        [[3, 9], 1],
        [[3, 9], 2],
        [[0, 1, 2], 3],
        [[5, 1, 7, 2], 4],
      ] as const) {
        const attributes = [
          ...[floats("coefficients", 3 * scores), floats("intercepts", scores)],
          ...[lists.integers("classlabels_ints", labels), lists.text("post_transform", post)],
          attribute.integer("multi_class", 1),
        ];
        await compare(mlOps, { ...one("LinearClassifier", real(4, 3), ...attributes), outputs: both }, random);
        await compare(
          mlOps,
          { ...one("LinearClassifier", integer([4, 3], -3, 3), ...attributes), outputs: both },
          random,
        );
      }
    }
  });

  it("Scaler agrees with ONNX Runtime, by feature or for all, on integers too", async () => {
    for (const input of [real(4, 3), integer([4, 3], -9, 9)]) {
      await compare(mlOps, one("Scaler", input, floats("offset", 3), floats("scale", 3)), random);
      await compare(mlOps, one("Scaler", input, floats("offset", 1), floats("scale", 1)), random);
    }
  });

  it("Normalizer agrees with ONNX Runtime on rows of any sign, and of zeros", async () => {
    const feeds = [[[0, 0, 0, -1, -2, -0.5]], [[1, 2, -3, 0, -0.5, 0]], [[4, 5, 6, 0, 0, 9]]];
    for (const norm of ["MAX", "L1", "L2"]) {
      await compare(mlOps, one("Normalizer", real(2, 3), lists.text("norm", norm)), random, { feeds });
      await compare(mlOps, one("Normalizer", real(5), lists.text("norm", norm)), random);
      const positive: Case = {
        ...one("Normalizer", { ...real(3, 4), range: [0, 2] }, lists.text("norm", norm)),
        nonNegative: true,
      };
      const program = await compare(mlOps, positive, random);
      expect(made(program, "multiply")).to.equal(norm === "L2" ? 12 : 0);
    }
  });

  it("Binarizer agrees with ONNX Runtime, on the threshold too", async () => {
    const feeds = [[[0.5, 0.4, 0.6, -1]]];
    await compare(mlOps, one("Binarizer", real(2, 2), attribute.float("threshold", 0.5)), random, { feeds });
    await compare(mlOps, one("Binarizer", real(2, 2)), random);
  });

  it("ArrayFeatureExtractor agrees with ONNX Runtime", async () => {
    const each = { op: "ArrayFeatureExtractor", domain, opset: 1 };
    const known = fixed("integer", [1, 2], [2, 0]);
    const wired = await compare(mlOps, { ...each, inputs: [real(2, 3, 4), known] }, random);
    expect(wired.steps.map(({ op }) => op)).to.deep.equal(["gather"]);
    await compare(mlOps, { ...each, inputs: [real(4), known] }, random);
    await compare(mlOps, { ...each, inputs: [real(3, 4), integer([1, 3], 0, 3)] }, random);
    const labels = fixed("integer", [1, 4], [8, 5, 6, 7]);
    await compare(mlOps, { ...each, inputs: [labels, integer([1], 0, 3)], outputs: ["integer"] }, random);
  });

  it("Imputer agrees with ONNX Runtime; nothing is NaN", async () => {
    const nan = { name: "replaced_value_float", type: 1, f: NaN };
    const imputed = lists.floats("imputed_value_floats", [1, 2, 3]);
    const program = await compare(mlOps, one("Imputer", real(2, 3), imputed, nan), random);
    expect(program.steps).to.deep.equal([]);
    const feeds = [[[-1, 5, -1, 4, -1, 6]]];
    const minus = attribute.float("replaced_value_float", -1);
    await compare(mlOps, one("Imputer", real(2, 3), imputed, minus), random, { feeds });
    const whole = [lists.integers("imputed_value_int64s", [7]), attribute.integer("replaced_value_int64", -1)];
    await compare(mlOps, { ...one("Imputer", integer([2, 3], -2, 1), ...whole), outputs: ["integer"] }, random);
  });

  it("computes what is constant at once", () => {
    const each = one(
      "Scaler",
      fixed("real", [1, 2], [1, 2]),
      lists.floats("offset", [1, 1]),
      lists.floats("scale", [2, 3]),
    );
    const program = lower(mlOps, each);
    expect(program.steps).to.deep.equal([]);
    expect(Array.from(program.outputs[0]!.value.constant!)).to.deep.equal([0, 3]);
  });

  it("refuses lists that do not fit, labels that are strings, and inputs that are no rows", () => {
    const three = floats("coefficients", 3);
    refuses(mlOps, one("LinearRegressor", real(1, 2), three), OnnxAttributeError, "coefficients", "3 long");
    refuses(
      mlOps,
      one("LinearRegressor", real(1, 3), three, floats("intercepts", 2)),
      OnnxAttributeError,
      "intercepts",
    );
    refuses(
      mlOps,
      one("LinearRegressor", real(1, 3), three, attribute.integer("targets", 0)),
      OnnxAttributeError,
      "targets",
    );
    refuses(
      mlOps,
      one("LinearRegressor", real(1, 3), three, lists.text("post_transform", "LOGISTIC")),
      OnnxAttributeError,
    );
    refuses(mlOps, one("LinearRegressor", real(1, 1, 3), three), OnnxShapeError, "3 dimensions");
    refuses(mlOps, one("LinearRegressor", bits(1, 3), three), OnnxDtypeError);
    const names = lists.texts("classlabels_strings", ["a", "b"]);
    refuses(mlOps, one("LinearClassifier", real(1, 3), three, names), OnnxUnsupportedOpError, "zipmap");
    const labels = lists.integers("classlabels_ints", [0, 1, 2]);
    refuses(
      mlOps,
      one("LinearClassifier", real(1, 3), three, labels, floats("intercepts", 1)),
      OnnxAttributeError,
      "3 classes",
    );
    refuses(mlOps, one("Scaler", real(1, 3), floats("scale", 2)), OnnxAttributeError, "scale");
    refuses(mlOps, one("Normalizer", real(1, 3), lists.text("norm", "L3")), OnnxAttributeError, "L3");
    const extract = { op: "ArrayFeatureExtractor", domain, inputs: [real(1, 3), fixed("integer", [1], [3])] };
    refuses(mlOps, extract, OnnxShapeError, "outside of an axis of 3");
  });
});
