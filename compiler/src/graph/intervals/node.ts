import type { IntegerNode } from "../types.ts";
import { argMaxSpans, gatherSpans, greaterSpans, maxSpans, oneHotSpans } from "./choices.ts";
import { lookupSpans, requantiseSpans } from "./functions.ts";
import { divideSpans, multiplySpans } from "./pairs.ts";
import { checkReach, sizeAt, type Spans } from "./spans.ts";
import { convSpans, denseSpans, linearSpans, matMulSpans, scaleSpans, sumSpans } from "./sums.ts";

function spansOf(node: IntegerNode, inputs: readonly Spans[], width: number): Spans {
  const [first, second] = inputs as readonly [Spans, Spans];
  switch (node.op) {
    case "dense":
      return denseSpans(node, first);
    case "conv":
      return convSpans(node, first);
    case "gather":
      return gatherSpans(node, inputs);
    case "linear":
      return linearSpans(node, inputs, width);
    case "scale":
      return scaleSpans(node, first);
    case "sum":
      return sumSpans(node, first);
    case "max":
      return maxSpans(node, first);
    case "argmax":
      return argMaxSpans(node, first);
    case "requantise":
      return requantiseSpans(node, first);
    case "lookup":
      return lookupSpans(node, first);
    case "multiply":
      return multiplySpans(node.name, first, second, node.left === node.right);
    case "greater":
      return greaterSpans(first, second, node.left === node.right);
    case "divide":
      return divideSpans(node.name, first, second);
    case "matmul":
      return matMulSpans(node, first, second);
    case "onehot":
      return oneHotSpans(node, first);
  }
}

/**
 * The interval of each element that a node makes, over all inputs in theirs. The node's shape is known to be right, see
 * `shapeOf`; `width` is what that gave.
 *
 * Exact where the inputs' elements are independent, but for argmax and for an input that is read twice; else it contains
 * all that is reached.
 *
 * @throws {AccumulatorOverflowError} when an intermediate or a result may reach 2^24.
 * @throws {GraphInvalidError} when a lookup, onehot or divide takes what is not proven of its input.
 */
export function nodeSpans(node: IntegerNode, inputs: readonly Spans[], width: number): Spans {
  const made = spansOf(node, inputs, width);
  for (let at = 0; at < made.min.length; at++) checkReach(node.name, at, sizeAt(made, at));
  return made;
}
