import {
  OnnxDataLengthError,
  OnnxDtypeError,
  OnnxExternalDataError,
  OnnxShapeError,
  OnnxTooLargeError,
  OnnxWeightError,
} from "./errors.ts";
import { MAX_RANK, MAX_WEIGHTS } from "./limits.ts";
import { dataTypeName, FLOAT, INT64, type Int64, type TensorProto } from "./proto.ts";
import { quote } from "./quote.ts";

/** Constant floats out of the file, row by row. */
export interface FloatTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** The value of a 64-bit integer, or undefined when a double cannot hold it. */
export function safeInteger(value: Int64): number | undefined {
  const number = Number(value.toString());
  return Number.isSafeInteger(number) ? number : undefined;
}

/** How many elements a shape has. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}

/** Reads and bounds the shape of a constant. */
function readDims(tensor: TensorProto): readonly number[] {
  const remedy = "export a smaller model";
  if (tensor.dims.length > MAX_RANK) {
    throw new OnnxTooLargeError(`Dimensions of ${quote(tensor.name)}`, tensor.dims.length, MAX_RANK, remedy);
  }
  const dims = tensor.dims.map((dim) => safeInteger(dim) ?? -1);
  const bad = dims.findIndex((size) => size < 1);
  if (bad >= 0) {
    const found = `dimension ${bad} is ${String(tensor.dims[bad])}`;
    throw new OnnxShapeError(`Initializer ${quote(tensor.name)}`, found, "every dimension must be at least 1");
  }
  const count = elementCount(dims);
  if (count > MAX_WEIGHTS) throw new OnnxTooLargeError(`Elements of ${quote(tensor.name)}`, count, MAX_WEIGHTS, remedy);
  return dims;
}

/** Refuses data that is elsewhere or given twice; `typed` is the length of the one typed field that may hold it. */
function checkStorage(tensor: TensorProto, typed: number, bytesPerElement: number, count: number): "raw" | "typed" {
  if (tensor.data_location !== 0 || tensor.external_data.length > 0) throw new OnnxExternalDataError(tensor.name);
  if (tensor.segment !== null) throw new OnnxDataLengthError(tensor.name, "its data is split in segments");
  const others =
    tensor.float_data.length +
    tensor.int32_data.length +
    tensor.int64_data.length +
    tensor.double_data.length +
    tensor.uint64_data.length +
    tensor.string_data.length;
  if (others !== typed || (typed > 0 && tensor.raw_data.length > 0)) {
    throw new OnnxDataLengthError(tensor.name, "its data is given in two encodings");
  }
  if (typed === 0) {
    const want = count * bytesPerElement;
    if (tensor.raw_data.length === want) return "raw";
    throw new OnnxDataLengthError(tensor.name, `its shape needs ${want} bytes and it has ${tensor.raw_data.length}`);
  }
  if (typed === count) return "typed";
  throw new OnnxDataLengthError(tensor.name, `its shape needs ${count} elements and it has ${typed}`);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Reads a constant of weights.
 *
 * @throws {OnnxDtypeError} when the elements are not float32.
 * @throws {OnnxDataLengthError} when the data does not fit the shape.
 * @throws {OnnxExternalDataError} when the data is in another file.
 * @throws {OnnxWeightError} when an element is NaN or infinite.
 */
export function readFloats(tensor: TensorProto): FloatTensor {
  if (tensor.data_type !== FLOAT) {
    throw new OnnxDtypeError(`Initializer ${quote(tensor.name)}`, dataTypeName(tensor.data_type), "FLOAT");
  }
  const dims = readDims(tensor);
  const count = elementCount(dims);
  const data = new Float32Array(count);
  if (checkStorage(tensor, tensor.float_data.length, 4, count) === "raw") {
    const raw = view(tensor.raw_data);
    for (let index = 0; index < count; index++) data[index] = raw.getFloat32(4 * index, true);
  } else {
    data.set(tensor.float_data);
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new OnnxWeightError(tensor.name, bad, data[bad] ?? NaN);
  return { name: tensor.name, dims, data };
}

/**
 * Reads a constant list of integers, as Reshape takes it.
 *
 * @throws {OnnxDtypeError} when the elements are not int64.
 * @throws {OnnxShapeError} when it is not a list, or an element is beyond 2^53.
 */
export function readIntegers(tensor: TensorProto): readonly number[] {
  const what = `Initializer ${quote(tensor.name)}`;
  if (tensor.data_type !== INT64) throw new OnnxDtypeError(what, dataTypeName(tensor.data_type), "INT64");
  if (tensor.dims.length !== 1) {
    throw new OnnxShapeError(what, `it has ${tensor.dims.length} dimensions`, "a list of integers is needed");
  }
  const listed = safeInteger(tensor.dims[0] ?? 0);
  if (listed === undefined || listed < 0 || listed > MAX_RANK) {
    throw new OnnxTooLargeError(
      `Elements of ${quote(tensor.name)}`,
      Number(tensor.dims[0]),
      MAX_RANK,
      "flatten instead",
    );
  }
  const raw = checkStorage(tensor, tensor.int64_data.length, 8, listed) === "raw";
  const values = raw
    ? Array.from({ length: listed }, (_, index) => view(tensor.raw_data).getBigInt64(8 * index, true))
    : tensor.int64_data;
  return values.map((value) => {
    const integer = safeInteger(value);
    if (integer === undefined) throw new OnnxShapeError(what, `it holds ${value.toString()}`, "use a real size");
    return integer;
  });
}
