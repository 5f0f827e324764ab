import type { TensorSpec } from "./graph/types.ts";
import { interpret } from "./interpret/interpret.ts";
import { elementCount } from "./program/geometry.ts";
import type { Program, Value } from "./program/types.ts";
import { checkRows } from "./quantise/data.ts";
import { CalibrationDataError } from "./quantise/errors.ts";
import { encodeInput } from "./quantise/input.ts";
import type { LabelledData } from "./quantise/options.ts";
import type { LayerReport, Quantised } from "./quantise/quantise.ts";
import type { ConstraintEstimate } from "./report/constraints.ts";
import type { CostEstimate } from "./report/costs.ts";
import { runProgramInFloat32 } from "./report/float32.ts";

/** Float and integer model on the same data. */
export interface Comparison {
  readonly samples: number;
  /** Share of samples on which both give the same label (of the greatest output, where the model gives values). */
  readonly agreement: number;
  /** Share of right labels; only where labels were given. */
  readonly floatAccuracy?: number;
  readonly integerAccuracy?: number;
  /** Differences of the outputs, or of what a last ArgMax reads, in the model's own units. */
  readonly meanAbsoluteError: number;
  readonly maxAbsoluteError: number;
  /** The greatest difference as a share of the range that the float model's values span; 0 where they span nothing. */
  readonly relativeError: number;
}

export interface CompileReport {
  readonly input: TensorSpec;
  readonly output: TensorSpec;
  /** Sizes that symbolic dimensions were given. */
  readonly bound: Readonly<Record<string, number>>;
  readonly layers: readonly LayerReport[];
  /** What the circuit will have, counted from the graph. */
  readonly constraints: ConstraintEstimate;
  readonly cost: CostEstimate;
  /** On the calibration data, which chose the scales: an optimistic figure. */
  readonly calibration: Comparison;
  /** On the evaluation data, where it was given. */
  readonly evaluation?: Comparison;
}

/** The place of the greatest element; the lowest place wins a tie. */
function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) {
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index;
  }
  return best;
}

/** The label that a model's outputs name: its first one, where that is one whole number, else the place of the greatest. */
function labelOf(outputs: readonly number[], first: Value | undefined): number {
  const label = first?.type === "integer" && elementCount(first.dims) === 1;
  return label ? Math.round(outputs[0] ?? 0) : argMax(outputs);
}

/**
 * Runs float program and integer graph side by side. The float side rounds the inputs, and what each step makes, to
 * float32, as ONNX Runtime does: a tree that splits at a value of its data sends it the same way.
 *
 * @throws {CalibrationDataError} when rows or labels do not fit the model.
 * @throws {InputEncodingError} when a value is outside the graph's input range.
 */
export function compare(
  program: Program,
  { graph, compared }: Pick<Quantised, "graph" | "compared">,
  data: { readonly inputs: LabelledData["inputs"]; readonly labels?: readonly number[] },
  where: string,
): Comparison {
  const sizes = program.inputs.map(({ value }) => elementCount(value.dims));
  const width = sizes.reduce((sum, size) => sum + size, 0);
  checkRows(where, data.inputs, width);
  const { inputs, labels } = data;
  if (labels !== undefined && labels.length !== inputs.length) {
    throw new CalibrationDataError(`${where}.labels`, `${labels.length} labels`, `${inputs.length} inputs were given`);
  }
  const first = compared.values[0];
  let [agree, floatRight, integerRight, total, greatest, elements] = [0, 0, 0, 0, 0, 0];
  let [least, most] = [Infinity, -Infinity];
  for (const [place, row] of inputs.entries()) {
    let from = 0;
    const known = runProgramInFloat32(
      program,
      sizes.map((size) => row.slice(from, (from += size))),
    );
    const floats = compared.values.flatMap((value) => Array.from(value.constant ?? known.get(value.id) ?? []));
    const { tensors } = interpret(graph, encodeInput(graph.input, row));
    const integers = tensors[compared.tensor] ?? [];
    const reals = Array.from(integers, (value) => compared.scale * (value - compared.zero));
    const [float, integer] = [labelOf(floats, first), labelOf(reals, first)];
    agree += float === integer ? 1 : 0;
    floatRight += float === labels?.[place] ? 1 : 0;
    integerRight += integer === labels?.[place] ? 1 : 0;
    for (const [index, value] of reals.entries()) {
      const wanted = floats[index] ?? 0;
      const error = Math.abs(value - wanted);
      least = Math.min(least, wanted);
      most = Math.max(most, wanted);
      total += error;
      greatest = Math.max(greatest, error);
      elements++;
    }
  }
  const share = (count: number) => count / inputs.length;
  // One value, or equal ones, span nothing of their own; then their distance from 0 is what an error is measured by.
  const span = most > least ? most - least : Math.abs(most);
  return {
    samples: inputs.length,
    agreement: share(agree),
    ...(labels === undefined ? {} : { floatAccuracy: share(floatRight), integerAccuracy: share(integerRight) }),
    meanAbsoluteError: total / elements,
    maxAbsoluteError: greatest,
    relativeError: span > 0 ? greatest / span : greatest,
  };
}
