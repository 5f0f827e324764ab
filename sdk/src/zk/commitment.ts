import { randomBytes } from "@noble/hashes/utils.js";

import { boundedBytes, hexOf, type BytesLike } from "../core/bytes.ts";
import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";
import { tensorEncoding } from "./encoding.ts";
import { ZkFormatError } from "./error.ts";
import { poseidonChain } from "./poseidon-chain.ts";
import { bytesToWords, WORD_BYTES } from "./public-words.ts";

/** Bytes of a salt. */
export const SALT_BYTES: number = WORD_BYTES;

/** A salt for one commitment. Whoever knows it can try out what the commitment hides; use it once. */
export function randomSalt(): Uint8Array {
  return randomBytes(SALT_BYTES);
}

/**
 * The 32 bytes that stand for a tensor in a request or an answer: Poseidon of a salt and the words of its encoding. It
 * binds to the encoding, and hides it from everyone without the salt.
 *
 * @example
 * ```ts
 * import { commitEncoding, encodeTensor, randomSalt } from "@assay/sdk";
 * const input = encodeTensor({ dtype: "u8", dims: [2], data: [3n, 4n] });
 * const commitment = commitEncoding(input, randomSalt()); // 0x and 64 digits: the request's input
 * ```
 * @param encoding Canonical tensor encoding, header included.
 * @param salt 31 bytes from `randomSalt`.
 * @throws {FieldError} when the encoding is too long.
 * @throws {ZkFormatError} when the encoding is not one canonical tensor encoding or the salt is not 31 bytes.
 */
export function commitEncoding(encoding: BytesLike, salt: BytesLike): string {
  const bytes = boundedBytes("encoding", encoding, MAX_PAYLOAD_BYTES);
  const hash = poseidonChain("commitment", [saltWord(salt), ...bytesToWords(tensorEncoding("encoding", bytes))]);
  return `0x${hash.toString(16).padStart(64, "0")}`;
}

/**
 * A salt as the number that goes into the hash.
 * @throws {ZkFormatError} when it is not 31 bytes.
 */
export function saltWord(salt: BytesLike): bigint {
  const bytes = boundedBytes("salt", salt, SALT_BYTES);
  if (bytes.length === SALT_BYTES) return BigInt(hexOf(bytes));
  throw new ZkFormatError("ASY-ZK-003", `The salt has ${bytes.length} bytes; take ${SALT_BYTES} from randomSalt.`);
}

/** What opens a commitment: the tensor's encoding and the salt. Private to those who may know the tensor. */
export interface Opening {
  /** 32 bytes as hex. */
  readonly commitment: string;
  readonly encoding: Uint8Array;
  readonly salt: Uint8Array;
}

/** Longest file of an opening, in bytes. */
export const MAX_OPENING_BYTES: number = 2 * MAX_PAYLOAD_BYTES + 512;

const FORM =
  /^\{"format":"assay\.opening\/1","commitment":"(0x[0-9a-f]{64})","salt":"(0x[0-9a-f]{62})","encoding":"(0x(?:[0-9a-f]{2})+)"\}\n?$/;

/**
 * Commits to an encoding and gives the opening.
 * @param salt A fresh one unless given.
 * @throws {FieldError | ZkFormatError} when `commitEncoding` does.
 */
export function openingOf(encoding: BytesLike, salt: BytesLike = randomSalt()): Opening {
  return {
    commitment: commitEncoding(encoding, salt),
    encoding: boundedBytes("encoding", encoding, MAX_PAYLOAD_BYTES),
    salt: boundedBytes("salt", salt, SALT_BYTES),
  };
}

/** The one text of an opening. */
export function encodeOpening({ commitment, encoding, salt }: Opening): string {
  const fields = { format: "assay.opening/1", commitment, salt: hexOf(salt), encoding: hexOf(encoding) };
  return `${JSON.stringify(fields)}\n`;
}

function opened(encoding: string, salt: string): Opening {
  try {
    return openingOf(encoding, salt);
  } catch (error) {
    if (!(error instanceof ZkFormatError)) throw error;
    throw new ZkFormatError("ASY-ZK-004", `The opening is of nothing that can be committed to: ${error.message}`);
  }
}

/**
 * Reads an opening and checks that it opens its commitment.
 * @param commitment The one that is wanted, where it is known.
 * @throws {ZkFormatError} when it is too long, not in its one form, of no tensor, or opens another commitment.
 */
export function parseOpening(text: string, commitment?: string): Opening {
  const found = text.length <= MAX_OPENING_BYTES ? FORM.exec(text) : null;
  const [, said = "", salt = "", encoding = ""] = found ?? [];
  if (found === null || encoding.length > 2 + 2 * MAX_PAYLOAD_BYTES) {
    throw new ZkFormatError("ASY-ZK-004", "This is not an opening as encodeOpening writes it; ask for it again.");
  }
  const opening = opened(encoding, salt);
  if (opening.commitment !== said || (commitment !== undefined && commitment.toLowerCase() !== said)) {
    const wanted = commitment === undefined ? said : commitment;
    throw new ZkFormatError("ASY-ZK-004", `The opening is of ${opening.commitment}, not of ${wanted}.`);
  }
  return opening;
}
