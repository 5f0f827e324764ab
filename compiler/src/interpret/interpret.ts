import type { IntegerGraph, IntegerNode, Interval } from "../graph/types.ts";
import { InputLengthError, InputValueError, TensorBoundError } from "./errors.ts";

/** What the graph computes for one input. */
export interface Interpretation {
  readonly output: readonly number[];
  /** Every tensor by name: the input, the accumulators, the activations and the output. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
}

function checkInput({ input, widths }: IntegerGraph, values: readonly (number | bigint)[]): number[] {
  const width = widths[input.name] ?? 0;
  if (values.length !== width) throw new InputLengthError(input.name, values.length, width);
  const { min, max } = input.range;
  return Array.from(values, (value, index) => {
    const whole = typeof value === "bigint" || Number.isSafeInteger(value);
    if (whole && value >= min && value <= max) return Number(value) + 0;
    throw new InputValueError(input.name, index, value, min, max);
  });
}

function checkBounds(
  tensor: string,
  values: readonly number[],
  boundOf: (index: number) => Interval | undefined,
): void {
  for (const [index, value] of values.entries()) {
    const bound = boundOf(index);
    const held = bound !== undefined && Number.isSafeInteger(value) && value >= bound.min && value <= bound.max;
    if (!held) throw new TensorBoundError(tensor, index, value);
  }
}

function run(node: IntegerNode, input: readonly number[]): number[] {
  switch (node.op) {
    case "dense":
      return node.weights.map((row, place) => {
        let sum = node.bias[place] ?? NaN;
        for (let index = 0; index < row.length; index++) sum += (row[index] as number) * (input[index] ?? NaN);
        return sum;
      });
    case "requantise": {
      const [min, max] = [Number(node.clamp.min), Number(node.clamp.max)];
      const half = node.shift === 0 ? 0 : 2 ** (node.shift - 1);
      const step = 2 ** node.shift;
      return input.map((value) => Math.min(Math.max(Math.floor((value + half) / step), min), max));
    }
    case "argmax": {
      let best = 0;
      for (let index = 1; index < input.length; index++) {
        if ((input[index] as number) > (input[best] as number)) best = index;
      }
      return [best];
    }
  }
}

/**
 * Runs an integer graph: the reference that ONNX Runtime, circuits and contracts are held to. Plain numbers are exact,
 * because every sum of a verified graph stays below 2^24; each tensor is checked against its bounds all the same.
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { compileOnnx, interpret } from "@assay/compiler";
 * const images = JSON.parse(await readFile("vectors/models/digits/calibration.json", "utf8")).images;
 * const model = await readFile("vectors/models/digits/model.onnx");
 * const { graph } = compileOnnx(model, { name: "digits", calibration: images.map(({ pixels }) => pixels) });
 * interpret(graph, images[0].pixels).output; // [ 5 ]
 * ```
 * @throws {InputLengthError | InputValueError} when the input is not what the graph's input spec says.
 * @throws {TensorBoundError} when the graph's bounds are wrong, which `parseGraph` would have refused.
 */
export function interpret(graph: IntegerGraph, input: readonly (number | bigint)[]): Interpretation {
  let values: readonly number[] = checkInput(graph, input);
  const tensors: Record<string, readonly number[]> = { [graph.input.name]: values };
  for (const node of graph.nodes) {
    const made = run(node, values);
    const range = graph.ranges[node.output];
    checkBounds(node.output, made, node.op === "dense" ? (index) => node.bounds[index] : () => range);
    tensors[node.output] = made;
    values = made;
  }
  return { output: values, tensors };
}
