import { LayerTooLargeError } from "../graph/errors.ts";
import { MAX_GRAPH_WORK } from "../graph/limits.ts";
import { convOutput, elementCount } from "./geometry.ts";
import type { Program, Step } from "./types.ts";

/** Most products and reads for all calibration inputs together: some minutes. */
const MAX_WORK = 2 ** 34;

function workOf(step: Step): number {
  const made = elementCount(step.output.dims);
  switch (step.op) {
    case "dense":
      return step.rows * step.weights.length * (step.weights[0]?.length ?? 0);
    case "conv": {
      const { outputs, channels, groups, kernel } = step.shape;
      return elementCount(convOutput(step.shape)) * outputs * (channels / groups) * elementCount(kernel);
    }
    case "matmul":
      return step.batch * step.m * step.k * step.n;
    case "sum":
    case "max":
    case "argmax":
      return made * step.width;
    default:
      return made;
  }
}

/**
 * Refuses what would keep the compiler busy for hours, before any of it is done.
 *
 * @throws {LayerTooLargeError} naming the ONNX node with which the work becomes too much.
 */
export function checkWork({ steps }: Program, inputs: number): void {
  let total = 0;
  for (const step of steps) {
    total += workOf(step);
    const what = "products and reads of all layers so far";
    if (total > MAX_GRAPH_WORK) throw new LayerTooLargeError(step.source, what, total, MAX_GRAPH_WORK);
    if (total * inputs > MAX_WORK) {
      throw new LayerTooLargeError(step.source, `${what}, for ${inputs} calibration inputs`, total * inputs, MAX_WORK);
    }
  }
}
