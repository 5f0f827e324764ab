import { concat, hexlify, toBeHex } from "ethers";

import { FieldError, show } from "../core/field-error.ts";
import { boundedBytes, uint, type BytesLike } from "../core/fields.ts";
import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";
import { SIGNATURE_V1, TEE_V1, ZKML_V1 } from "../proofs/kind.ts";
import { EvidenceError, EvidenceErrorCode } from "./error.ts";

/** Most bytes of a piece of evidence: a zk proof with the longest input. */
export const MAX_EVIDENCE_BYTES: number = 4 + 256 + MAX_PAYLOAD_BYTES;

/** Evidence taken apart. `proof` is a.x a.y b.x1 b.x0 b.y1 b.y0 c.x c.y, the order of the BN254 precompiles. */
export type Evidence =
  | { readonly kind: "signature"; readonly selector: typeof SIGNATURE_V1; readonly signature: string }
  | { readonly kind: "tee"; readonly selector: typeof TEE_V1; readonly signature: string }
  | {
      readonly kind: "zkml";
      readonly selector: typeof ZKML_V1;
      readonly proof: readonly bigint[];
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
 * Evidence of kind TEE: selector, then the enclave key's 65-byte signature of the statement's digest.
 * @throws {EvidenceError} when the signature is not r, s (low half), v (27 or 28).
 */
export function encodeTeeEvidence(signature: BytesLike): string {
  return concat([TEE_V1, requireSignature(signature)]);
}

/**
 * Evidence of kind ZKML: selector, then the proof as 8 words of 32 bytes, then the canonical input bytes.
 * @param proof a.x a.y b.x1 b.x0 b.y1 b.y0 c.x c.y; `groth16ProofWords` makes it from snarkjs's form.
 * @throws {EvidenceError} when there are not 8 words or one does not fit 32 bytes.
 * @throws {FieldError} when the input is too long.
 */
export function encodeZkmlEvidence(proof: readonly bigint[], input: BytesLike): string {
  if (proof.length !== 8) {
    throw new EvidenceError(EvidenceErrorCode.ProofMalformed, `The proof has ${proof.length} words; give 8.`);
  }
  const words = proof.map((word, index) => toBeHex(uint(`proof word ${index}`, word, 256), 32));
  return concat([ZKML_V1, ...words, boundedBytes("input", input, MAX_PAYLOAD_BYTES)]);
}

/**
 * Takes evidence apart. Not checked here: that signature or proof hold; see `verifyReceipt`.
 * @throws {EvidenceError} when it is too short or too long, its selector is not known here, or a signature is not in
 * its one form.
 */
export function decodeEvidence(evidence: BytesLike): Evidence {
  const bytes = evidenceBytes(evidence);
  const selector = hexlify(bytes.subarray(0, 4));
  switch (selector) {
    case SIGNATURE_V1:
    case TEE_V1: {
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
      return { kind: "zkml", selector, proof, input: bytes.slice(260) };
    }
    default:
      throw new EvidenceError(
        EvidenceErrorCode.SelectorUnknown,
        `This SDK does not know the selector ${selector}; it reads ${SIGNATURE_V1}, ${TEE_V1} and ${ZKML_V1}.`,
      );
  }
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
