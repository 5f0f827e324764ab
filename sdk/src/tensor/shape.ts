import { show } from "../core/field-error.ts";
import type { DtypeInfo } from "./dtype.ts";
import { TensorError, TensorErrorCode } from "./error.ts";
import { MAX_RANK } from "./tensor.ts";

/**
 * Number of elements of a tensor with `dims`, whose encoding is at most `maxBytes` long. Stops at the first dim that
 * goes past the limit, so the product never overflows.
 * @throws {TensorError} when there are too many dims, one is not a whole number from 1 to 2^32 - 1, or the encoding
 * would be longer than `maxBytes`.
 */
export function countOf(dims: readonly number[], info: DtypeInfo, maxBytes: number): number {
  if (dims.length > MAX_RANK) {
    throw new TensorError(
      TensorErrorCode.RankTooHigh,
      `The tensor has ${dims.length} dims; at most ${MAX_RANK} are allowed, so flatten some.`,
    );
  }
  const room = Math.floor((maxBytes - headerBytes(dims.length)) / info.bytes);
  let count = 1;
  for (const [axis, dim] of dims.entries()) {
    if (!Number.isInteger(dim) || dim < 1 || dim > 0xffff_ffff) {
      throw new TensorError(
        TensorErrorCode.DimensionInvalid,
        `Dim ${axis} is ${show(dim)}; give a whole number from 1 to 2^32 - 1.`,
      );
    }
    // Both factors are below 2^32 + 1 while `count` is within `room`, so the product may round but never wraps.
    count *= dim;
    if (count > room) break;
  }
  if (count > room) {
    throw new TensorError(
      TensorErrorCode.TooLarge,
      `A ${info.dtype} tensor of dims [${dims.map(show).join(", ")}] needs more than ${maxBytes} bytes; send a smaller ` +
        "one, or raise maxBytes where the hub is not involved.",
    );
  }
  return count;
}

/** Bytes before the data. */
export function headerBytes(rank: number): number {
  return 2 + 4 * rank;
}
