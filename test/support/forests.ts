import { lists } from "./lowering.ts";
import type { Random } from "./random.ts";

/** A node of a tree under test: a branch, or a leaf with weights by target. */
export type Tree =
  | {
      readonly mode: string;
      readonly feature: number;
      readonly threshold: number;
      readonly yes: Tree;
      readonly no: Tree;
    }
  | { readonly weights: Readonly<Record<number, number>> };

export interface ForestOptions {
  readonly prefix: "class" | "target";
  readonly more?: readonly Record<string, unknown>[];
}

/** The lists that an exporter writes; ids are in no order, but a root comes first. */
export function forestLists(trees: readonly Tree[], { prefix, more = [] }: ForestOptions): Record<string, unknown>[] {
  const node = {
    treeids: [] as number[],
    nodeids: [] as number[],
    featureids: [] as number[],
    truenodeids: [] as number[],
    falsenodeids: [] as number[],
  };
  const [modes, values]: [string[], number[]] = [[], []];
  const votes = { treeids: [] as number[], nodeids: [] as number[], ids: [] as number[] };
  const weights: number[] = [];
  for (const [treeId, root] of trees.entries()) {
    let ids = 0;
    const write = (tree: Tree): number => {
      const id = ids++;
      const at = modes.length;
      node.treeids.push(treeId);
      node.nodeids.push(id);
      if ("weights" in tree) {
        for (const list of [node.featureids, node.truenodeids, node.falsenodeids, values]) list.push(0);
        modes.push("LEAF");
        for (const [target, weight] of Object.entries(tree.weights)) {
          votes.treeids.push(treeId);
          votes.nodeids.push(id);
          votes.ids.push(Number(target));
          weights.push(weight);
        }
        return id;
      }
      modes.push(tree.mode);
      values.push(tree.threshold);
      node.featureids.push(tree.feature);
      node.truenodeids.push(0);
      node.falsenodeids.push(0);
      // The false side first: nothing may rely on the order.
      node.falsenodeids[at] = write(tree.no);
      node.truenodeids[at] = write(tree.yes);
      return id;
    };
    write(root);
  }
  return [
    ...Object.entries(node).map(([name, list]) => lists.integers(`nodes_${name}`, list)),
    lists.texts("nodes_modes", modes),
    lists.floats("nodes_values", values),
    ...Object.entries(votes).map(([name, list]) => lists.integers(`${prefix}_${name}`, list)),
    lists.floats(`${prefix}_weights`, weights),
    ...more,
  ];
}

export const LIMITS = [-1, -0.5, 0, 0.25, 1].map(Math.fround);

/** A random tree; thresholds come from {@link LIMITS}, so that many are shared. */
export function randomTree(
  random: Random,
  {
    depth,
    features,
    modes,
    leaf,
  }: {
    readonly depth: number;
    readonly features: number;
    readonly modes: readonly string[];
    readonly leaf: () => Readonly<Record<number, number>>;
  },
): Tree {
  if (depth === 0 || random.real() < 0.15) return { weights: leaf() };
  const next = { depth: depth - 1, features, modes, leaf };
  return {
    mode: modes[random.integer(0, modes.length - 1)]!,
    feature: random.integer(0, features - 1),
    threshold: LIMITS[random.integer(0, LIMITS.length - 1)]!,
    yes: randomTree(random, next),
    no: randomTree(random, next),
  };
}
