import { show } from "../core/field-error.ts";
import { dtypeOfCode, type DtypeInfo } from "./dtype.ts";
import { TensorError, TensorErrorCode } from "./error.ts";
import { countOf, headerBytes } from "./shape.ts";
import { MAX_RANK, MAX_TENSOR_BYTES, type Tensor, type TensorLimit } from "./tensor.ts";

/**
 * The tensor that `bytes` encode. Accepts nothing but the one canonical form, so `encodeTensor` gives the same bytes.
 * @throws {TensorError} when there are more than `maxBytes` bytes, or they are not exactly one canonical encoding.
 */
export function decodeTensor(bytes: Uint8Array, { maxBytes = MAX_TENSOR_BYTES }: TensorLimit = {}): Tensor {
  requireSize(bytes, maxBytes);
  const { tensor, end } = readTensor(bytes, 0, maxBytes);
  if (end !== bytes.length) {
    throw new TensorError(
      TensorErrorCode.TrailingBytes,
      `${bytes.length - end} bytes follow the tensor's ${end}; send exactly one encoding.`,
    );
  }
  return tensor;
}

/**
 * The tensors whose encodings follow one another in `bytes`, in order; none for no bytes.
 * @throws {TensorError} when there are more than `maxBytes` bytes in all, or a part of them is not canonical.
 */
export function decodeTensors(bytes: Uint8Array, { maxBytes = MAX_TENSOR_BYTES }: TensorLimit = {}): Tensor[] {
  requireSize(bytes, maxBytes);
  const tensors: Tensor[] = [];
  // The shortest encoding has 3 bytes, so this loop takes at most maxBytes / 3 turns.
  for (let offset = 0; offset < bytes.length;) {
    const { tensor, end } = readTensor(bytes, offset, maxBytes);
    tensors.push(tensor);
    offset = end;
  }
  return tensors;
}

function requireSize(bytes: Uint8Array, maxBytes: number): void {
  if (!(bytes instanceof Uint8Array)) {
    throw new TensorError(TensorErrorCode.Truncated, `The encoding is ${show(bytes)}; give a Uint8Array.`);
  }
  if (bytes.length > maxBytes) {
    throw new TensorError(
      TensorErrorCode.TooLarge,
      `The encoding has ${bytes.length} bytes; at most ${maxBytes} are read.`,
    );
  }
}

function readTensor(bytes: Uint8Array, offset: number, maxBytes: number): { tensor: Tensor; end: number } {
  const available = bytes.length - offset;
  if (available < 2) throw truncated(available, 2);
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, available);
  const code = view.getUint8(0);
  const info = dtypeOfCode(code);
  if (info === undefined) {
    throw new TensorError(TensorErrorCode.UnknownDtype, `The dtype code is ${code}; known codes are 1 to 10.`);
  }
  const rank = view.getUint8(1);
  if (rank > MAX_RANK) {
    throw new TensorError(TensorErrorCode.RankTooHigh, `The rank is ${rank}; at most ${MAX_RANK} is allowed.`);
  }
  const header = headerBytes(rank);
  if (available < header) throw truncated(available, header);
  const dims = Array.from({ length: rank }, (_, axis) => view.getUint32(2 + 4 * axis));
  const count = countOf(dims, info, maxBytes);
  const size = header + count * info.bytes;
  if (available < size) throw truncated(available, size);
  const end = offset + size;
  if (info.dtype === "f32") {
    const data = Array.from({ length: count }, (_, index) => readF32(view, header + 4 * index, index));
    return { tensor: { dtype: "f32", dims, data }, end };
  }
  const data = Array.from({ length: count }, (_, index) => readInteger(view, header, info, index));
  return { tensor: { dtype: info.dtype, dims, data }, end };
}

function readInteger(view: DataView, start: number, info: DtypeInfo, index: number): bigint {
  const offset = start + index * info.bytes;
  let value: bigint;
  if (info.bytes === 8) value = view.getBigUint64(offset);
  else if (info.bytes === 4) value = BigInt(view.getUint32(offset));
  else if (info.bytes === 2) value = BigInt(view.getUint16(offset));
  else value = BigInt(view.getUint8(offset));
  if (info.min < 0n) return BigInt.asIntN(8 * info.bytes, value);
  if (value > info.max) {
    // Only `bool` leaves bit patterns unused.
    throw new TensorError(TensorErrorCode.ElementInvalid, `Element ${index} is ${value}; a bool is 0 or 1.`);
  }
  return value;
}

function readF32(view: DataView, offset: number, index: number): number {
  const value = view.getFloat32(offset);
  if (Number.isNaN(value) || Object.is(value, -0)) {
    throw new TensorError(
      TensorErrorCode.ElementInvalid,
      `Element ${index} is ${Number.isNaN(value) ? "NaN" : "-0"}; neither is allowed, because it has other spellings.`,
    );
  }
  return value;
}

function truncated(received: number, needed: number): TensorError {
  return new TensorError(
    TensorErrorCode.Truncated,
    `The encoding has ${received} bytes where ${needed} are needed; send all of it.`,
  );
}
