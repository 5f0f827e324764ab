import { boundedBytes, fixedHex, hexOf, type BytesLike } from "../core/bytes.ts";
import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";

/** Bytes of a public word: the most that always stay below the scalar field modulus. */
export const WORD_BYTES = 31;

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
  const stream = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    stream.set(part, offset);
    offset += part.length;
  }
  return bytesToWords(stream);
}

/** `bytes` cut into 31-byte big-endian words, the last padded with zero bytes on the right. */
export function bytesToWords(bytes: Uint8Array): bigint[] {
  const padded = new Uint8Array(Math.ceil(bytes.length / WORD_BYTES) * WORD_BYTES);
  padded.set(bytes);
  return Array.from({ length: padded.length / WORD_BYTES }, (_, index) =>
    BigInt(hexOf(padded.subarray(WORD_BYTES * index, WORD_BYTES * (index + 1)))),
  );
}
