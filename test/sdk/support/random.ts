import { randomBytes, randomInt } from "node:crypto";

import { type Dtype, DTYPES, type Request, type Statement, type Tensor } from "@assay/sdk";
import { getAddress, hexlify } from "ethers";

/** A whole number from 0 to `end` - 1. */
export function integerBelow(end: number): number {
  return randomInt(end);
}

/** A whole number of up to `bits` bits, an edge one time in four. */
export function bigintOf(bits: number): bigint {
  const max = (1n << BigInt(bits)) - 1n;
  if (randomInt(4) === 0) return [0n, 1n, max, max - 1n][randomInt(4)]!;
  return BigInt(hexlify(randomBytes(32))) & max;
}

export const bytes32 = (): string => hexlify(randomBytes(32));
export const account = (): string => getAddress(hexlify(randomBytes(20)));

/** A tensor of up to 3 dims of up to 4. */
export function randomTensor(dtype: Dtype, { finite = false }: { finite?: boolean } = {}): Tensor {
  const dims = Array.from({ length: randomInt(4) }, () => 1 + randomInt(4));
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (dtype === "f32") return { dtype, dims, data: Array.from({ length: count }, () => randomF32(finite)) };
  const { min, bytes } = DTYPES[dtype];
  return { dtype, dims, data: Array.from({ length: count }, () => min + bigintOf(dtype === "bool" ? 1 : 8 * bytes)) };
}

function randomF32(finite: boolean): number {
  for (;;) {
    const value = new DataView(Uint8Array.from(randomBytes(4)).buffer).getFloat32(0);
    if (!Number.isNaN(value) && !Object.is(value, -0) && (!finite || Number.isFinite(value))) return value;
  }
}

export function randomRequest(): Request {
  const selectors = new Set(
    Array.from({ length: 1 + randomInt(4) }, () => `0x0${(1 + randomInt(15)).toString(16)}000001`),
  );
  return {
    version: bytes32(),
    inputHash: bytes32(),
    paramsHash: bytes32(),
    proofs: [...selectors],
    enclavePolicy: bytes32(),
    token: account(),
    amount: bigintOf(96),
    callback: { target: account(), gas: bigintOf(32), storeResult: randomInt(2) === 1, priced: randomInt(2) === 1 },
    deadline: bigintOf(40),
    requester: account(),
    createdAt: bigintOf(40),
    salt: bigintOf(16),
  };
}

export function randomStatement(): Statement {
  return {
    chainId: bigintOf(64),
    hub: account(),
    requestId: bytes32(),
    version: bytes32(),
    inputHash: bytes32(),
    outputHash: bytes32(),
    paramsHash: bytes32(),
    enclavePolicy: bytes32(),
    requester: account(),
    beneficiary: account(),
  };
}
