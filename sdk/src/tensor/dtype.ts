/** Element types whose values are whole numbers, `bool` (0 or 1) included. */
export type IntegralDtype = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "bool";

/** Element types of the canonical tensor encoding. */
export type Dtype = IntegralDtype | "f32";

/** What the encoding knows of an element type; `min` and `max` bound whole numbers and mean nothing for `f32`. */
export interface DtypeInfo {
  readonly dtype: Dtype;
  readonly code: number;
  readonly bytes: number;
  readonly min: bigint;
  readonly max: bigint;
}

const integer = (dtype: IntegralDtype, code: number, bytes: number, signed: boolean): DtypeInfo => {
  const bits = BigInt(8 * bytes);
  return signed
    ? { dtype, code, bytes, min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
    : { dtype, code, bytes, min: 0n, max: (1n << bits) - 1n };
};

/** Every element type, by name. Codes are part of the encoding and never change. */
export const DTYPES: Readonly<Record<Dtype, DtypeInfo>> = {
  u8: integer("u8", 1, 1, false),
  i8: integer("i8", 2, 1, true),
  u16: integer("u16", 3, 2, false),
  i16: integer("i16", 4, 2, true),
  u32: integer("u32", 5, 4, false),
  i32: integer("i32", 6, 4, true),
  u64: integer("u64", 7, 8, false),
  i64: integer("i64", 8, 8, true),
  f32: { dtype: "f32", code: 9, bytes: 4, min: 0n, max: 0n },
  bool: { dtype: "bool", code: 10, bytes: 1, min: 0n, max: 1n },
};

const BY_CODE: readonly (DtypeInfo | undefined)[] = Object.values(DTYPES).reduce<(DtypeInfo | undefined)[]>(
  (table, info) => {
    table[info.code] = info;
    return table;
  },
  [],
);

/** The element type with `code`, if there is one. */
export function dtypeOfCode(code: number): DtypeInfo | undefined {
  return BY_CODE[code];
}

/** The element type named `name`, if there is one. */
export function dtypeOfName(name: unknown): DtypeInfo | undefined {
  return typeof name === "string" && Object.hasOwn(DTYPES, name) ? DTYPES[name as Dtype] : undefined;
}
