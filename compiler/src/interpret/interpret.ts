import type { IntegerGraph, Interval } from "../graph/types.ts";
import { InputLengthError, InputValueError, TensorBoundError } from "./errors.ts";
import { runNode } from "./run.ts";

/** What the graph computes for one input. */
export interface Interpretation {
  readonly output: readonly number[];
  /** Every tensor by name: the input, all in between, and the output. */
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

function checkBounds(tensor: string, values: readonly number[], range: Interval | undefined): void {
  const [min, max] = [Number(range?.min ?? NaN), Number(range?.max ?? NaN)];
  const bad = values.findIndex((value) => !(Number.isSafeInteger(value) && value >= min && value <= max));
  if (bad >= 0) throw new TensorBoundError(tensor, bad, values[bad] ?? NaN);
}

/**
 * Runs an integer graph: the reference that ONNX Runtime, circuits and contracts are held to. Plain numbers are exact,
 * because every number of a verified graph stays below 2^24; each tensor is checked against its range all the same.
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
 * @throws {TensorBoundError} when the graph's ranges are wrong, or a node reads what nothing made, which `parseGraph` would have refused.
 */
export function interpret(graph: IntegerGraph, input: readonly (number | bigint)[]): Interpretation {
  const made = new Map<string, readonly number[]>([[graph.input.name, checkInput(graph, input)]]);
  const read = (tensor: string) => {
    const values = made.get(tensor);
    if (values === undefined) throw new TensorBoundError(tensor, 0, NaN);
    return values;
  };
  for (const node of graph.nodes) {
    const values = runNode(node, read);
    checkBounds(node.output, values, graph.ranges[node.output]);
    made.set(node.output, values);
  }
  return { output: read(graph.output.name), tensors: Object.fromEntries(made) };
}
