import { hexlify } from "ethers";

import { boundedBytes, fixedHex, type BytesLike } from "../core/fields.ts";
import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";
import { ZKML_V1 } from "../proofs/kind.ts";
import { statementDigest, type Statement } from "../statement/statement.ts";

/** Bytes of a public word: the most that always stay below the scalar field modulus. */
export const WORD_BYTES = 31;

/** What a zk proof binds of its statement: the first 31 bytes of the digest under `ZKML_V1`. */
export function zkContext(statement: Statement): Uint8Array {
  const digest = fixedHex("digest", statementDigest(statement, ZKML_V1), 32);
  return boundedBytes("context", digest.slice(0, 2 + 2 * WORD_BYTES), WORD_BYTES);
}

/**
 * Public words of a circuit: `context || input || output` cut into 31-byte big-endian words, the last padded with zero
 * bytes on the right.
 * @param context 31 bytes, from `zkContext`.
 * @param input Canonical input bytes, header included.
 * @param output Canonical output bytes, header included.
 * @throws {FieldError} when the context is not 31 bytes or a payload is too long.
 */
export function publicWords(context: BytesLike, input: BytesLike, output: BytesLike): bigint[] {
  const parts = [
    boundedBytes("context", fixedHex("context", context, WORD_BYTES), WORD_BYTES),
    boundedBytes("input", input, MAX_PAYLOAD_BYTES),
    boundedBytes("output", output, MAX_PAYLOAD_BYTES),
  ];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const count = Math.ceil(length / WORD_BYTES);
  const stream = new Uint8Array(count * WORD_BYTES);
  let offset = 0;
  for (const part of parts) {
    stream.set(part, offset);
    offset += part.length;
  }
  return Array.from({ length: count }, (_, index) =>
    BigInt(hexlify(stream.subarray(WORD_BYTES * index, WORD_BYTES * (index + 1)))),
  );
}
