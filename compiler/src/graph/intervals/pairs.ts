import { GraphInvalidError } from "../errors.ts";
import { checkReach, emptySpans, sizeAt, type Spans } from "./spans.ts";

/**
 * Products of two tensors' elements; of a tensor with itself, squares.
 *
 * @throws {AccumulatorOverflowError} when one may reach 2^24.
 */
export function multiplySpans(name: string, left: Spans, right: Spans, same: boolean): Spans {
  const out = emptySpans(left.min.length);
  for (let at = 0; at < left.min.length; at++) {
    const [a, b, c, d] = [left.min[at]!, left.max[at]!, right.min[at]!, right.max[at]!];
    checkReach(name, at, sizeAt(left, at) * sizeAt(right, at));
    // Adding 0 turns -0 into 0.
    out.min[at] = (same ? (a <= 0 && b >= 0 ? 0 : Math.min(a * a, b * b)) : Math.min(a * c, a * d, b * c, b * d)) + 0;
    out.max[at] = Math.max(a * c, a * d, b * c, b * d) + 0;
  }
  return out;
}

/** left / right, halves rounded up, for integers below 2^24 and right at least 1: exact, see `divideSpans`. */
export function quotient(left: number, right: number): number {
  return Math.floor((2 * left + right) / (2 * right));
}

/**
 * Quotients rise with `left`, and with `right` rise or fall by the sign of `left`: their ends are at the corners.
 *
 * 2 |left| + right below 2^24 keeps every step of the runtime exact, 2 right q included: it is above 2 left - right and
 * at most 2 left + right. Doubles are exact too: a quotient that is no integer is 2^-25 or more away from one.
 *
 * @throws {GraphInvalidError} when a divisor may be below 1.
 * @throws {AccumulatorOverflowError} when 2 |left| + right may reach 2^24.
 */
export function divideSpans(name: string, left: Spans, right: Spans): Spans {
  const out = emptySpans(left.min.length);
  for (let at = 0; at < left.min.length; at++) {
    const [a, b, c, d] = [left.min[at]!, left.max[at]!, right.min[at]!, right.max[at]!];
    if (c < 1) throw new GraphInvalidError(`nodes.${name}.right`, "a divisor", `[${c}, ${d}] for element ${at}`);
    checkReach(name, at, 2 * sizeAt(left, at) + d);
    out.min[at] = Math.min(quotient(a, c), quotient(a, d));
    out.max[at] = Math.max(quotient(b, c), quotient(b, d));
  }
  return out;
}
