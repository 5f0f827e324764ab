/** Order of BN254's groups: the field of circuits, witnesses and public words. */
export const SCALAR_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** Field over which BN254's points have their coordinates. */
export const BASE_MODULUS = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;

/** The representative of `value` in [0, r). */
export function toScalar(value: bigint): bigint {
  const rest = value % SCALAR_MODULUS;
  return rest < 0n ? rest + SCALAR_MODULUS : rest;
}

/** base^exponent in the scalar field. */
export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = toScalar(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % SCALAR_MODULUS;
    square = (square * square) % SCALAR_MODULUS;
  }
  return result;
}

/** 1 / value in the scalar field; `value` must not be 0. */
export function inverse(value: bigint): bigint {
  if (toScalar(value) === 0n) throw new RangeError("0 has no inverse");
  return power(value, SCALAR_MODULUS - 2n);
}

/** Inverses of many values with one exponentiation; none may be 0. */
export function inverses(values: readonly bigint[]): bigint[] {
  const prefix: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    prefix.push(product);
    product = (product * value) % SCALAR_MODULUS;
  }
  let rest = inverse(product);
  const result = new Array<bigint>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    result[i] = (rest * (prefix[i] as bigint)) % SCALAR_MODULUS;
    rest = (rest * (values[i] as bigint)) % SCALAR_MODULUS;
  }
  return result;
}
