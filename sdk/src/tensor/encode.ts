import { show } from "../core/field-error.ts";
import { dtypeOfName, type DtypeInfo } from "./dtype.ts";
import { TensorError, TensorErrorCode } from "./error.ts";
import { countOf, headerBytes } from "./shape.ts";
import { MAX_TENSOR_BYTES, type Tensor, type TensorLimit } from "./tensor.ts";

/**
 * The one canonical encoding of `tensor`: dtype code (1 byte), rank (1 byte), dims (4 bytes each), data. Everything is
 * big-endian; whole numbers are two's complement, `f32` is IEEE 754.
 *
 * @example
 * ```ts
 * import { encodeTensor } from "@assay/sdk";
 * encodeTensor({ dtype: "i16", dims: [2], data: [1n, -1n] }); // 0x0401 00000002 0001 ffff
 * ```
 * @throws {TensorError} when the dtype is unknown, the shape or size is not allowed, the number of elements is not the
 * product of the dims, or an element does not fit its dtype exactly.
 */
export function encodeTensor(tensor: Tensor, { maxBytes = MAX_TENSOR_BYTES }: TensorLimit = {}): Uint8Array {
  const info = dtypeOfName(tensor.dtype);
  if (info === undefined) {
    throw new TensorError(
      TensorErrorCode.UnknownDtype,
      `The dtype is ${show(tensor.dtype)}; use one of u8 i8 u16 i16 u32 i32 u64 i64 f32 bool.`,
    );
  }
  const count = countOf(tensor.dims, info, maxBytes);
  if (tensor.data.length !== count) {
    throw new TensorError(
      TensorErrorCode.CountMismatch,
      `Dims [${tensor.dims.join(", ")}] hold ${count} elements, but ${tensor.data.length} were given; make them agree.`,
    );
  }
  const start = headerBytes(tensor.dims.length);
  const bytes = new Uint8Array(start + count * info.bytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = info.code;
  bytes[1] = tensor.dims.length;
  tensor.dims.forEach((dim, axis) => view.setUint32(2 + 4 * axis, dim));
  for (let index = 0; index < count; index++) writeElement(view, start, info, index, tensor.data[index]);
  return bytes;
}

function writeElement(view: DataView, start: number, info: DtypeInfo, index: number, value: unknown): void {
  const offset = start + index * info.bytes;
  if (info.dtype === "f32") {
    view.setFloat32(offset, requireF32(value, index));
    return;
  }
  if (typeof value !== "bigint" || value < info.min || value > info.max) {
    throw new TensorError(
      TensorErrorCode.ElementInvalid,
      `Element ${index} is ${show(value)}; ${info.dtype} takes a bigint from ${info.min} to ${info.max}.`,
    );
  }
  // Two's complement: the view writes the low bits, and the bounds above make that exact.
  if (info.bytes === 8) view.setBigUint64(offset, BigInt.asUintN(64, value));
  else if (info.bytes === 4) view.setUint32(offset, Number(BigInt.asUintN(32, value)));
  else if (info.bytes === 2) view.setUint16(offset, Number(BigInt.asUintN(16, value)));
  else view.setUint8(offset, Number(BigInt.asUintN(8, value)));
}

function requireF32(value: unknown, index: number): number {
  if (typeof value === "number" && !Object.is(value, -0) && Math.fround(value) === value) return value;
  throw new TensorError(
    TensorErrorCode.ElementInvalid,
    `Element ${index} is ${Object.is(value, -0) ? "-0" : show(value)}; f32 takes a number that single precision holds ` +
      "exactly (apply Math.fround first), not NaN and not -0.",
  );
}
