import { expect } from "chai";

import { OnnxAttributeError, OnnxUnsupportedOpError } from "../../../compiler/src/onnx/errors.ts";
import { encoderOps } from "../../../compiler/src/onnx/ops/encoders.ts";
import { svmOps } from "../../../compiler/src/onnx/ops/svm.ts";
import { compare, integer, lists, modelOf, real, refuses, type Case, type Input } from "../../support/lowering.ts";
import { attribute } from "../../support/onnx-builder.ts";
import { runImported, runOnnx } from "../../support/onnx-run.ts";
import { Random } from "../../support/random.ts";

const domain = "ai.onnx.ml";
const WIDTH = 3;
const KERNELS = [
  ["LINEAR", [0, 0, 0]],
  ["POLY", [0.5, 0.2, 2]],
  ["RBF", [0.4, 0, 0]],
  ["SIGMOID", [0.3, -0.1, 0]],
] as const;

describe("Support vector machines as steps", () => {
  const random = new Random(8);
  const floats = (name: string, count: number) =>
    lists.floats(
      name,
      random.array(count, () => Math.fround(random.normal())),
    );
  const kernel = (type: string, params: readonly number[]) => [
    lists.text("kernel_type", type),
    lists.floats("kernel_params", params.map(Math.fround)),
  ];
  const machine = (op: string, rows: number, attributes: readonly Record<string, unknown>[]): Case => {
    return { op, domain, opset: 1, inputs: [real(rows, WIDTH)], attributes };
  };
  const regressor = (rows: number, supports: number, ...more: readonly Record<string, unknown>[]) =>
    machine("SVMRegressor", rows, [
      attribute.integer("n_supports", supports),
      floats("support_vectors", supports * WIDTH),
      floats("coefficients", supports === 0 ? WIDTH : supports),
      floats("rho", 1),
      ...more,
    ]);
  const classifier = (perClass: readonly number[], ...more: readonly Record<string, unknown>[]) => {
    const [classes, supports] = [perClass.length, perClass.reduce((sum, each) => sum + each, 0)];
    return machine("SVMClassifier", 4, [
      lists.integers("vectors_per_class", perClass),
      lists.integers(
        "classlabels_ints",
        perClass.map((_, at) => 3 * at + 1),
      ),
      floats("support_vectors", supports * WIDTH),
      floats("coefficients", (classes - 1) * supports),
      floats("rho", (classes * (classes - 1)) / 2),
      ...more,
    ]);
  };

  for (const [type, params] of KERNELS) {
    it(`SVMRegressor agrees with ONNX Runtime, ${type}`, async () => {
      await compare(svmOps, regressor(4, 5, ...kernel(type, params)), random);
      await compare(svmOps, regressor(2, 4, ...kernel(type, params), attribute.integer("one_class", 1)), random);
    });

    it(`SVMClassifier agrees with ONNX Runtime, ${type}, two classes and more`, async () => {
      for (const perClass of [
        [2, 3],
        [2, 1, 3],
        [1, 2, 1, 2],
      ]) {
        await compare(
          svmOps,
          { ...classifier(perClass, ...kernel(type, params)), outputs: ["integer", "real"] },
          random,
        );
      }
    });
  }

  it("SVMRegressor without support vectors is linear", async () => {
    await compare(svmOps, regressor(3, 0, ...kernel("LINEAR", [0, 0, 0])), random);
  });

  it("SVMClassifier agrees with ONNX Runtime on probabilities of two classes", async () => {
    const calibrated = [...kernel("RBF", [0.4, 0, 0]), lists.floats("prob_a", [-1.5]), lists.floats("prob_b", [0.25])];
    const each = { ...classifier([3, 2], ...calibrated), outputs: ["integer", "real"] } as const;
    const inputs = [random.array(4 * WIDTH, () => Math.fround(random.normal()))];
    const [label, shares] = await runOnnx(modelOf(each), [[4, WIDTH]], inputs);
    const [ownLabel, ownShares] = runImported(modelOf(each), inputs).results;
    expect(ownLabel?.data).to.deep.equal(label!.data);
    // The runtime iterates until it is near enough.
    for (const [at, share] of shares!.data.entries()) expect(ownShares?.data[at]).to.be.closeTo(share, 5e-3);
  });

  it("refuses lists that do not fit, and what is an iteration", () => {
    const few = machine("SVMRegressor", 1, [attribute.integer("n_supports", 2), floats("support_vectors", 5)]);
    refuses(svmOps, few, OnnxAttributeError, "need 6");
    const short = machine("SVMRegressor", 1, [
      attribute.integer("n_supports", 1),
      floats("support_vectors", WIDTH),
      floats("coefficients", 2),
      floats("rho", 1),
    ]);
    refuses(svmOps, short, OnnxAttributeError, "1 are needed");
    const calibrated = [lists.floats("prob_a", [1, 1, 1]), lists.floats("prob_b", [1, 1, 1])];
    refuses(svmOps, classifier([1, 1, 1], ...calibrated), OnnxUnsupportedOpError, "probability=False");
    refuses(svmOps, classifier([2, 0]), OnnxUnsupportedOpError, "every class");
    refuses(svmOps, classifier([2, 2], lists.text("post_transform", "SOFTMAX")), OnnxAttributeError, "NONE");
  });
});

describe("Categories as steps", () => {
  const random = new Random(9);
  const one = (op: string, input: Input, ...attributes: readonly Record<string, unknown>[]): Case => {
    return { op, domain, opset: 2, inputs: [input], attributes };
  };
  const keys = lists.integers("keys_int64s", [4, -1, 2]);

  it("OneHotEncoder agrees with ONNX Runtime, unknown categories included", async () => {
    const categories = [lists.integers("cats_int64s", [1, 5, 3]), attribute.integer("zeros", 1)];
    await compare(encoderOps, one("OneHotEncoder", integer([2, 3], 0, 6), ...categories), random);
  });

  it("LabelEncoder agrees with ONNX Runtime from numbers to numbers", async () => {
    const whole = [keys, lists.integers("values_int64s", [7, 0, -2]), attribute.integer("default_int64", 9)];
    await compare(
      encoderOps,
      { ...one("LabelEncoder", integer([2, 4], -2, 5), ...whole), outputs: ["integer"] },
      random,
    );
    const real_ = [keys, lists.floats("values_floats", [0.5, 2, -1.25]), attribute.float("default_float", 3.5)];
    await compare(encoderOps, one("LabelEncoder", integer([5], -2, 5), ...real_), random);
  });

  it("refuses strings and lists that do not fit", () => {
    const text = one("OneHotEncoder", integer([2], 0, 3), lists.texts("cats_strings", ["a"]));
    refuses(encoderOps, text, OnnxUnsupportedOpError, "strings");
    const named = one("LabelEncoder", integer([2], 0, 3), keys, lists.texts("values_strings", ["a", "b", "c"]));
    refuses(encoderOps, named, OnnxUnsupportedOpError, "strings");
    const short = one("LabelEncoder", integer([2], 0, 3), keys, lists.integers("values_int64s", [1]));
    refuses(encoderOps, short, OnnxAttributeError, "3 long");
    refuses(encoderOps, one("OneHotEncoder", integer([2], 0, 3)), OnnxAttributeError, "needs categories");
  });
});
