import { concat, getAddress, isHexString, keccak256, toBeHex } from "ethers";

/** Kinds of keys that sign statements; `IReceiptKey.sol`. */
export const KEY_SECP256K1 = 1;
export const KEY_P256 = 2;
export const KEY_RSA_PSS = 3;

/** A public key that signs statements, as the contracts take it. */
export interface ReceiptKey {
  /** `KEY_SECP256K1`, `KEY_P256` or `KEY_RSA_PSS`. */
  readonly kind: number;
  /** Address; x and y; exponent (4 bytes) and modulus. */
  readonly data: string;
}

/** The secp256k1 key of `address`. */
export function addressKey(address: string): ReceiptKey {
  return { kind: KEY_SECP256K1, data: address };
}

/**
 * Id of a key in `EnclaveRegistry`; the same as its `keyIdOf`. Not checked: that `data` has the form of the kind.
 *
 * @throws when `data` is no hex or `kind` no byte (ethers' `INVALID_ARGUMENT`).
 */
export function keyIdOf({ kind, data }: ReceiptKey): string {
  return keccak256(concat([toBeHex(kind, 1), data]));
}

/** Bytes of an RSA key: exponent, and a modulus of 2048 to 4096 bits. */
const RSA_BYTES = [4 + 256, 4 + 512] as const;

/**
 * The key in hexadecimal, whose length tells its kind: an address (20 bytes), x and y on P-256 (64), or exponent and modulus
 * of RSA (260 to 516). Undefined for any other length.
 */
export function receiptKeyOf(hex: string): ReceiptKey | undefined {
  if (!isHexString(hex) || hex.length % 2 !== 0) return undefined;
  const bytes = hex.length / 2 - 1;
  const data = hex.toLowerCase();
  if (bytes === 20) return addressKey(getAddress(data));
  if (bytes === 64) return { kind: KEY_P256, data };
  return bytes >= RSA_BYTES[0] && bytes <= RSA_BYTES[1] ? { kind: KEY_RSA_PSS, data } : undefined;
}
