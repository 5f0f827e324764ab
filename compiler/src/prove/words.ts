import { CONTEXT_BYTES, WORD_BYTES } from "../emit/circom/layout.ts";
import { ProofInputError } from "./errors.ts";

/** Most bytes that are cut into words. */
const MAX_BYTES = 1 << 26;

/**
 * Public words of a statement: `context || input || output` cut into big-endian words of 31 bytes, the last one padded
 * with zero bytes on the right. The first word is the context.
 *
 * @example
 * ```ts
 * import { wordsOf } from "@assay/compiler";
 * wordsOf(new Uint8Array(31), Uint8Array.of(1), Uint8Array.of(2)); // [0n, 0x0102n << 232n]
 * ```
 * @throws {ProofInputError} when the context is not 31 bytes long or the whole is above 64 MiB.
 */
export function wordsOf(context: Uint8Array, input: Uint8Array, output: Uint8Array): bigint[] {
  if (context.length !== CONTEXT_BYTES) {
    throw new ProofInputError(`context: ${context.length} bytes; give exactly ${CONTEXT_BYTES}`);
  }
  const length = context.length + input.length + output.length;
  if (length > MAX_BYTES) throw new ProofInputError(`input and output: ${length} bytes; at most ${MAX_BYTES} are cut`);
  const count = Math.ceil(length / WORD_BYTES);
  const stream = Buffer.alloc(count * WORD_BYTES);
  stream.set(context, 0);
  stream.set(input, context.length);
  stream.set(output, context.length + input.length);
  return Array.from({ length: count }, (_, i) =>
    BigInt(`0x${stream.toString("hex", i * WORD_BYTES, (i + 1) * WORD_BYTES)}`),
  );
}
