import { keccak_256 } from "@noble/hashes/sha3.js";

import { boundedBytes, fixedHex, hexOf, type BytesLike } from "../core/bytes.ts";
import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";
import type { ZkBinding } from "./binding.ts";
import { tensorEncoding } from "./encoding.ts";
import { ZkFormatError } from "./error.ts";
import { SCALAR_FIELD } from "./field.ts";
import { poseidonChain } from "./poseidon-chain.ts";
import { bytesToWords, publicWords, WORD_BYTES } from "./public-words.ts";

/** Bytes of a committed port. */
const COMMITMENT_BYTES = 32;

/** What public words are made of. */
export interface BoundStatement {
  /** 31 bytes, from `zkContext`. */
  readonly context: BytesLike;
  /** As the request has it: the canonical encoding, or its commitment. */
  readonly input: BytesLike;
  /** As the answer has it. */
  readonly output: BytesLike;
  /** Hash of the open words that the evidence names; made from them where it is left out. */
  readonly fingerprint?: bigint;
}

/**
 * Public words of a circuit: what `ZkmlAdapter` makes of the same statement. Under `fingerprint` they are c, r, e and the
 * commitments, see `IZkVerifier`; the first is what the evidence has to name.
 *
 * The words do not say where the input ends and the output begins, nor how many zeros follow. `ZkmlAdapter` knows the
 * lengths. Here both have to be whole encodings: the circuit's headers come first in each, and say how long it is.
 * @throws {FieldError} when the context is not 31 bytes or a payload is too long.
 * @throws {ZkFormatError} when an open port is not one canonical tensor encoding, a committed port not 32 bytes below the
 * scalar field modulus, or the fingerprint not below it.
 */
export function boundWords(binding: ZkBinding, { context, input, output, fingerprint }: BoundStatement): bigint[] {
  const [open, commitments]: [Uint8Array[], bigint[]] = [[], []];
  for (const [name, value] of [
    ["input", input],
    ["output", output],
  ] as const) {
    const bytes = boundedBytes(name, value, MAX_PAYLOAD_BYTES);
    if (binding[name] === "public") open.push(tensorEncoding(name, bytes));
    else commitments.push(commitmentWord(name, bytes));
  }
  const [first = new Uint8Array(), second = new Uint8Array()] = open;
  if (binding.mode === "packed") return [...publicWords(context, first, second), ...commitments];
  const words = bytesToWords(Uint8Array.from([...first, ...second]));
  const c = fingerprint ?? poseidonChain("words", words);
  if (c < 0n || c >= SCALAR_FIELD) {
    throw new ZkFormatError("ASY-ZK-003", "The fingerprint's hash is not below the scalar field modulus; prove again.");
  }
  const r = fingerprintPoint(context, c);
  return [c, r, fingerprintAt(words, r), ...commitments];
}

/** r: where the polynomial of the open words is taken, fixed by context and hash together. */
export function fingerprintPoint(context: BytesLike, c: bigint): bigint {
  const word = fixedHex("context", context, WORD_BYTES).slice(2).padStart(64, "0");
  // Both as uint256.
  const bytes = boundedBytes("point", `0x${word}${c.toString(16).padStart(64, "0")}`, 64);
  return BigInt(hexOf(keccak_256(bytes))) % SCALAR_FIELD;
}

/** e: the sum of w_i r^i, i from 1. */
export function fingerprintAt(words: readonly bigint[], r: bigint): bigint {
  return words.reduceRight((sum, word) => ((sum + word) * r) % SCALAR_FIELD, 0n);
}

function commitmentWord(name: string, bytes: Uint8Array): bigint {
  const word = bytes.length === COMMITMENT_BYTES ? BigInt(hexOf(bytes)) : SCALAR_FIELD;
  if (word < SCALAR_FIELD) return word;
  throw new ZkFormatError(
    "ASY-ZK-003",
    `The ${name} is no commitment: ${COMMITMENT_BYTES} bytes below the field's modulus.`,
  );
}
