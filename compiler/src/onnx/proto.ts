/** A 64-bit integer as protobufjs gives it. */
export interface Int64 {
  toString(): string;
}

/** The fields of onnx.proto that the reader uses. Absent scalars read as their default, absent messages as null. */
export interface TensorProto {
  readonly name: string;
  readonly dims: readonly Int64[];
  readonly data_type: number;
  readonly float_data: readonly number[];
  readonly int64_data: readonly Int64[];
  readonly int32_data: readonly number[];
  readonly double_data: readonly number[];
  readonly uint64_data: readonly Int64[];
  readonly string_data: readonly Uint8Array[];
  readonly raw_data: Uint8Array;
  readonly external_data: readonly unknown[];
  readonly data_location: number;
  readonly segment: unknown;
}

export interface AttributeProto {
  readonly name: string;
  readonly ref_attr_name: string;
  readonly type: number;
  readonly f: number;
  readonly i: Int64;
  readonly s: Uint8Array;
  readonly t: TensorProto | null;
  readonly g: GraphProto | null;
  readonly floats: readonly number[];
  readonly ints: readonly Int64[];
  readonly strings: readonly Uint8Array[];
}

export interface NodeProto {
  readonly name: string;
  readonly op_type: string;
  readonly domain: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly AttributeProto[];
}

export interface DimensionProto {
  readonly dim_value?: Int64;
  readonly dim_param?: string;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type: {
    readonly tensor_type: {
      readonly elem_type: number;
      readonly shape: { readonly dim: readonly DimensionProto[] } | null;
    } | null;
  } | null;
}

export interface GraphProto {
  readonly name: string;
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly sparse_initializer: readonly unknown[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

export interface ModelProto {
  readonly ir_version: Int64;
  readonly opset_import: readonly { readonly domain: string; readonly version: Int64 }[];
  readonly producer_name: string;
  readonly producer_version: string;
  readonly graph: GraphProto | null;
  readonly functions: readonly { readonly name: string; readonly domain: string }[];
}

/** TensorProto.DataType, by number. */
export const DATA_TYPES: readonly string[] = [
  "UNDEFINED",
  "FLOAT",
  "UINT8",
  "INT8",
  "UINT16",
  "INT16",
  "INT32",
  "INT64",
  "STRING",
  "BOOL",
  "FLOAT16",
  "DOUBLE",
  "UINT32",
  "UINT64",
  "COMPLEX64",
  "COMPLEX128",
  "BFLOAT16",
];

export const FLOAT = 1;
export const UINT8 = 2;
export const INT8 = 3;
export const UINT16 = 4;
export const INT16 = 5;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const UINT32 = 12;
export const UINT64 = 13;
export const BFLOAT16 = 16;

/** AttributeProto.AttributeType. */
export const ATTRIBUTE = { FLOAT: 1, INT: 2, STRING: 3, TENSOR: 4, GRAPH: 5, FLOATS: 6, INTS: 7, STRINGS: 8 } as const;

/** The name of an element type, or its number where onnx.proto gives it none that the reader knows. */
export function dataTypeName(code: number): string {
  return DATA_TYPES[code] ?? `number ${code}`;
}
