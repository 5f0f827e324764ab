import { expect } from "chai";

import {
  OnnxAttributeError,
  OnnxDtypeError,
  OnnxShapeError,
  OnnxTooLargeError,
  OnnxUnsupportedOpError,
} from "../../../compiler/src/onnx/errors.ts";
import { treeOps } from "../../../compiler/src/onnx/ops/trees.ts";
import { forestLists, LIMITS, randomTree, type Tree } from "../../support/forests.ts";
import { bits, compare, integer, lists, made, real, refuses, type Case } from "../../support/lowering.ts";
import { attribute } from "../../support/onnx-builder.ts";
import { Random } from "../../support/random.ts";

const MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"];
const domain = "ai.onnx.ml";
const POSTS = ["NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO"];

describe("Tree ensembles as steps", () => {
  const random = new Random(4);
  const weight = () => Math.fround(random.normal());
  /** Rows on, below and above the thresholds. */
  const rows = (count: number, width: number) => {
    return [random.array(count * width, () => Math.fround(LIMITS[random.integer(0, 4)]! + random.integer(-1, 1) / 8))];
  };
  const regressor = (
    trees: readonly Tree[],
    input: Case["inputs"][number],
    ...more: Record<string, unknown>[]
  ): Case => {
    const counted = more.some((each) => each["name"] === "n_targets")
      ? more
      : [attribute.integer("n_targets", 1), ...more];
    const attributes = forestLists(trees, { prefix: "target", more: counted });
    return { op: "TreeEnsembleRegressor", domain, inputs: [input], attributes };
  };
  const classifier = (trees: readonly Tree[], labels: number[], ...more: Record<string, unknown>[]): Case => {
    const all = [lists.integers("classlabels_int64s", labels), ...more];
    const attributes = forestLists(trees, { prefix: "class", more: all });
    return { op: "TreeEnsembleClassifier", domain, inputs: [real(4, 3)], attributes, outputs: ["integer", "real"] };
  };
  const forest = (count: number, depth: number, modes: readonly string[], leaf: () => Record<number, number>) => {
    return random.array(count, () => 0).map(() => randomTree(random, { depth, features: 3, modes, leaf }));
  };
  const feeds = (count = 6) => random.array(count, () => 0).map(() => rows(4, 3));

  for (const mode of MODES) {
    it(`${mode} agrees with ONNX Runtime on both sides of a threshold and on it`, async () => {
      for (let round = 0; round < 4; round++) {
        const trees = forest(5, 4, [mode], () => ({ 0: weight() }));
        await compare(treeOps, regressor(trees, real(4, 3)), random, { feeds: feeds() });
      }
    });
  }

  it("mixes modes in one ensemble", async () => {
    const trees = forest(12, 5, MODES, () => ({ 0: weight() }));
    await compare(treeOps, regressor(trees, real(4, 3)), random, { feeds: feeds(20) });
  });

  it("sums, averages, and takes the least and the greatest, with base values", async () => {
    for (const how of ["SUM", "AVERAGE", "MIN", "MAX"]) {
      const more = [lists.text("aggregate_function", how)];
      const one = forest(5, 3, MODES, () => ({ 0: weight() }));
      await compare(treeOps, regressor(one, real(4, 3), ...more), random, { feeds: feeds() });
      await compare(treeOps, regressor(one, real(4, 3), ...more, lists.floats("base_values", [0.75])), random, {
        feeds: feeds(),
      });
      const two = forest(4, 3, MODES, () => ({ 0: weight(), 1: weight() }));
      const targets = [...more, attribute.integer("n_targets", 2), lists.floats("base_values", [0.5, -3])];
      await compare(treeOps, regressor(two, real(4, 3), ...targets), random, { feeds: feeds() });
    }
  });

  it("transforms the scores of several targets", async () => {
    for (const post of POSTS) {
      const trees = forest(3, 3, MODES, () => ({ [random.integer(0, 2)]: weight() }));
      const more = [attribute.integer("n_targets", 3), lists.text("post_transform", post)];
      // A row of zeros makes 0 / 0 in ONNX Runtime, so every leaf of one more tree votes.
      const sure: Tree = { weights: { 1: 0.5 } };
      await compare(treeOps, regressor([...trees, sure], real(4, 3), ...more), random, { feeds: feeds() });
    }
  });

  it("takes integers, with thresholds between them", async () => {
    const leaf = () => ({ 0: weight(), 1: weight(), 2: weight() });
    for (const mode of MODES) {
      for (const threshold of [-1.5, -0.5, 0, 0.25, 1.75]) {
        const tree: Tree = { mode, feature: 0, threshold, yes: { weights: leaf() }, no: { weights: leaf() } };
        const each = { ...classifier([tree], [1, 2, 3]), inputs: [integer([5, 1], -2, 2)] };
        await compare(treeOps, each, random, { feeds: [[[-2, -1, 0, 1, 2]]] });
      }
    }
    const each = classifier(forest(6, 4, MODES, leaf), [1, 2, 3]);
    await compare(treeOps, { ...each, inputs: [integer([4, 3], -2, 2)] }, random, { rounds: 20 });
  });

  it("takes leaves that are roots", async () => {
    await compare(treeOps, regressor([{ weights: { 0: 2.5 } }, { weights: { 0: 1 } }], real(2, 3)), random);
    const mixed: Tree[] = [{ weights: { 0: 2.5 } }, ...forest(2, 3, MODES, () => ({ 0: weight() }))];
    await compare(treeOps, regressor(mixed, real(4, 3)), random, { feeds: feeds() });
  });

  it("classifies three classes, whose labels are any integers", async () => {
    for (const post of POSTS) {
      for (const labels of [
        [0, 1, 2],
        [7, 8, 9],
        [30, -4, 5],
      ]) {
        const trees = forest(5, 3, MODES, () => ({ 0: weight(), 1: weight(), 2: weight() }));
        await compare(treeOps, classifier(trees, labels, lists.text("post_transform", post)), random, {
          feeds: feeds(),
        });
        const base = lists.floats("base_values", [0.5, -1, 0.25]);
        await compare(treeOps, classifier(trees, labels, lists.text("post_transform", post), base), random, {
          feeds: feeds(),
        });
      }
    }
  });

  it("classifies two classes by one score, as exporters write it", async () => {
    for (const post of POSTS) {
      for (const target of [0, 1]) {
        for (const sign of ["mixed", "positive"]) {
          const leaf = () => ({ [target]: sign === "mixed" ? weight() : Math.fround(random.real() / 3) });
          const trees = [...forest(3, 3, MODES, leaf), { weights: { [target]: 0.1 } }];
          const each = classifier(trees, [3, 8], lists.text("post_transform", post));
          await compare(treeOps, each, random, { feeds: feeds(10) });
          if (target === 1) continue;
          const base = classifier(
            trees,
            [3, 8],
            lists.text("post_transform", post),
            lists.floats("base_values", [0.25]),
          );
          await compare(treeOps, base, random, { feeds: feeds(10) });
        }
      }
    }
  });

  it("keeps rows of zeros at 0 under SOFTMAX_ZERO", async () => {
    const tree: Tree = {
      mode: "BRANCH_LEQ",
      feature: 0,
      threshold: 0,
      yes: { weights: { 0: 0 } },
      no: { weights: { 0: 0, 1: -20 } },
    };
    const each = classifier([tree], [0, 1, 2], lists.text("post_transform", "SOFTMAX_ZERO"));
    await compare(treeOps, each, random, { feeds: [[random.array(12, () => 1)]] });
  });

  it("pays one comparison for each different threshold and one product for each branch below a root", async () => {
    const leaf = (value: number): Tree => ({ weights: { 0: value } });
    const branch = (feature: number, threshold: number, yes: Tree, no: Tree, mode = "BRANCH_LEQ"): Tree => {
      return { mode, feature, threshold, yes, no };
    };
    const inner = branch(1, 0.5, leaf(3), leaf(4));
    const trees = [
      branch(0, 0.25, inner, branch(1, 0.5, leaf(5), leaf(6))),
      branch(0, 0.25, leaf(1), branch(2, -1, leaf(7), leaf(8), "BRANCH_GT"), "BRANCH_GT"),
    ];
    const program = await compare(treeOps, regressor(trees, real(1, 3)), random);
    expect(made(program, "greater"), "comparisons").to.equal(3);
    expect(made(program, "multiply"), "products").to.equal(3);
  });

  describe("refuses", () => {
    const stump: Tree = {
      mode: "BRANCH_LEQ",
      feature: 0,
      threshold: 0,
      yes: { weights: { 0: 1 } },
      no: { weights: { 0: 2 } },
    };
    const with_ = (
      changes: Record<string, Record<string, unknown> | undefined>,
      ...more: Record<string, unknown>[]
    ): Case => {
      const each = regressor([stump], real(1, 2), ...more);
      const attributes = each.attributes!.flatMap((attribute_) => {
        const name = attribute_["name"] as string;
        return name in changes ? (changes[name] ?? []) : [attribute_];
      });
      return { ...each, attributes: attributes as Record<string, unknown>[] };
    };
    const ints = (name: string, ...values: number[]) => ({ [name]: lists.integers(name, values) });

    it("children that are not there, are shared, or lead in a circle", () => {
      refuses(treeOps, with_(ints("nodes_truenodeids", 9, 0, 0)), OnnxAttributeError, "no node of tree 0");
      refuses(treeOps, with_(ints("nodes_truenodeids", 1, 0, 0)), OnnxAttributeError, "another parent");
      refuses(treeOps, with_(ints("nodes_truenodeids", 0, 0, 0)), OnnxAttributeError);
      const modes = lists.texts("nodes_modes", ["BRANCH_LEQ", "LEAF", "LEAF"]);
      refuses(treeOps, with_({ nodes_modes: modes, ...ints("nodes_treeids", 0, 0, 1) }), OnnxAttributeError, "tree 0");
      const ring = { ...ints("nodes_treeids", 0, 0, 0), ...ints("nodes_truenodeids", 1, 0, 0) };
      const circle = lists.texts("nodes_modes", ["BRANCH_LEQ", "BRANCH_LEQ", "LEAF"]);
      refuses(
        treeOps,
        with_({ ...ring, nodes_modes: circle, ...ints("nodes_falsenodeids", 2, 0, 0) }),
        OnnxAttributeError,
      );
      const self = lists.texts("nodes_modes", ["LEAF", "BRANCH_LEQ", "LEAF"]);
      const loop = { nodes_modes: self, ...ints("nodes_truenodeids", 0, 1, 0), ...ints("nodes_falsenodeids", 0, 2, 0) };
      refuses(treeOps, with_(loop), OnnxAttributeError, "circle");
      refuses(
        treeOps,
        with_({ nodes_modes: lists.texts("nodes_modes", ["LEAF", "LEAF", "LEAF"]) }),
        OnnxAttributeError,
        "separate",
      );
      refuses(treeOps, with_(ints("nodes_nodeids", 0, 1, 1)), OnnxAttributeError, "twice");
    });

    it("lists that are missing, empty or of different lengths", () => {
      refuses(treeOps, with_(ints("nodes_truenodeids", 1)), OnnxAttributeError, "1 long");
      refuses(treeOps, with_({ nodes_values: undefined }), OnnxAttributeError, "missing");
      refuses(treeOps, with_(ints("nodes_treeids")), OnnxAttributeError, "empty");
      refuses(treeOps, with_(ints("target_nodeids", 1)), OnnxAttributeError, "1 long");
      refuses(treeOps, with_({ target_weights: lists.floats("target_weights", []) }), OnnxAttributeError, "0 long");
    });

    it("features, modes, targets and votes that are not there", () => {
      refuses(treeOps, with_(ints("nodes_featureids", 2, 0, 0)), OnnxShapeError, "feature 2 of 2");
      refuses(treeOps, with_(ints("nodes_featureids", -1, 0, 0)), OnnxShapeError, "feature -1");
      const modes = lists.texts("nodes_modes", ["BRANCH_MEMBER", "LEAF", "LEAF"]);
      refuses(treeOps, with_({ nodes_modes: modes }), OnnxAttributeError, "BRANCH_MEMBER");
      refuses(treeOps, with_(ints("target_ids", 0, 1)), OnnxAttributeError, "1, of 1");
      refuses(treeOps, with_(ints("target_nodeids", 0, 1)), OnnxAttributeError, "no leaf of tree 0");
      refuses(treeOps, with_(ints("target_treeids", 0, 7)), OnnxAttributeError, "no leaf of tree 7");
      refuses(treeOps, with_({}, attribute.integer("n_targets", 0)), OnnxAttributeError, "n_targets");
      refuses(treeOps, with_({}, attribute.integer("n_targets", 2 ** 40)), OnnxTooLargeError, "Elements");
    });

    it("trees that are too deep", () => {
      let deep: Tree = { weights: { 0: 1 } };
      for (let depth = 0; depth < 1_025; depth++) {
        deep = { mode: "BRANCH_LEQ", feature: 0, threshold: depth, yes: deep, no: { weights: { 0: depth } } };
      }
      refuses(treeOps, regressor([deep], real(1, 1)), OnnxShapeError, "more than 1024 levels");
    });

    it("inputs that are no rows of numbers", () => {
      refuses(treeOps, regressor([stump], real(1, 2, 3)), OnnxShapeError, "3 dimensions");
      refuses(treeOps, regressor([stump], bits(1, 2)), OnnxDtypeError);
    });

    it("what runtimes do not agree on, and labels that are strings", () => {
      const score = lists.text("post_transform", "LOGISTIC");
      refuses(treeOps, regressor([stump], real(1, 2), score), OnnxAttributeError, "post_transform");
      refuses(
        treeOps,
        regressor([stump], real(1, 2), lists.text("post_transform", "PROBIT")),
        OnnxAttributeError,
        "PROBIT",
      );
      refuses(
        treeOps,
        regressor([stump], real(1, 2), lists.floats("base_values", [1, 2])),
        OnnxAttributeError,
        "base_values",
      );
      const both: Tree = { weights: { 0: 0.5, 1: 0.5 } };
      refuses(treeOps, classifier([both], [0, 1]), OnnxUnsupportedOpError, "of two classes");
      refuses(
        treeOps,
        classifier([stump], [0, 1], lists.floats("base_values", [1, 2])),
        OnnxAttributeError,
        "base_values",
      );
      refuses(treeOps, classifier([stump], [0]), OnnxAttributeError, "two classes");
      const names = lists.texts("classlabels_strings", ["cat", "dog"]);
      refuses(treeOps, classifier([stump], [], names), OnnxUnsupportedOpError, "zipmap", "integer labels");
      const least = [lists.text("aggregate_function", "MIN"), attribute.integer("n_targets", 2)];
      refuses(treeOps, regressor([stump], real(1, 2), ...least), OnnxUnsupportedOpError, "exactly one weight");
    });
  });
});
