import type { ValueType } from "../program/types.ts";
import type { Int64, TensorProto } from "./proto.ts";
import {
  BFLOAT16,
  BOOL,
  DOUBLE,
  FLOAT,
  FLOAT16,
  INT16,
  INT32,
  INT64,
  INT8,
  UINT16,
  UINT32,
  UINT64,
  UINT8,
} from "./proto.ts";

/** How the elements of one TensorProto.DataType lie in a file and what they mean. */
export interface ElementType {
  readonly type: ValueType;
  readonly bytes: number;
  /** The typed field that holds them when `raw_data` does not. */
  readonly field: "float_data" | "double_data" | "int32_data" | "int64_data" | "uint64_data";
  readonly raw: (view: DataView, offset: number) => number | bigint;
  /** From an element of the typed field; absent where that already is the number. */
  readonly typed?: (value: number) => number;
  /** Of integers: the least and the greatest. */
  readonly range?: readonly [min: number, max: number];
}

/** An IEEE 754 half-precision number from its bits. */
export function halfFromBits(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A bfloat16 number, the upper half of a float32, from its bits. */
export function bfloatFromBits(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, (bits & 0xffff) * 65_536);
  return view.getFloat32(0);
}

const small = (
  bytes: number,
  raw: ElementType["raw"],
  min: number,
  max: number,
  field: ElementType["field"] = "int32_data",
): ElementType => ({ type: "integer", bytes, field, raw, range: [min, max] });

const TYPES: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [FLOAT, { type: "real", bytes: 4, field: "float_data", raw: (v, at) => v.getFloat32(at, true) }],
  [DOUBLE, { type: "real", bytes: 8, field: "double_data", raw: (v, at) => v.getFloat64(at, true) }],
  [
    FLOAT16,
    {
      type: "real",
      bytes: 2,
      field: "int32_data",
      raw: (v, at) => halfFromBits(v.getUint16(at, true)),
      typed: halfFromBits,
    },
  ],
  [
    BFLOAT16,
    {
      type: "real",
      bytes: 2,
      field: "int32_data",
      raw: (v, at) => bfloatFromBits(v.getUint16(at, true)),
      typed: bfloatFromBits,
    },
  ],
  [INT8, small(1, (v, at) => v.getInt8(at), -128, 127)],
  [UINT8, small(1, (v, at) => v.getUint8(at), 0, 255)],
  [INT16, small(2, (v, at) => v.getInt16(at, true), -32_768, 32_767)],
  [UINT16, small(2, (v, at) => v.getUint16(at, true), 0, 65_535)],
  [INT32, small(4, (v, at) => v.getInt32(at, true), -(2 ** 31), 2 ** 31 - 1)],
  [UINT32, small(4, (v, at) => v.getUint32(at, true), 0, 2 ** 32 - 1, "uint64_data")],
  [INT64, small(8, (v, at) => v.getBigInt64(at, true), Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, "int64_data")],
  [UINT64, small(8, (v, at) => v.getBigUint64(at, true), 0, Number.MAX_SAFE_INTEGER, "uint64_data")],
  [BOOL, { type: "boolean", bytes: 1, field: "int32_data", raw: (v, at) => v.getUint8(at), range: [0, 1] }],
]);

/** What is known of a TensorProto.DataType; undefined for strings, complex numbers and what is narrower than 8 bits. */
export function elementType(code: number): ElementType | undefined {
  return TYPES.get(code);
}

/** The elements of the typed field that a data type uses. */
export function typedField(tensor: TensorProto, { field }: ElementType): readonly (number | Int64)[] {
  return tensor[field];
}
