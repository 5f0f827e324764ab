import { encode } from "cborg";

import { signP256 } from "./keys.ts";
import type { P256Key } from "./keys.ts";

/** What a document of the development format says. */
export interface DocumentOptions {
  /** Certificates in DER, the one that the root signed first, the leaf last. */
  readonly chain: readonly Uint8Array[];
  /** Whether the enclave says that it can be looked into. */
  readonly debug: boolean;
  /** Unix seconds. */
  readonly issuedAt: number;
  /** 64 bytes that the enclave asked to have attested. */
  readonly userData: Uint8Array;
  /** The enclave's secp256k1 key, 64 bytes: x, y. */
  readonly publicKey: Uint8Array;
  /** 32 bytes. */
  readonly measurement: Uint8Array;
}

/** The protected header of COSE, {1: -7}: ES256. */
const HEADER = encode(new Map([[1, -7]]));

/** The payload in deterministic CBOR, its keys in the order that `DevelopmentVerifier` demands. */
export function encodePayload(options: DocumentOptions): Uint8Array {
  return encode({ ...options, format: "assay.dev/1" });
}

/** A COSE_Sign1 message (RFC 9052) of `payload`, which is not looked into, signed by `signer`. */
export function signDocument(payload: Uint8Array, signer: P256Key): Uint8Array {
  const signature = signP256(signer, encode(["Signature1", HEADER, new Uint8Array(), payload]));
  return encode([HEADER, new Map(), payload, signature]);
}
