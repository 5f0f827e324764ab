import { concat, hexlify, toBeHex } from "ethers";

import { FieldError, show } from "../core/field-error.ts";
import { boundedBytes, uint, type BytesLike } from "../core/fields.ts";
import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";
import { SIGNATURE_V1, TEE_V1, ZKML_V1 } from "../proofs/kind.ts";
import type { ZkBinding } from "../zk/binding.ts";
import { EvidenceError, EvidenceErrorCode } from "./error.ts";
import {
  type EvidenceKey,
  MAX_MODULUS_BYTES,
  MIN_MODULUS_BYTES,
  P256_KEY_BYTES,
  P256_SIGNATURE_BYTES,
} from "./evidence-key.ts";

/** Most bytes of a piece of evidence: a zk proof with the hash of a fingerprint and the longest input. */
export const MAX_EVIDENCE_BYTES: number = 4 + 256 + 32 + MAX_PAYLOAD_BYTES;

/** Evidence taken apart. `proof` is a.x a.y b.x1 b.x0 b.y1 b.y0 c.x c.y, the order of the BN254 precompiles. */
export type Evidence =
  | { readonly kind: "signature"; readonly selector: typeof SIGNATURE_V1; readonly signature: string }
  | {
      readonly kind: "tee";
      readonly selector: typeof TEE_V1;
      readonly signature: string;
      /** A key on P-256 or of RSA; absent for secp256k1, whose signature tells the account. */
      readonly key?: EvidenceKey;
    }
  | {
      readonly kind: "zkml";
      readonly selector: typeof ZKML_V1;
      readonly proof: readonly bigint[];
      /** Hash of the open words, where it was read as evidence of a circuit with a fingerprint. */
      readonly fingerprint?: bigint;
      readonly input: Uint8Array;
    };

/**
 * Evidence of kind SIGNATURE: selector, then a node's 65-byte signature of the statement's digest.
 * @throws {EvidenceError} when the signature is not r, s (low half), v (27 or 28).
 */
export function encodeSignatureEvidence(signature: BytesLike): string {
  return concat([SIGNATURE_V1, requireSignature(signature)]);
}

/**
 * Evidence of kind TEE: selector, then the enclave key's 65-byte signature of the statement's digest; or selector, kind, key
 * and signature where the key is not of secp256k1.
 * @param key The key that made the signature, on P-256 or of RSA; left out for secp256k1.
 * @throws {EvidenceError} when the signature is not r, s (low half), v (27 or 28); with a key, when one of them has not
 * the length of its kind.
 */
export function encodeTeeEvidence(signature: BytesLike, key?: EvidenceKey): string {
  if (key === undefined) return concat([TEE_V1, requireSignature(signature)]);
  const encoded = concat([TEE_V1, toBeHex(key.kind, 1), key.data, hexlify(boundedBytes("signature", signature, 512))]);
  decodeEvidence(encoded);
  return encoded;
}

/**
 * Evidence of kind ZKML: selector, then the proof as 8 words of 32 bytes, then for a circuit with a fingerprint the hash of
 * the open words, then the input as the request has it.
 * @param proof a.x a.y b.x1 b.x0 b.y1 b.y0 c.x c.y; `groth16ProofWords` makes it from snarkjs's form.
 * @param fingerprint The first public word of a circuit with a fingerprint; left out for any other.
 * @throws {EvidenceError} when there are not 8 words or one does not fit 32 bytes.
 * @throws {FieldError} when the input is too long.
 */
export function encodeZkmlEvidence(proof: readonly bigint[], input: BytesLike, fingerprint?: bigint): string {
  if (proof.length !== 8) {
    throw new EvidenceError(EvidenceErrorCode.ProofMalformed, `The proof has ${proof.length} words; give 8.`);
  }
  const words = proof.map((word, index) => toBeHex(uint(`proof word ${index}`, word, 256), 32));
  if (fingerprint !== undefined) words.push(toBeHex(uint("fingerprint", fingerprint, 256), 32));
  return concat([ZKML_V1, ...words, boundedBytes("input", input, MAX_PAYLOAD_BYTES)]);
}

/**
 * Takes evidence apart. Not checked here: that signature or proof hold; see `verifyReceipt`.
 * @param mode How the version's circuit binds input and output, which evidence of kind ZKML does not say. Default packed.
 * @throws {EvidenceError} when it is too short or too long, its selector is not known here, or a signature is not in
 * its one form.
 */
export function decodeEvidence(evidence: BytesLike, mode: ZkBinding["mode"] = "packed"): Evidence {
  const bytes = evidenceBytes(evidence);
  const selector = hexlify(bytes.subarray(0, 4));
  switch (selector) {
    case SIGNATURE_V1:
    case TEE_V1: {
      if (selector === TEE_V1 && bytes.length !== 69) return keyedEvidence(bytes);
      if (bytes.length !== 69) throw lengthInvalid(bytes.length, "69 for a signature");
      const signature = requireSignature(bytes.subarray(4));
      return selector === SIGNATURE_V1
        ? { kind: "signature", selector, signature }
        : { kind: "tee", selector, signature };
    }
    case ZKML_V1: {
      if (bytes.length < 260) throw lengthInvalid(bytes.length, "at least 260 for a zk proof");
      const proof = Array.from({ length: 8 }, (_, index) =>
        BigInt(hexlify(bytes.subarray(4 + 32 * index, 36 + 32 * index))),
      );
      if (mode === "packed") return { kind: "zkml", selector, proof, input: bytes.slice(260) };
      if (bytes.length < 292) throw lengthInvalid(bytes.length, "at least 292 for a zk proof with a fingerprint");
      const fingerprint = BigInt(hexlify(bytes.subarray(260, 292)));
      return { kind: "zkml", selector, proof, fingerprint, input: bytes.slice(292) };
    }
    default:
      throw new EvidenceError(
        EvidenceErrorCode.SelectorUnknown,
        `This SDK does not know the selector ${selector}; it reads ${SIGNATURE_V1}, ${TEE_V1} and ${ZKML_V1}.`,
      );
  }
}

/** Bytes before a key in evidence: selector and kind. */
const HEAD_BYTES = 5;
const P256_EVIDENCE_BYTES = HEAD_BYTES + P256_KEY_BYTES + P256_SIGNATURE_BYTES;

/** Evidence of kind TEE by a key that stands in it. */
function keyedEvidence(bytes: Uint8Array): Extract<Evidence, { kind: "tee" }> {
  const kind = bytes[4];
  const { length } = bytes;
  let keyBytes: number;
  if (kind === 2) {
    if (length !== P256_EVIDENCE_BYTES) throw lengthInvalid(length, `${P256_EVIDENCE_BYTES} for a key on P-256`);
    keyBytes = P256_KEY_BYTES;
  } else {
    // Exponent, then modulus and signature, which are as long as each other.
    const modulus = (length - HEAD_BYTES - 4) / 2;
    if (kind !== 3 || !Number.isInteger(modulus) || modulus < MIN_MODULUS_BYTES || modulus > MAX_MODULUS_BYTES) {
      throw lengthInvalid(length, "69, or 133 for a key on P-256, or 9 and twice an RSA modulus of 256 to 512 bytes");
    }
    keyBytes = 4 + modulus;
  }
  const data = hexlify(bytes.subarray(HEAD_BYTES, HEAD_BYTES + keyBytes));
  const signature = hexlify(bytes.subarray(HEAD_BYTES + keyBytes));
  return { kind: "tee", selector: TEE_V1, signature, key: { kind, data } };
}

function evidenceBytes(evidence: BytesLike): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = boundedBytes("evidence", evidence, MAX_EVIDENCE_BYTES);
  } catch (error) {
    if (error instanceof FieldError) throw new EvidenceError(EvidenceErrorCode.LengthInvalid, error.message);
    throw error;
  }
  if (bytes.length < 4) throw lengthInvalid(bytes.length, "at least 4 for the selector");
  return bytes;
}

/** Half the order of secp256k1; the contracts refuse a greater `s`, because it gives every signature a twin. */
const MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

function requireSignature(signature: BytesLike): string {
  let bytes: Uint8Array;
  try {
    bytes = boundedBytes("signature", signature, 65);
  } catch (error) {
    if (error instanceof FieldError) throw new EvidenceError(EvidenceErrorCode.SignatureMalformed, error.message);
    throw error;
  }
  const s = bytes.length === 65 ? BigInt(hexlify(bytes.subarray(32, 64))) : 0n;
  if (s > 0n && s <= MAX_S && (bytes[64] === 27 || bytes[64] === 28)) return hexlify(bytes);
  throw new EvidenceError(
    EvidenceErrorCode.SignatureMalformed,
    `The signature is ${show(bytes)}; give 65: r, s in the lower half of the order, v 27 or 28.`,
  );
}

function lengthInvalid(received: number, expected: string): EvidenceError {
  return new EvidenceError(
    EvidenceErrorCode.LengthInvalid,
    `The evidence has ${received} bytes; expected ${expected}.`,
  );
}
