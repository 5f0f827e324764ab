import { elementCount } from "../program/geometry.ts";
import type { ValueType } from "../program/types.ts";
import { elementType, typedField, type ElementType } from "./dtypes.ts";
import {
  OnnxDataLengthError,
  OnnxDtypeError,
  OnnxExternalDataError,
  OnnxShapeError,
  OnnxTooLargeError,
  OnnxWeightError,
} from "./errors.ts";
import { clampedInteger, safeInteger } from "./integers.ts";
import { MAX_ELEMENTS, MAX_RANK } from "./limits.ts";
import { dataTypeName, type TensorProto } from "./proto.ts";
import { quote } from "./quote.ts";

/** The greatest 32-bit float, which stands for infinity. */
export const MAX_FLOAT = (2 - 2 ** -23) * 2 ** 127;

/** Constants out of the file, row by row. */
export interface Tensor {
  readonly dims: readonly number[];
  readonly type: ValueType;
  /** TensorProto.DataType. */
  readonly dtype: number;
  readonly data: Float64Array;
}

/** Reads and bounds the shape of a constant; a dimension may be 0. */
function readDims(tensor: TensorProto): readonly number[] {
  const remedy = "export a smaller model";
  if (tensor.dims.length > MAX_RANK) {
    throw new OnnxTooLargeError(`Dimensions of ${quote(tensor.name)}`, tensor.dims.length, MAX_RANK, remedy);
  }
  const dims = tensor.dims.map((dim) => safeInteger(dim) ?? -1);
  const bad = dims.findIndex((size) => size < 0);
  if (bad >= 0) {
    const found = `dimension ${bad} is ${String(tensor.dims[bad])}`;
    throw new OnnxShapeError(`Initializer ${quote(tensor.name)}`, found, "a dimension cannot be negative");
  }
  const count = elementCount(dims);
  if (count > MAX_ELEMENTS)
    throw new OnnxTooLargeError(`Elements of ${quote(tensor.name)}`, count, MAX_ELEMENTS, remedy);
  return dims;
}

/** Refuses data that is elsewhere or given twice. */
function checkStorage(tensor: TensorProto, kind: ElementType, count: number): "raw" | "typed" {
  if (tensor.data_location !== 0 || tensor.external_data.length > 0) throw new OnnxExternalDataError(tensor.name);
  if (tensor.segment !== null) throw new OnnxDataLengthError(tensor.name, "its data is split in segments");
  const typed = typedField(tensor, kind).length;
  const all =
    tensor.float_data.length +
    tensor.int32_data.length +
    tensor.int64_data.length +
    tensor.double_data.length +
    tensor.uint64_data.length +
    tensor.string_data.length;
  if (all !== typed || (typed > 0 && tensor.raw_data.length > 0)) {
    throw new OnnxDataLengthError(tensor.name, "its data is given in two encodings");
  }
  if (typed === 0) {
    const want = count * kind.bytes;
    if (tensor.raw_data.length === want) return "raw";
    throw new OnnxDataLengthError(tensor.name, `its shape needs ${want} bytes and it has ${tensor.raw_data.length}`);
  }
  if (typed === count) return "typed";
  throw new OnnxDataLengthError(tensor.name, `its shape needs ${count} elements and it has ${typed}`);
}

/**
 * Reads a constant.
 *
 * @throws {OnnxDtypeError} when the elements are no numbers or booleans of at least 8 bits.
 * @throws {OnnxDataLengthError} when the data does not fit the shape.
 * @throws {OnnxExternalDataError} when the data is in another file.
 * @throws {OnnxWeightError} when an element is NaN, out of its type's range, or an integer beyond 2^53 that
 *   is not the least or greatest of 64 bits.
 */
export function readTensor(tensor: TensorProto): Tensor {
  const what = `Initializer ${quote(tensor.name)}`;
  const kind = elementType(tensor.data_type);
  if (kind === undefined) throw new OnnxDtypeError(what, dataTypeName(tensor.data_type), "a number or a boolean");
  const dims = readDims(tensor);
  const count = elementCount(dims);
  const data = new Float64Array(count);
  const raw = checkStorage(tensor, kind, count) === "raw";
  // protobufjs gives an absent field as an empty array, which has no buffer.
  const bytes = raw && count > 0 ? tensor.raw_data : new Uint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const listed = typedField(tensor, kind);
  for (let index = 0; index < count; index++) {
    const found = raw ? kind.raw(view, index * kind.bytes) : listed[index]!;
    const value = typeof found === "number" ? found : (clampedInteger(found) ?? NaN);
    const element = raw || kind.typed === undefined ? value : kind.typed(value);
    const [min, max] = kind.range ?? [-Infinity, Infinity];
    if (Number.isNaN(element) || element < min || element > max) {
      throw new OnnxWeightError(tensor.name, index, found.toString());
    }
    // -0 and 0 are one number. Infinities are masks, and as good as the greatest float, which times 0 is a number.
    data[index] = Math.min(Math.max(element, -MAX_FLOAT), MAX_FLOAT) + 0;
  }
  return { dims, type: kind.type, dtype: tensor.data_type, data };
}
