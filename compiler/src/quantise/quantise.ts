import { denseBounds, hull, requantiseBounds, type Intervals } from "../graph/bounds.ts";
import { evaluateLayers, type FloatLayer, type FloatNetwork } from "../graph/network.ts";
import type { IntegerGraph, IntegerNode, Interval, TensorSpec } from "../graph/types.ts";
import { verifyGraph } from "../graph/verify.ts";
import { checkRows } from "./data.ts";
import { quantiseDense, type IntegerDense } from "./dense.ts";
import { bitLength, chooseInputSpec, encodeInput } from "./input.ts";
import { readBits, type QuantiseOptions } from "./options.ts";
import { chooseShift, requantise, type ShiftChoice } from "./shift.ts";

/** What the quantiser did to one layer. */
export interface LayerReport {
  /** The dense node's name in the graph. */
  readonly name: string;
  /** The ONNX nodes that the layer came from. */
  readonly source: readonly string[];
  readonly inputs: number;
  readonly outputs: number;
  /** Weights are multiples of 2^-weightExponent. */
  readonly weightExponent: number;
  /** What one unit of the accumulator stands for; a power of two. */
  readonly accumulatorScale: number;
  /** Proven interval of the layer's accumulators. */
  readonly accumulator: Interval;
  /** Bits of the widest accumulator, with its sign. */
  readonly accumulatorBits: number;
  /** The shift after it, and its effect on the calibration data; absent where the accumulators are used as they are. */
  readonly requantise?: ShiftChoice;
}

export interface Quantised {
  readonly graph: IntegerGraph;
  readonly layers: readonly LayerReport[];
}

/** The graph while it grows, with the calibration data run through it. */
interface State {
  readonly nodes: IntegerNode[];
  readonly widths: Record<string, number>;
  readonly ranges: Record<string, Interval>;
  tensor: string;
  intervals: Intervals;
  scale: number;
  zeroPoint: number;
  samples: readonly (readonly number[])[];
}

function record(state: State, tensor: string, intervals: Intervals): void {
  state.tensor = tensor;
  state.intervals = intervals;
  state.widths[tensor] = intervals.length;
  state.ranges[tensor] = hull(intervals);
}

/** Accumulators of one layer; all are exact because the bounds are below 2^24. */
function accumulate({ weights, bias }: IntegerDense, input: readonly number[]): number[] {
  return weights.map((row, place) =>
    row.reduce((sum, weight, index) => sum + weight * (input[index] ?? 0), bias[place] ?? 0),
  );
}

function signedBits({ min, max }: Interval): number {
  const negative = min < 0n ? bitLength(-min - 1n) : 0;
  return 1 + Math.max(negative, bitLength(max));
}

/** Adds one dense node, and the requantise node after it where there is one. */
function addLayer(
  state: State,
  layer: FloatLayer,
  index: number,
  last: boolean,
  names: { readonly accumulator: string; readonly activation: string },
  wanted: readonly Float64Array[],
  bits: ReturnType<typeof readBits>,
): LayerReport {
  const dense = quantiseDense(layer, state, bits.weightBits);
  const bounds = denseBounds(layer.name, dense.weights, dense.bias, state.intervals);
  const { weights, bias, scale } = dense;
  const from = state.tensor;
  const inputs = state.intervals.length;
  state.nodes.push({ op: "dense", name: layer.name, input: from, output: names.accumulator, weights, bias, bounds });
  record(state, names.accumulator, bounds);
  state.scale = scale;
  state.zeroPoint = 0;
  state.samples = state.samples.map((sample) => accumulate(dense, sample));
  const report = {
    name: layer.name,
    source: layer.source,
    inputs,
    outputs: bounds.length,
    weightExponent: dense.weightExponent,
    accumulatorScale: scale,
    accumulator: hull(bounds),
    accumulatorBits: signedBits(hull(bounds)),
  };
  if (!layer.relu) return report;

  // A ReLU after the last layer keeps every bit: nothing follows that would need a narrow input.
  const most = hull(bounds).max;
  const top = most > 0n ? most : 0n;
  const max = last ? top : (1n << BigInt(bits.activationBits)) - 1n;
  const choice = last
    ? { shift: 0, rmsError: 0, saturated: 0 }
    : chooseShift(state.samples, wanted, scale, Number(top), Number(max));
  const clamp = { min: 0n, max };
  const { shift } = choice;
  const name = `requantise${index}`;
  state.nodes.push({ op: "requantise", name, input: state.tensor, output: names.activation, shift, clamp });
  record(state, names.activation, requantiseBounds(name, bounds, shift, clamp));
  state.scale = scale * 2 ** shift;
  state.samples = state.samples.map((sample) => sample.map((value) => requantise(value, shift, Number(max))));
  return { ...report, requantise: choice };
}

function outputSpec({ output }: FloatNetwork, state: State): TensorSpec {
  const range = state.ranges[state.tensor] as Interval;
  if (output.kind === "values") {
    return { name: output.name, dtype: "i32", dims: output.dims, range, scale: state.scale, zeroPoint: 0 };
  }
  return { name: output.name, dtype: range.max < 256n ? "u8" : "u16", dims: [1], range, scale: 1, zeroPoint: 0 };
}

/**
 * Turns a float network into integers: power-of-two scales, one for each layer; exact bounds for every accumulator; the
 * requantise, ReLU and clamp of a layer in one node, its shift chosen on the calibration data. The last layer's
 * accumulators go to ArgMax, or out, as they are.
 *
 * @throws {AccumulatorOverflowError} when a layer's sums may reach 2^24.
 * @throws {CompileOptionError | CalibrationDataError | InputEncodingError | ScaleError} when options or data misfit.
 */
export function quantise(network: FloatNetwork, options: QuantiseOptions): Quantised {
  const bits = readBits(options);
  checkRows("calibration", options.calibration, network.input.width);
  const input = chooseInputSpec(network.input, options);
  const start = Array.from({ length: network.input.width }, () => input.range);
  const state: State = {
    nodes: [],
    widths: {},
    ranges: {},
    tensor: "",
    intervals: [],
    scale: input.scale,
    zeroPoint: input.zeroPoint,
    samples: options.calibration.map((row) => encodeInput(input, row)),
  };
  record(state, input.name, start);

  const floats = options.calibration.map((row) => evaluateLayers(network, row));
  const count = network.layers.length;
  const layers = network.layers.map((layer, index) => {
    const last = index === count - 1;
    const values = last && network.output.kind === "values";
    const names = {
      accumulator: values && !layer.relu ? network.output.name : `acc${index}`,
      activation: values ? network.output.name : `act${index}`,
    };
    const wanted = floats.map((all) => all[index] as Float64Array);
    return addLayer(state, layer, index, last, names, wanted, bits);
  });
  if (network.output.kind === "label") {
    const classes = BigInt(state.intervals.length);
    const { name } = network.output;
    state.nodes.push({ op: "argmax", name: "argmax", input: state.tensor, output: name });
    record(state, name, [{ min: 0n, max: classes - 1n }]);
  }
  const { nodes, widths, ranges } = state;
  const graph: IntegerGraph = {
    format: "assay.graph/1",
    name: network.name,
    input,
    output: outputSpec(network, state),
    nodes,
    widths,
    ranges,
  };
  verifyGraph(graph);
  return { graph, layers };
}
