import { createHash } from "node:crypto";

import { BASE_MODULUS, SCALAR_MODULUS } from "./field.ts";
import type { LinearCombination, R1cs } from "./r1cs.ts";

/** The points of a Groth16 key, affine, in little-endian Montgomery form: 64 bytes each in G1, 128 in G2. */
export interface KeyPoints {
  readonly alpha1: Uint8Array;
  readonly beta1: Uint8Array;
  readonly beta2: Uint8Array;
  readonly gamma2: Uint8Array;
  readonly delta1: Uint8Array;
  readonly delta2: Uint8Array;
  readonly ic: Uint8Array;
  readonly a: Uint8Array;
  readonly b1: Uint8Array;
  readonly b2: Uint8Array;
  readonly c: Uint8Array;
  readonly h: Uint8Array;
}

/** 2^256 squared: what turns a number into the form that snarkjs's `coefs` section keeps. */
const MONTGOMERY_SQUARED = (1n << 512n) % SCALAR_MODULUS;

/**
 * Writes a proving key in snarkjs's binary `zkey` format, version 1, protocol Groth16.
 *
 * Its record of contributions is empty: the key is a first key, and no ceremony stands behind it.
 */
export function writeZkey(r1cs: R1cs, power: number, points: KeyPoints): Uint8Array {
  const header = [
    uint32(32),
    littleEndian(BASE_MODULUS),
    uint32(32),
    littleEndian(SCALAR_MODULUS),
    uint32(r1cs.wires),
    uint32(r1cs.publics),
    uint32(1 << power),
    points.alpha1,
    points.beta1,
    points.beta2,
    points.gamma2,
    points.delta1,
    points.delta2,
  ];
  const coefficients = coefficientSection(r1cs);
  const digest = createHash("blake2b512");
  for (const part of [...header, coefficients, points.ic, points.a, points.b1, points.b2, points.c, points.h]) {
    digest.update(part);
  }
  const sections: readonly (readonly [number, readonly Uint8Array[]])[] = [
    [1, [uint32(1)]],
    [2, header],
    [3, [points.ic]],
    [4, [coefficients]],
    [5, [points.a]],
    [6, [points.b1]],
    [7, [points.b2]],
    [8, [points.c]],
    [9, [points.h]],
    [10, [digest.digest(), uint32(0)]],
  ];
  const parts: Uint8Array[] = [Buffer.from("zkey"), uint32(1), uint32(sections.length)];
  for (const [id, content] of sections) {
    const length = content.reduce((sum, part) => sum + part.length, 0);
    const head = Buffer.alloc(12);
    head.writeUInt32LE(id, 0);
    head.writeBigUInt64LE(BigInt(length), 4);
    parts.push(head, ...content);
  }
  return Buffer.concat(parts);
}

/** Entries of A and B: matrix, row, wire, value; a row of its own in A for the constant and each public wire. */
function coefficientSection({ constraints, publics }: R1cs): Uint8Array {
  const entries: (readonly [matrix: number, row: number, wire: number, value: bigint])[] = [];
  const take = (matrix: number, row: number, combination: LinearCombination): void => {
    for (const [wire, value] of combination) entries.push([matrix, row, wire, value]);
  };
  for (const [row, { a, b }] of constraints.entries()) {
    take(0, row, a);
    take(1, row, b);
  }
  for (let wire = 0; wire <= publics; wire++) entries.push([0, constraints.length + wire, wire, 1n]);

  const bytes = Buffer.alloc(4 + entries.length * 44);
  bytes.writeUInt32LE(entries.length, 0);
  for (const [index, [matrix, row, wire, value]] of entries.entries()) {
    const at = 4 + index * 44;
    bytes.writeUInt32LE(matrix, at);
    bytes.writeUInt32LE(row, at + 4);
    bytes.writeUInt32LE(wire, at + 8);
    bytes.set(littleEndian((value * MONTGOMERY_SQUARED) % SCALAR_MODULUS), at + 12);
  }
  return bytes;
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function littleEndian(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(32);
  for (let i = 0, rest = value; i < 4; i++, rest >>= 64n) bytes.writeBigUInt64LE(rest & 0xffffffffffffffffn, 8 * i);
  return bytes;
}
