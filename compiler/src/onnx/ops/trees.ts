import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { readFeatures, type Features } from "./features.ts";
import { readForest, readVotes, type Forest, type Votes } from "./forest.ts";
import { findLeaves, type Leaves } from "./leaves.ts";
import { bounded, unsupported } from "./operands.ts";
import { binary, classified, readLabels, readPostTransform, regressed, transformed } from "./scores.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

/** [rows][outputs]: for each output the sum, times `factor`, of the votes that `column` gives it. */
function tally(
  context: OpContext,
  leaves: Leaves,
  votes: Votes,
  {
    rows,
    outputs,
    column,
    factor,
  }: {
    readonly rows: number;
    readonly outputs: number;
    readonly column: (vote: number) => number;
    readonly factor: number;
  },
): Value {
  const { builder } = context;
  const at = new Map(leaves.places.map((place, index) => [place, index]));
  bounded(context, outputs * Math.max(1, leaves.places.length));
  const weights = Array.from({ length: outputs }, () => new Float64Array(leaves.places.length));
  const bias = new Float64Array(outputs);
  for (const [vote, leaf] of votes.leaf.entries()) {
    const [index, to] = [at.get(leaf), column(vote)];
    const weight = votes.weight[vote]! * factor;
    if (index === undefined) bias[to]! += weight;
    else weights[to]![index]! += weight;
  }
  if (leaves.bits !== undefined) return builder.dense(leaves.bits, rows, weights, bias, [rows, outputs]);
  const data = Float64Array.from({ length: bounded(context, rows * outputs) }, (_, each) => bias[each % outputs]!);
  return builder.constant([rows, outputs], data);
}

function add(context: OpContext, scores: Value, base: readonly number[]): Value {
  if (base.length === 0) return scores;
  const [rows, width] = scores.dims as [number, number];
  const offsets = Float64Array.from({ length: rows * width }, (_, at) => base[at % width]!);
  return context.builder.scale(scores, new Float64Array(rows * width).fill(1), offsets);
}

function readBase({ attributes, node }: OpContext, targets: number): readonly number[] {
  const base = attributes.floats("base_values") ?? [];
  if (base.length === 0 || base.length === targets) return base;
  throw new OnnxAttributeError(node, "base_values", `${base.length} long`, `none or ${targets} are needed`);
}

/** The tree, as a place among the roots, that each node belongs to. */
function treesOf({ nodes, roots }: Forest): Int32Array {
  const trees = new Int32Array(nodes.length);
  for (const [tree, root] of roots.entries()) {
    const queue = [root];
    for (const at of queue) {
      trees[at] = tree;
      const branch = nodes[at];
      if (branch !== undefined) queue.push(branch.yes, branch.no);
    }
  }
  return trees;
}

/** The greatest, or with `sign` = -1 the least, vote of all trees for each target. */
function extreme(context: OpContext, forest: Forest, votes: Votes, features: Features, targets: number, sign: 1 | -1) {
  const { builder } = context;
  const count = forest.roots.length;
  const voted = new Set(votes.leaf.map((leaf, vote) => leaf * targets + votes.target[vote]!));
  const leaves = forest.nodes.filter((each) => each === undefined).length;
  if (voted.size < votes.leaf.length || voted.size < leaves * targets) {
    throw unsupported(context, "MIN and MAX need exactly one weight for each target in every leaf");
  }
  const trees = treesOf(forest);
  const scores = tally(context, findLeaves(context, forest, features), votes, {
    rows: features.rows,
    outputs: targets * count,
    column: (vote) => votes.target[vote]! * count + trees[votes.leaf[vote]!]!,
    factor: sign,
  });
  return builder.linear([[sign, builder.max(scores, count, [features.rows, targets])]], 0);
}

const regressor: Lowering = (context) => {
  const { attributes } = context;
  const features = readFeatures(context);
  const targets = attributes.integer("n_targets", 1);
  if (targets < 1) throw new OnnxAttributeError(context.node, "n_targets", String(targets), "it must be at least 1");
  const forest = readForest(context);
  const votes = readVotes(context, forest, "target", targets);
  const how = attributes.choice("aggregate_function", "SUM", ["SUM", "AVERAGE", "MIN", "MAX"]);
  const base = readBase(context, targets);
  const post = readPostTransform(context);
  const summed = (factor: number) => {
    const column = (vote: number) => votes.target[vote]!;
    const leaves = findLeaves(context, forest, features);
    return tally(context, leaves, votes, { rows: features.rows, outputs: targets, column, factor });
  };
  const scores =
    how === "MIN" || how === "MAX"
      ? extreme(context, forest, votes, features, targets, how === "MAX" ? 1 : -1)
      : summed(how === "AVERAGE" ? 1 / forest.roots.length : 1);
  return [regressed(context, add(context, scores, base), post)];
};

const classifier: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const features = readFeatures(context);
  const labels = readLabels(context, "classlabels_int64s");
  const forest = readForest(context);
  const votes = readVotes(context, forest, "class", labels.length);
  const base = attributes.floats("base_values") ?? [];
  const post = readPostTransform(context);
  const voted = [...new Set(votes.target)];
  const two = labels.length === 2;
  if (two && voted.length !== 1) {
    throw unsupported(context, "of two classes exactly one may have weights, as exporters write it; runtimes differ");
  }
  // One score decides between two classes; a base value for it only goes with class 0, as exporters write it.
  const most = two ? (voted[0] === 0 ? 1 : 0) : labels.length;
  if (base.length !== 0 && base.length !== most) {
    throw new OnnxAttributeError(node, "base_values", `${base.length} long`, `none or ${most} are needed`);
  }
  const sums = tally(context, findLeaves(context, forest, features), votes, {
    rows: features.rows,
    outputs: two ? 1 : labels.length,
    column: (vote) => (two ? 0 : votes.target[vote]!),
    factor: 1,
  });
  const scores = add(context, sums, base);
  if (!two) return classified(builder, scores, { labels, post });
  const positive = votes.weight.every((weight) => weight >= 0);
  const [label, pair] = binary(builder, scores, { labels, limit: positive ? 0.5 : 0, post, opposed: !positive });
  if (voted[0] === 0) return [label, pair];
  // Weights for class 1 alone leave class 0 at a score of 0.
  const zeros = builder.scale(
    builder.gather(
      [scores],
      Int32Array.from({ length: 2 * features.rows }, (_, at) => at >> 1),
      [features.rows, 2],
    ),
    Float64Array.from({ length: 2 * features.rows }, (_, at) => at % 2),
    new Float64Array(2 * features.rows),
  );
  return [label, transformed(builder, zeros, post)];
};

/**
 * Tree ensembles, with float32 thresholds. Each different pair of feature and threshold costs one comparison (equality
 * two), each branch below a root one product. A class that no leaf votes for has a score of 0.
 */
export const treeOps: Operators = {
  "ai.onnx.ml.TreeEnsembleRegressor": { inputs: [1, 1], lower: regressor },
  "ai.onnx.ml.TreeEnsembleClassifier": { inputs: [1, 1], lower: classifier },
};
