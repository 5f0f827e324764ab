import { OnnxAttributeError } from "../errors.ts";
import { bounded } from "./operands.ts";
import type { OpContext } from "./types.ts";

const MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "LEAF"] as const;

type Mode = (typeof MODES)[number];

/** above: feature > threshold; below: feature < threshold; equal: feature = threshold. */
export type Kind = "above" | "below" | "equal";

/** A node with two children: `yes` where its comparison holds, else `no`. Children are places in {@link Forest.nodes}. */
export interface Branch {
  readonly feature: number;
  readonly threshold: number;
  readonly kind: Kind;
  readonly yes: number;
  readonly no: number;
}

/** Trees: every node but the roots is the child of exactly one branch, and a root leads to every node. */
export interface Forest {
  /** A leaf is undefined. */
  readonly nodes: readonly (Branch | undefined)[];
  /** One for each tree, in the order of the file. */
  readonly roots: readonly number[];
  /** Nodes by tree and node id. */
  readonly place: (tree: number, node: number) => number | undefined;
}

/** The comparison that each mode asks for, and whether the children change sides. */
const MEANING: Readonly<Record<Exclude<Mode, "LEAF">, readonly [kind: Kind, turned: boolean]>> = {
  BRANCH_LEQ: ["above", true],
  BRANCH_LT: ["below", false],
  BRANCH_GTE: ["below", true],
  BRANCH_GT: ["above", false],
  BRANCH_EQ: ["equal", false],
  BRANCH_NEQ: ["equal", true],
};

function broken({ node }: OpContext, attribute: string, found: string): OnnxAttributeError {
  return new OnnxAttributeError(node, attribute, found, "the trees are damaged, export the model again");
}

/** Reads a list that must be there with `length` elements. */
function list<Each>(context: OpContext, name: string, found: readonly Each[] | undefined, length?: number) {
  if (found !== undefined && found.length === (length ?? found.length)) return found;
  throw broken(context, name, found === undefined ? "missing" : `${found.length} long, where ${length} are needed`);
}

/** Numbers of a list by place, as weights come. */
export interface Votes {
  /** Place of the leaf, and what it votes for. */
  readonly leaf: readonly number[];
  readonly target: readonly number[];
  readonly weight: readonly number[];
}

/**
 * Reads the trees of a node.
 *
 * @throws {OnnxAttributeError} when ids are missing, given twice, or do not make trees.
 */
export function readForest(context: OpContext): Forest {
  const { attributes, node } = context;
  const trees = list(context, "nodes_treeids", attributes.integers("nodes_treeids"));
  const { length } = trees;
  if (length === 0) throw broken(context, "nodes_treeids", "empty");
  bounded(context, length);
  const integers = (name: string) => list(context, name, attributes.integers(name), length);
  const ids = integers("nodes_nodeids");
  const features = integers("nodes_featureids");
  const [truths, lies] = [integers("nodes_truenodeids"), integers("nodes_falsenodeids")];
  const values = list(context, "nodes_values", attributes.floats("nodes_values"), length);
  const modes = list(context, "nodes_modes", attributes.strings("nodes_modes"), length);
  // How often a branch was taken in training, and where NaN goes: neither matters for numbers that are never NaN.
  attributes.any("nodes_hitrates");
  attributes.any("nodes_missing_value_tracks_true");

  const places = new Map<number, Map<number, number>>();
  for (const [at, tree] of trees.entries()) {
    const known = places.get(tree) ?? new Map<number, number>();
    if (known.has(ids[at]!)) throw broken(context, "nodes_nodeids", `${ids[at]!} twice in tree ${tree}`);
    places.set(tree, known.set(ids[at]!, at));
  }
  const parents = new Int32Array(length).fill(-1);
  const child = (at: number, name: string, id: number) => {
    const found = places.get(trees[at]!)?.get(id);
    if (found === undefined) throw broken(context, name, `${id}, which is no node of tree ${trees[at]!}`);
    if (parents[found] !== -1) throw broken(context, name, `${id}, which has another parent in tree ${trees[at]!}`);
    parents[found] = at;
    return found;
  };
  const nodes = modes.map((found, at): Branch | undefined => {
    const mode = MODES.find((each) => each === found);
    if (mode === undefined) {
      throw new OnnxAttributeError(node, "nodes_modes", JSON.stringify(found.slice(0, 40)), `use ${MODES.join(", ")}`);
    }
    if (mode === "LEAF") return undefined;
    const [kind, turned] = MEANING[mode];
    const yes = child(at, "nodes_truenodeids", truths[at]!);
    const no = child(at, "nodes_falsenodeids", lies[at]!);
    const [feature, threshold] = [features[at]!, values[at]!];
    return { feature, threshold, kind, yes: turned ? no : yes, no: turned ? yes : no };
  });
  return { nodes, roots: rootsOf(context, nodes, parents, trees), place: (tree, id) => places.get(tree)?.get(id) };
}

/** Nodes without parents, one for each tree, from which all nodes can be reached. */
function rootsOf(
  context: OpContext,
  nodes: readonly (Branch | undefined)[],
  parents: Int32Array,
  trees: readonly number[],
): number[] {
  const roots = new Map<number, number>();
  for (const [at, tree] of trees.entries()) {
    if (parents[at] !== -1) continue;
    if (roots.has(tree)) throw broken(context, "nodes_treeids", `${tree} for two separate trees`);
    roots.set(tree, at);
  }
  // Each node has one parent at most, so what no root reaches runs in a circle.
  const queue = [...roots.values()];
  for (const at of queue) {
    const branch = nodes[at];
    if (branch !== undefined) queue.push(branch.yes, branch.no);
  }
  if (queue.length < nodes.length) throw broken(context, "nodes_truenodeids", "leading in a circle");
  return [...roots.values()];
}

/**
 * Reads what the leaves vote for: the lists `<prefix>_ids`, `_nodeids`, `_treeids` and `_weights`.
 *
 * @throws {OnnxAttributeError} when a vote is that of no leaf, or for no target.
 */
export function readVotes(context: OpContext, forest: Forest, prefix: "class" | "target", targets: number): Votes {
  const { attributes } = context;
  const target = list(context, `${prefix}_ids`, attributes.integers(`${prefix}_ids`));
  const { length } = target;
  const nodes = list(context, `${prefix}_nodeids`, attributes.integers(`${prefix}_nodeids`), length);
  const trees = list(context, `${prefix}_treeids`, attributes.integers(`${prefix}_treeids`), length);
  const weight = list(context, `${prefix}_weights`, attributes.floats(`${prefix}_weights`), length);
  const strange = target.find((each) => each < 0 || each >= targets);
  if (strange !== undefined) throw broken(context, `${prefix}_ids`, `${strange}, of ${targets}`);
  const leaf = nodes.map((id, at) => {
    const found = forest.place(trees[at]!, id);
    if (found !== undefined && forest.nodes[found] === undefined) return found;
    throw broken(context, `${prefix}_nodeids`, `${id}, which is no leaf of tree ${trees[at]!}`);
  });
  return { leaf, target, weight };
}
