import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { readFeatures, type Features } from "./features.ts";
import { repeat } from "./layout.ts";
import { bounded, unsupported } from "./operands.ts";
import { binary, labelled, readLabels, readPostTransform, regressed } from "./scores.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

const KERNELS = ["LINEAR", "POLY", "RBF", "SIGMOID"] as const;

interface Machine {
  readonly kernel: (typeof KERNELS)[number];
  readonly gamma: number;
  readonly zero: number;
  readonly degree: number;
  readonly vectors: readonly Float64Array[];
  readonly coefficients: readonly number[];
  readonly rho: readonly number[];
}

function readMachine(context: OpContext, width: number, count: number): Machine {
  const { attributes, node } = context;
  const [gamma = 0, zero = 0, degree = 0] = attributes.floats("kernel_params") ?? [];
  const flat = attributes.floats("support_vectors") ?? [];
  if (flat.length !== count * width) {
    const remedy = `${count} vectors of ${width} features need ${count * width}`;
    throw new OnnxAttributeError(node, "support_vectors", `${flat.length} long`, remedy);
  }
  return {
    kernel: attributes.choice("kernel_type", "LINEAR", KERNELS),
    gamma,
    zero,
    degree,
    vectors: Array.from({ length: count }, (_, at) => Float64Array.from(flat.slice(at * width, (at + 1) * width))),
    coefficients: attributes.floats("coefficients") ?? [],
    rho: attributes.floats("rho") ?? [],
  };
}

/** |x - v|^2 for each row x and vector v. From differences: the sum of squares less products would cancel. */
function distances(context: OpContext, { value, rows, width }: Features, vectors: readonly Float64Array[]): Value {
  const { builder } = context;
  const count = vectors.length;
  const total = bounded(context, rows * count * width);
  const index = Int32Array.from({ length: total }, (_, at) => Math.floor(at / (count * width)) * width + (at % width));
  const spread = builder.gather([value], index, [rows, count, width]);
  const offsets = Float64Array.from(
    { length: total },
    (_, at) => -vectors[Math.floor(at / width) % count]![at % width]!,
  );
  const apart = builder.scale(spread, new Float64Array(total).fill(1), offsets);
  return builder.sum(builder.multiply(apart, apart), width, [rows, count]);
}

/** What the kernel makes of each row and each support vector: [rows][vectors]. */
function kernels(context: OpContext, features: Features, machine: Machine): Value {
  const { builder } = context;
  const { value, rows } = features;
  const { kernel, gamma, zero, degree, vectors } = machine;
  if (kernel === "RBF") {
    return builder.table(distances(context, features, vectors), "rbf", (each) => Math.exp(-gamma * Math.max(each, 0)));
  }
  bounded(context, rows * vectors.length);
  const products = builder.dense(value, rows, vectors, new Float64Array(vectors.length), [rows, vectors.length]);
  if (kernel === "LINEAR") return products;
  const inner = builder.linear([[gamma, products]], zero);
  if (kernel === "SIGMOID") return builder.table(inner, "tanh", Math.tanh);
  return builder.table(inner, "polynomial", (each) => (Number.isInteger(degree) ? each : Math.max(each, 0)) ** degree);
}

const regressor: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const features = readFeatures(context);
  const { value, rows, width } = features;
  const count = attributes.integer("n_supports", 0);
  const machine = readMachine(context, width, count);
  const { coefficients, rho } = machine;
  const oneClass = attributes.flag("one_class", false);
  const post = readPostTransform(context);
  const needed = count === 0 ? width : count;
  if (count < 0 || coefficients.length !== needed || rho.length !== 1) {
    throw new OnnxAttributeError(
      node,
      "coefficients",
      `${coefficients.length} long`,
      `${needed} are needed, and one rho`,
    );
  }
  if (count === 0 && machine.kernel !== "LINEAR")
    throw unsupported(context, "without support vectors it must be LINEAR");
  const rowsOf = count === 0 ? value : kernels(context, features, machine);
  const scores = builder.dense(rowsOf, rows, [Float64Array.from(coefficients)], Float64Array.from(rho), [rows, 1]);
  if (!oneClass) return [regressed(context, scores, post)];
  const sign = builder.greater(scores, builder.constant(scores.dims, new Float64Array(rows)));
  return [builder.linear([[2, sign]], -1)];
};

/** The scores of all pairs of classes, i before j: a sum over the support vectors of both. */
function pairs(context: OpContext, features: Features, machine: Machine, perClass: readonly number[]): Value {
  const { builder, node } = context;
  const classes = perClass.length;
  const count = machine.vectors.length;
  const couples = Array.from({ length: classes }, (_, i) =>
    Array.from({ length: classes - i - 1 }, (_unused, k) => [i, i + k + 1] as const),
  ).flat();
  if (machine.coefficients.length !== (classes - 1) * count || machine.rho.length !== couples.length) {
    const remedy = `${classes} classes and ${count} vectors need ${(classes - 1) * count}, and ${couples.length} of rho`;
    throw new OnnxAttributeError(node, "coefficients", `${machine.coefficients.length} long`, remedy);
  }
  const owner = perClass.flatMap((each, at) => new Array<number>(each).fill(at));
  const weights = couples.map(([i, j]) =>
    Float64Array.from(owner, (own, vector) => {
      const row = own === i ? j - 1 : own === j ? i : undefined;
      return row === undefined ? 0 : machine.coefficients[row * count + vector]!;
    }),
  );
  const { rows } = features;
  const rho = Float64Array.from(machine.rho);
  return builder.dense(kernels(context, features, machine), rows, weights, rho, [rows, couples.length]);
}

/** The class with most votes, each pair of classes giving one; the lowest of those with as many. */
function elected(context: OpContext, scores: Value, classes: number): Value {
  const { builder } = context;
  const [rows, width] = scores.dims as [number, number];
  const wins = builder.greater(scores, builder.constant(scores.dims, new Float64Array(rows * width)));
  const bias = new Float64Array(classes);
  const weights = Array.from({ length: classes }, () => new Float64Array(width));
  let couple = 0;
  for (let i = 0; i < classes; i++) {
    for (let j = i + 1; j < classes; j++, couple++) {
      weights[i]![couple] = 1;
      weights[j]![couple] = -1;
      bias[j]! += 1;
    }
  }
  const votes = builder.dense(builder.as(wins, "real"), rows, weights, bias, [rows, classes]);
  return builder.argmax(votes, classes, [rows]);
}

const classifier: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const features = readFeatures(context);
  const labels = readLabels(context, "classlabels_ints");
  const perClass = attributes.integers("vectors_per_class") ?? [];
  const count = perClass.reduce((sum, each) => sum + each, 0);
  const [a, b] = [attributes.floats("prob_a") ?? [], attributes.floats("prob_b") ?? []];
  if (perClass.length !== labels.length || perClass.some((each) => each < 1)) {
    throw unsupported(context, "it needs support vectors of every class; export a linear one as a linear model");
  }
  const machine = readMachine(context, features.width, count);
  const post = readPostTransform(context);
  if (post !== "NONE") throw new OnnxAttributeError(node, "post_transform", post, "export with NONE");
  const scores = pairs(context, features, machine, perClass);
  if (a.length === 0) {
    const label = labelled(builder, elected(context, scores, labels.length), labels);
    if (labels.length > 2) return [label, scores];
    // Of two classes, the score against the first and the one for it, as the runtime gives them.
    const both = repeat(builder, scores, 2, [features.rows, 2]);
    const factors = Float64Array.from({ length: 2 * features.rows }, (_, at) => (at % 2 === 0 ? -1 : 1));
    return [label, builder.scale(both, factors, new Float64Array(2 * features.rows))];
  }
  if (labels.length > 2 || a.length !== 1 || b.length !== 1) {
    throw unsupported(context, "probabilities of more than two classes are an iteration; train with probability=False");
  }
  const first = builder.table(
    builder.linear([[-a[0]!, scores]], -b[0]!),
    "probability",
    (each) => 1 / (1 + Math.exp(-each)),
  );
  const second = builder.linear([[-1, first]], 1);
  const [label, both] = binary(builder, second, { labels, limit: 0.5, post, opposed: false });
  return [label, both];
};

/** Support vector machines of libsvm, as scikit-learn has them. */
export const svmOps: Operators = {
  "ai.onnx.ml.SVMRegressor": { inputs: [1, 1], lower: regressor },
  "ai.onnx.ml.SVMClassifier": { inputs: [1, 1], lower: classifier },
};
