import { elementCount } from "../program/geometry.ts";
import { GraphInvalidError, LayerTooLargeError } from "./errors.ts";
import { nodeSpans } from "./intervals/node.ts";
import { EXACT_LIMIT, equalSpans, type Spans } from "./intervals/spans.ts";
import { MAX_GRAPH_ELEMENTS, MAX_GRAPH_WORK, MAX_TENSOR_ELEMENTS } from "./limits.ts";
import { shapeOf } from "./shape.ts";
import { inputsOf, type IntegerGraph, type TensorSpec } from "./types.ts";

/** What is left of the limits on a graph's size while its nodes are walked. */
class Budget {
  #elements = 0;
  #work = 0;

  /** @throws {LayerTooLargeError} when node `name`, which makes `width` elements in `work` steps, is too much. */
  take(name: string, width: number, work: number): void {
    this.#elements += width;
    this.#work += work;
    const checks = [
      ["elements", width, MAX_TENSOR_ELEMENTS],
      ["elements of all tensors so far", this.#elements, MAX_GRAPH_ELEMENTS],
      ["products and reads of all layers so far", this.#work, MAX_GRAPH_WORK],
    ] as const;
    for (const [what, got, limit] of checks) if (got > limit) throw new LayerTooLargeError(name, what, got, limit);
  }
}

function inputSpans({ name, dims, range }: TensorSpec, budget: Budget): Spans {
  const width = elementCount(dims);
  if (dims.length === 0 || !dims.every((size) => Number.isSafeInteger(size) && size >= 1)) {
    throw new GraphInvalidError("input.dims", `[${dims.join(", ")}]`, "positive integers");
  }
  budget.take(name, width, 0);
  if (range.min > range.max || range.min <= -EXACT_LIMIT || range.max >= EXACT_LIMIT) {
    throw new GraphInvalidError("input.range", `[${range.min}, ${range.max}]`, "integers of less than 2^24 in size");
  }
  return equalSpans(width, range);
}

/**
 * Derives the interval of every element of every tensor from the input's range alone, in the order in which the tensors
 * are made. Nothing that the graph says of its widths and ranges is read.
 *
 * @throws {GraphInvalidError} when nodes do not fit together; names the first that does not.
 * @throws {LayerTooLargeError} when the graph is over a limit; nothing of that size was allocated then.
 * @throws {AccumulatorOverflowError} when a number may reach 2^24.
 */
export function graphSpans({ input, nodes }: IntegerGraph): Map<string, Spans> {
  const budget = new Budget();
  const made = new Map([[input.name, inputSpans(input, budget)]]);
  const names = new Set<string>();
  for (const node of nodes) {
    const where = `nodes.${node.name}`;
    if (names.has(node.name)) throw new GraphInvalidError(where, "the same name twice", "one node of this name");
    names.add(node.name);
    const inputs = inputsOf(node).map((tensor) => {
      const spans = made.get(tensor);
      if (spans === undefined) throw new GraphInvalidError(`${where}.input`, tensor, "a tensor that was made before");
      return spans;
    });
    if (made.has(node.output)) throw new GraphInvalidError(`${where}.output`, node.output, "a new name");
    const widths = inputs.map(({ min }) => min.length);
    const { width, work } = shapeOf(node, widths);
    if (width < 1) throw new GraphInvalidError(where, "no elements", "at least one");
    budget.take(
      node.name,
      width,
      widths.reduce((sum, each) => sum + each, work),
    );
    made.set(node.output, nodeSpans(node, inputs, width));
  }
  return made;
}
