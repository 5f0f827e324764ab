import type { IntegerGraph, Interval } from "../graph/types.ts";
import { verifyGraph } from "../graph/verify.ts";
import { elementCount } from "../program/geometry.ts";
import type { Program, Value } from "../program/types.ts";
import { checkWork } from "../program/work.ts";
import { checkRows } from "./data.ts";
import { edgeOf, finish, join, outputDtype, partsOf } from "./edges.ts";
import { chooseInputSpec, encodeInput } from "./input.ts";
import { withSmallMasks } from "./masks.ts";
import { aligned, bitsOf, centred } from "./narrow.ts";
import { FEW, readBits, type QuantiseOptions, type ScaleSearch } from "./options.ts";
import { Quantiser } from "./quantiser.ts";

/** What the quantiser did to one node of the program. */
export interface LayerReport {
  /** The node's name in the graph. */
  readonly name: string;
  readonly op: string;
  /** The ONNX node that it came from. */
  readonly source: string;
  readonly elements: number;
  /** What one unit of the result stands for; a power of two where others add to it, compare it or see it. */
  readonly scale: number;
  /** Proven interval of the results. */
  readonly range: Interval;
  /** Bits of the widest result, with its sign. */
  readonly bits: number;
  /**
   * Distance from the float model on the calibration data, by the root of the mean square, as a share of the range that
   * the value has there; none for a node that only prepares the next.
   */
  readonly error?: number;
}

export interface Quantised {
  readonly graph: IntegerGraph;
  readonly layers: readonly LayerReport[];
  /** Layers whose scales are others than one power of two. */
  readonly rescaled: number;
  /** Whether a factor or an offset is far off, and `precise` would help. */
  readonly crude: boolean;
  /** Where float and integer model are compared: what a last ArgMax reads, else the output. */
  readonly compared: {
    readonly tensor: string;
    readonly values: readonly Value[];
    readonly scale: number;
    readonly zero: number;
  };
}

/**
 * Turns a program into integers: scales chosen on the calibration data, exact bounds for every element, one rounding
 * wherever a value with many bits meets an operation that pays for bits.
 *
 * @param precise spends constraints on factors and offsets that are far off otherwise
 * @throws {AccumulatorOverflowError} when a layer's sums may reach 2^24 even with few bits.
 * @throws {CompileOptionError | CalibrationDataError | InputEncodingError | ScaleError} when options or data misfit.
 */
export function quantise(given: Program, options: QuantiseOptions, search?: ScaleSearch, precise = false): Quantised {
  const bits = { ...readBits(given, options, search), precise };
  const inputParts = partsOf(given.inputs);
  const sizes = inputParts.map(({ dims }) => elementCount(dims));
  const width = sizes.reduce((sum, size) => sum + size, 0);
  checkRows("calibration", options.calibration, width);
  checkWork(given, options.calibration.length);
  const split = (row: readonly number[]) => {
    let at = 0;
    return sizes.map((size) => row.slice(at, (at += size)));
  };
  const { program, floats } = withSmallMasks(given, options.calibration.map(split));
  const quantiser = new Quantiser(program, bits, floats);
  const edge = edgeOf(inputParts, "input");
  const whole = program.inputs.some(({ value }) => value.type !== "real");
  const narrow = program.inputs.some(({ value }) => value.type === "real" && quantiser.wantsNarrow(value));
  const joined = program.inputs.length > 1 || whole;
  const shape = { ...edge, maxExponent: whole ? 0 : 64, bits: !narrow || joined ? 16 : width <= FEW ? 10 : 8 } as const;
  const input = chooseInputSpec(shape, options);

  const { sheet } = quantiser;
  const start = Array.from({ length: width }, () => input.range);
  const samples = options.calibration.map((row) => Float64Array.from(encodeInput(input, row)));
  const exponent = Math.log2(input.scale);
  const exact = options.calibration.every((row) => row.every((each) => Number.isInteger(each / input.scale)));
  const all = sheet.input(input.name, start, exponent, input.zeroPoint, samples);
  let from = 0;
  for (const [at, { value }] of program.inputs.entries()) {
    const size = sizes[at]!;
    const index = Array.from({ length: size }, (_, k) => from + k);
    from += size;
    const part =
      program.inputs.length === 1
        ? all
        : sheet.add({ op: "gather", inputs: [all.tensor], constants: [], index }, exponent, input.zeroPoint);
    quantiser.set(value, part);
    if (!exact) quantiser.markRounded(value);
  }
  for (const step of program.steps) quantiser.step(step);

  const outputParts = partsOf(program.outputs);
  const named = edgeOf(outputParts, "output");
  const name = named.name === input.name || /^t[0-9]+$/.test(named.name) ? `${named.name}_out` : named.name;
  const results = program.outputs.map(({ value }) =>
    value.type === "real" ? quantiser.get(value) : quantiser.whole(value),
  );
  const [only] = results;
  const last = results.length === 1 && only !== undefined ? centred(sheet, only) : aligned(sheet, results);
  const made = Array.isArray(last) ? join(sheet, last) : last;
  const graph = finish(sheet, program.name, input, {
    tensor: made.tensor,
    spec: {
      name,
      dims: named.dims,
      dtype: outputDtype(made.range),
      range: made.range,
      scale: 2 ** made.exponent,
      zeroPoint: 0,
    },
    inputParts,
    outputParts,
  });
  verifyGraph(graph);
  const layers = graph.nodes.map((node): LayerReport => {
    const tensor = node.output === name ? made.tensor : node.output;
    const { intervals, range, exponent: unit } = sheet.quantity(tensor);
    const error = quantiser.errorOf(tensor);
    const source = sheet.sources.get(node.name) ?? "";
    const elements = intervals.length;
    const plain = { name: node.name, op: node.op, source, elements, scale: 2 ** unit, range, bits: bitsOf(range) };
    return error === undefined ? plain : { ...plain, error };
  });
  const { rescaled, crude } = quantiser;
  const label = program.steps.find((step) => step.output.id === program.outputs[0]?.value.id);
  if (program.outputs.length === 1 && label?.op === "argmax") {
    const { tensor, exponent: unit, zero } = quantiser.get(label.input);
    return { graph, layers, rescaled, crude, compared: { tensor, values: [label.input], scale: 2 ** unit, zero } };
  }
  const values = program.outputs.map(({ value }) => value);
  return { graph, layers, rescaled, crude, compared: { tensor: name, values, scale: graph.output.scale, zero: 0 } };
}
