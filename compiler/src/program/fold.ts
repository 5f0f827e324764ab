import { inputsOf } from "./builder.ts";
import { convOutput, elementCount } from "./geometry.ts";
import type { ConvStep, DenseStep, Program, Step, Value } from "./types.ts";

/** factor * x + offset for every element of a value. */
interface Line {
  readonly input: Value;
  factor(at: number): number;
  offset(at: number): number;
}

function lineOf(step: Step): Line | undefined {
  if (step.op === "scale") {
    return { input: step.input, factor: (at) => step.factors[at]!, offset: (at) => step.offsets[at]! };
  }
  const [input] = step.op === "linear" ? step.inputs : [];
  if (step.op !== "linear" || step.inputs.length !== 1 || input === undefined) return undefined;
  return { input, factor: () => step.factors[0]!, offset: () => step.offset };
}

/** Whether a line does the same to all elements of each output channel, which then are `stride` apart or together. */
function uniform(
  line: Line,
  total: number,
  channelOf: (at: number) => number,
  firstOf: (channel: number) => number,
): boolean {
  for (let at = 0; at < total; at++) {
    const first = firstOf(channelOf(at));
    if (line.factor(at) !== line.factor(first) || line.offset(at) !== line.offset(first)) return false;
  }
  return true;
}

function foldDense(step: DenseStep, line: Line, output: Value): DenseStep | undefined {
  const outer = step.weights.length;
  if (
    !uniform(
      line,
      outer * step.rows,
      (at) => at % outer,
      (channel) => channel,
    )
  )
    return undefined;
  const weights = step.weights.map((row, j) => row.map((weight) => weight * line.factor(j)));
  const bias = step.bias.map((each, j) => each * line.factor(j) + line.offset(j));
  return { ...step, weights, bias, output };
}

function foldConv(step: ConvStep, line: Line, output: Value): ConvStep | undefined {
  const [height, width] = convOutput(step.shape);
  const { outputs } = step.shape;
  const area = height * width;
  if (
    !uniform(
      line,
      outputs * area,
      (at) => Math.floor(at / area),
      (channel) => channel * area,
    )
  )
    return undefined;
  const per = step.weights.length / outputs;
  const weights = step.weights.map((weight, at) => weight * line.factor(Math.floor(at / per) * area));
  const bias = step.bias.map((each, o) => each * line.factor(o * area) + line.offset(o * area));
  return { ...step, weights, bias, output };
}

/** A line of a line is one line. */
function foldLine(step: Step, line: Line, output: Value): Step | undefined {
  const inner = lineOf(step);
  if (inner === undefined) return undefined;
  const total = elementCount(output.dims);
  const factors = Float64Array.from({ length: total }, (_, at) => line.factor(at) * inner.factor(at));
  const offsets = Float64Array.from({ length: total }, (_, at) => line.factor(at) * inner.offset(at) + line.offset(at));
  return { op: "scale", input: inner.input, factors, offsets, output, source: step.source };
}

/**
 * Folds what only scales and shifts a layer's channels, such as a bias of its own or a batch normalisation, into the layer
 * itself, and lines into one line, where nothing else reads the plain result.
 */
export function fold(program: Program): Program {
  const readers = new Map<number, number>();
  const read = (value: Value) => readers.set(value.id, (readers.get(value.id) ?? 0) + 1);
  for (const step of program.steps) inputsOf(step).forEach(read);
  for (const { value } of program.outputs) read(value);
  const makers = new Map<number, number>();
  const steps: (Step | undefined)[] = [];
  for (const step of program.steps) {
    const line = lineOf(step);
    const place = line === undefined ? undefined : makers.get(line.input.id);
    const maker = place === undefined ? undefined : steps[place];
    let made: Step = step;
    if (line !== undefined && maker !== undefined && place !== undefined && readers.get(line.input.id) === 1) {
      const folded =
        maker.op === "dense"
          ? foldDense(maker, line, step.output)
          : maker.op === "conv"
            ? foldConv(maker, line, step.output)
            : foldLine(maker, line, step.output);
      if (folded !== undefined) {
        made = folded;
        steps[place] = undefined;
      }
    }
    makers.set(made.output.id, steps.length);
    steps.push(made);
  }
  return { ...program, steps: steps.filter((step) => step !== undefined) };
}
