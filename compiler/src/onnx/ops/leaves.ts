import type { ProgramBuilder } from "../../program/builder.ts";
import type { Value } from "../../program/types.ts";
import { and, equal, not } from "./compare.ts";
import type { Features } from "./features.ts";
import type { Branch, Forest, Kind } from "./forest.ts";
import { bounded, misfit } from "./operands.ts";
import type { OpContext } from "./types.ts";
import { gatherAll } from "./wiring.ts";

/** Most comparisons on the way to a leaf. */
const MAX_DEPTH = 1_024;

/** A column of a matrix with one row for each row of features. */
interface Column {
  readonly matrix: Value;
  readonly at: number;
}

/** Columns of several matrices, side by side. */
function columns(context: OpContext, rows: number, picks: readonly Column[]): Value {
  const matrices = [...new Set(picks.map(({ matrix }) => matrix))];
  const widths = matrices.map(({ dims }) => dims[1]!);
  const starts = new Map<Value, readonly [start: number, width: number]>();
  let start = 0;
  for (const [k, matrix] of matrices.entries()) {
    starts.set(matrix, [start, widths[k]!]);
    start += widths[k]! * rows;
  }
  const index = new Int32Array(bounded(context, rows * picks.length));
  for (const [column, { matrix, at }] of picks.entries()) {
    const [from, width] = starts.get(matrix)!;
    for (let row = 0; row < rows; row++) index[row * picks.length + column] = from + row * width + at;
  }
  return gatherAll(context.builder, matrices, index, [rows, picks.length]);
}

/** Compares features with constants: one comparison for each different pair of feature and constant. */
class Comparisons {
  readonly #context: OpContext;
  readonly #features: Features;
  readonly #pairs = new Map<string, { feature: number; threshold: number; kind: Kind; at: number }>();
  readonly #counts = { above: 0, below: 0, equal: 0 };
  readonly #matrices = new Map<Kind, Value>();

  constructor(context: OpContext, features: Features, branches: Iterable<Branch>) {
    this.#context = context;
    this.#features = features;
    for (const branch of branches) {
      const key = this.#key(branch);
      if (this.#pairs.has(key)) continue;
      if (branch.feature < 0 || branch.feature >= features.width) {
        throw misfit(context, `a tree asks for feature ${branch.feature} of ${features.width}`);
      }
      const threshold = this.#threshold(branch);
      this.#pairs.set(key, { feature: branch.feature, threshold, kind: branch.kind, at: this.#counts[branch.kind]++ });
    }
    for (const kind of ["above", "below", "equal"] as const) {
      if (this.#counts[kind] > 0) this.#matrices.set(kind, this.#compare(kind));
    }
  }

  /** An integer is above 1.5 when it is above 1, and below 1.5 when it is below 2. */
  #threshold({ threshold, kind }: Branch): number {
    if (this.#features.value.type !== "integer" || kind === "equal") return threshold + 0;
    return (kind === "above" ? Math.floor(threshold) : Math.ceil(threshold)) + 0;
  }

  #key(branch: Branch): string {
    return `${branch.kind} ${branch.feature} ${this.#threshold(branch)}`;
  }

  #compare(kind: Kind): Value {
    const { builder } = this.#context;
    const { value, rows } = this.#features;
    const pairs = [...this.#pairs.values()].filter((each) => each.kind === kind);
    const picks = pairs.map(({ feature }) => ({ matrix: value, at: feature }));
    const inputs = columns(this.#context, rows, picks);
    const limits = Float64Array.from({ length: rows * pairs.length }, (_, at) => pairs[at % pairs.length]!.threshold);
    const constant = builder.constant(inputs.dims, limits, value.type);
    if (kind === "above") return builder.greater(inputs, constant);
    return kind === "below" ? builder.greater(constant, inputs) : equal(builder, inputs, constant);
  }

  /** The bit that decides a branch. */
  column(branch: Branch): Column {
    return { matrix: this.#matrices.get(branch.kind)!, at: this.#pairs.get(this.#key(branch))!.at };
  }
}

/** Which leaf of each tree a row of features ends in. */
export interface Leaves {
  /** [rows][places.length] booleans, or undefined when no tree has a branch. */
  readonly bits: Value | undefined;
  /** Place of each column's leaf in the forest. */
  readonly places: readonly number[];
  /** Leaves that are roots: every row ends there. */
  readonly always: readonly number[];
}

function without(builder: ProgramBuilder, whole: Value, part: Value): Value {
  const terms = [
    [1, whole],
    [-1, part],
  ] as const;
  return builder.as(builder.linear(terms, 0, "boolean"), "boolean");
}

/**
 * Writes trees level by level. A node is reached when its parent is and the parent's comparison says so, so that each
 * branch below the roots costs one product: its other child is reached when it is and the first child is not.
 */
export function findLeaves(context: OpContext, forest: Forest, features: Features): Leaves {
  const { builder } = context;
  const { rows } = features;
  const { nodes, roots } = forest;
  const comparisons = new Comparisons(
    context,
    features,
    nodes.filter((each) => each !== undefined),
  );
  const reached = new Map<number, Column>();
  let level = roots.filter((at) => nodes[at] !== undefined);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw misfit(context, `a tree has more than ${MAX_DEPTH} levels`, "use shallower trees");
    const branches = level.map((at) => nodes[at]!);
    const bits = columns(
      context,
      rows,
      branches.map((branch) => comparisons.column(branch)),
    );
    const parents = level.map((at) => reached.get(at)).filter((each) => each !== undefined);
    const parent = parents.length === 0 ? undefined : columns(context, rows, parents);
    const yes = parent === undefined ? bits : and(builder, parent, bits);
    const no = parent === undefined ? not(builder, bits) : without(builder, parent, yes);
    for (const [at, branch] of branches.entries()) {
      reached.set(branch.yes, { matrix: yes, at });
      reached.set(branch.no, { matrix: no, at });
    }
    level = branches.flatMap((branch) => [branch.yes, branch.no]).filter((at) => nodes[at] !== undefined);
  }
  const places = [...reached.keys()].filter((at) => nodes[at] === undefined);
  const picks = places.map((at) => reached.get(at)!);
  const bits = picks.length === 0 ? undefined : columns(context, rows, picks);
  return { bits, places, always: roots.filter((at) => nodes[at] === undefined) };
}
