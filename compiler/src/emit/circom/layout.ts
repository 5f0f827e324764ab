import { PACKED_BINDING, type PortVisibility, type ZkBinding } from "@assay/sdk/zk-binding";

import type { IntegerDtype, IntegerGraph, Interval, TensorSpec } from "../../graph/types.ts";
import { GraphNotProvableError } from "./errors.ts";

/** Bytes of the context, which fill the first word. */
export const CONTEXT_BYTES = 31;
/** Bytes of a public word; 248 bits are below the field's modulus. */
export const WORD_BYTES = 31;

/** Hash of the open words, point, value at the point. */
const FINGERPRINT_WORDS = 3;

const DTYPES: Readonly<
  Record<IntegerDtype, { readonly code: number; readonly bytes: number; readonly signed: boolean }>
> = {
  u8: { code: 1, bytes: 1, signed: false },
  i8: { code: 2, bytes: 1, signed: true },
  u16: { code: 3, bytes: 2, signed: false },
  i16: { code: 4, bytes: 2, signed: true },
  u32: { code: 5, bytes: 4, signed: false },
  i32: { code: 6, bytes: 4, signed: true },
};

/** Bytes of a commitment. */
const COMMITMENT_BYTES = 32;

/** Where one tensor lies in its byte stream: the open one, or for a committed tensor one of its own. */
export interface PortLayout {
  readonly spec: TensorSpec;
  readonly visibility: PortVisibility;
  /** Offset of the header's first byte in the stream. */
  readonly offset: number;
  readonly header: Uint8Array;
  readonly elements: number;
  readonly bytesPerElement: number;
  /** Length of header and data. */
  readonly byteLength: number;
  /** Length of what requests and answers show: `byteLength`, or 32 for a commitment. */
  readonly publishedBytes: number;
}

/** The byte streams of a statement, their cut into words, and which words are public; see `IZkVerifier`. */
export interface PublicLayout {
  readonly binding: ZkBinding;
  readonly input: PortLayout;
  readonly output: PortLayout;
  /** Number of words of the open stream: the encodings of the public ports. */
  readonly openWords: number;
  /** Number of public words. */
  readonly words: number;
}

/**
 * Lays the public words of a graph out, packed and public unless said otherwise.
 *
 * @throws {GraphNotProvableError} when a range does not fit its dtype or the dims are not encodable.
 */
export function publicLayout(
  graph: Pick<IntegerGraph, "input" | "output">,
  binding: ZkBinding = PACKED_BINDING,
): PublicLayout {
  const input = port(graph.input, 0, binding.input);
  const before = binding.input === "public" && binding.output === "public" ? input.byteLength : 0;
  const output = port(graph.output, before, binding.output);
  const open = [input, output].filter(({ visibility }) => visibility === "public");
  const openWords = wordCount(open.reduce((sum, { byteLength }) => sum + byteLength, 0));
  const bound = binding.mode === "packed" ? CONTEXT_BYTES / WORD_BYTES + openWords : FINGERPRINT_WORDS;
  return { binding, input, output, openWords, words: bound + 2 - open.length };
}

/** Words of a stream. */
export function wordCount(bytes: number): number {
  return Math.ceil(bytes / WORD_BYTES);
}

/** Interval of the numbers that `dtype` can hold. */
export function dtypeInterval(dtype: IntegerDtype): Interval {
  const { bytes, signed } = DTYPES[dtype];
  const span = 1n << BigInt(8 * bytes);
  return signed ? { min: -span / 2n, max: span / 2n - 1n } : { min: 0n, max: span - 1n };
}

function port(spec: TensorSpec, offset: number, visibility: PortVisibility): PortLayout {
  const { code, bytes } = DTYPES[spec.dtype];
  const legal = dtypeInterval(spec.dtype);
  if (spec.range.min < legal.min || spec.range.max > legal.max || spec.range.min > spec.range.max) {
    throw new GraphNotProvableError(
      `tensor "${spec.name}": range [${spec.range.min}, ${spec.range.max}] does not fit ${spec.dtype}`,
    );
  }
  if (spec.dims.length > 255 || spec.dims.some((dim) => !Number.isInteger(dim) || dim < 1 || dim > 0xffffffff)) {
    throw new GraphNotProvableError(`tensor "${spec.name}": dims [${spec.dims.join(", ")}] cannot be encoded`);
  }
  const header = new Uint8Array(2 + 4 * spec.dims.length);
  header[0] = code;
  header[1] = spec.dims.length;
  const view = new DataView(header.buffer);
  for (const [index, dim] of spec.dims.entries()) view.setUint32(2 + 4 * index, dim);
  const elements = spec.dims.reduce((product, dim) => product * dim, 1);
  if (!Number.isSafeInteger(elements) || elements > 1 << 24) {
    throw new GraphNotProvableError(`tensor "${spec.name}": ${elements} elements; a port takes at most ${1 << 24}`);
  }
  const byteLength = header.length + elements * bytes;
  const publishedBytes = visibility === "public" ? byteLength : COMMITMENT_BYTES;
  return { spec, visibility, offset, header, elements, bytesPerElement: bytes, byteLength, publishedBytes };
}
