import { argMax, evaluateLayers, type FloatNetwork } from "./graph/network.ts";
import type { IntegerGraph, TensorSpec } from "./graph/types.ts";
import { interpret } from "./interpret/interpret.ts";
import { checkRows } from "./quantise/data.ts";
import { CalibrationDataError } from "./quantise/errors.ts";
import { decodeTensor, encodeInput } from "./quantise/input.ts";
import type { LabelledData } from "./quantise/options.ts";
import type { LayerReport } from "./quantise/quantise.ts";

/** Float and integer model on the same data. */
export interface Comparison {
  readonly samples: number;
  /** Share of samples on which both give the same label (of the greatest output, where the model gives values). */
  readonly agreement: number;
  /** Share of right labels; only where labels were given. */
  readonly floatAccuracy?: number;
  readonly integerAccuracy?: number;
  /** Differences of the last layer's outputs, in the model's own units. */
  readonly meanAbsoluteError: number;
  readonly maxAbsoluteError: number;
}

export interface CompileReport {
  readonly input: TensorSpec;
  readonly output: TensorSpec;
  readonly layers: readonly LayerReport[];
  /** On the calibration data, which chose the scales: an optimistic figure. */
  readonly calibration: Comparison;
  /** On the evaluation data, where it was given. */
  readonly evaluation?: Comparison;
}

/**
 * Runs float network and integer graph side by side. The float side computes in double precision.
 *
 * @throws {CalibrationDataError} when rows or labels do not fit the model.
 * @throws {InputEncodingError} when a value is outside the graph's input range.
 */
export function compare(
  network: FloatNetwork,
  graph: IntegerGraph,
  scale: number,
  data: { readonly inputs: LabelledData["inputs"]; readonly labels?: readonly number[] },
  where: string,
): Comparison {
  checkRows(where, data.inputs, network.input.width);
  const { inputs, labels } = data;
  if (labels !== undefined && labels.length !== inputs.length) {
    throw new CalibrationDataError(`${where}.labels`, `${labels.length} labels`, `${inputs.length} inputs were given`);
  }
  const tensor = graph.nodes.at(-1)?.op === "argmax" ? (graph.nodes.at(-1)?.input ?? "") : graph.output.name;
  let [agree, floatRight, integerRight, total, greatest] = [0, 0, 0, 0, 0];
  let elements = 0;
  for (const [place, row] of inputs.entries()) {
    const floats = evaluateLayers(network, row).at(-1) ?? new Float64Array();
    const integers = interpret(graph, encodeInput(graph.input, row)).tensors[tensor] ?? [];
    const [float, integer] = [argMax(floats), argMax(integers)];
    agree += float === integer ? 1 : 0;
    floatRight += float === labels?.[place] ? 1 : 0;
    integerRight += integer === labels?.[place] ? 1 : 0;
    const real = decodeTensor({ ...graph.output, scale, zeroPoint: 0 }, integers);
    for (const [index, value] of real.entries()) {
      const error = Math.abs(value - (floats[index] ?? 0));
      total += error;
      greatest = Math.max(greatest, error);
      elements++;
    }
  }
  const share = (count: number) => count / inputs.length;
  return {
    samples: inputs.length,
    agreement: share(agree),
    ...(labels === undefined ? {} : { floatAccuracy: share(floatRight), integerAccuracy: share(integerRight) }),
    meanAbsoluteError: total / elements,
    maxAbsoluteError: greatest,
  };
}
