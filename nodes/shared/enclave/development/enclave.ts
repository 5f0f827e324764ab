import { createHash } from "node:crypto";

import { computeAddress, getBytes, hexlify, randomBytes, SigningKey } from "ethers";

import { bytes32 } from "../bytes.ts";
import { addressKey, keyIdOf, type ReceiptKey } from "../key.ts";
import { issueDevelopmentEvidence } from "./evidence.ts";
import { developmentMeasurement } from "./root.ts";

/** What runs in an enclave: enough for two enclaves that differ to measure differently. */
export interface EnclaveIdentity {
  /** SHA-256 of the model's files, or of its manifest; 32 bytes. */
  readonly model: string;
  /** SHA-256 of the program that runs it; 32 bytes. */
  readonly code: string;
}

/** When evidence is made, and for how long it can be registered, in seconds. */
export interface AttestOptions {
  readonly now: number;
  readonly validity?: number;
  readonly debug?: boolean;
}

/**
 * Stands where an enclave would on a development machine: it measures what it is told, holds a secp256k1 key in this
 * process, and has both attested under the development root. Nothing protects the key. What talks to it, the contracts
 * included, is what talks to a real one.
 */
export class DevelopmentEnclave {
  readonly #key: SigningKey;
  readonly #measurement: string;

  /**
   * @param identity What is said to run.
   * @param privateKey secp256k1 private key, 32 bytes; a random one when not given.
   * @throws {EnclaveInputError} when a hash is not 32 bytes.
   */
  constructor(identity: EnclaveIdentity, privateKey: string = hexlify(randomBytes(32))) {
    this.#measurement = measure(identity);
    this.#key = new SigningKey(privateKey);
  }

  /** Address of the signing key. */
  get address(): string {
    return computeAddress(this.#key.publicKey);
  }

  /** The signing key as `registerKey` takes it. */
  get receiptKey(): ReceiptKey {
    return addressKey(this.address);
  }

  /** Id of the signing key in the registry. */
  get keyId(): string {
    return keyIdOf(this.receiptKey);
  }

  /** Measurement as it stands in the evidence: SHA-256 of the identity's two hashes. */
  get measurement(): string {
    return this.#measurement;
  }

  /** Measurement as the registry knows it: what a policy's owner adds. */
  get claimedMeasurement(): string {
    return developmentMeasurement(this.#measurement);
  }

  /** Evidence that this enclave, with this key, was asked to attest `binding` (32 bytes). */
  attest(binding: string, options: AttestOptions): Uint8Array {
    return issueDevelopmentEvidence({
      ...options,
      measurement: this.#measurement,
      binding,
      key: this.#key.publicKey,
    });
  }

  /** The signature of `binding` that `registerKey` wants as proof of possession: 65 bytes, r, s, v. */
  proveKey(binding: string): string {
    return this.#key.sign(binding).serialized;
  }

  /** The signature of a statement's digest, 65 bytes, r, s, v. `TeeAdapter` wants its selector before it. */
  signStatement(digest: string): string {
    return this.#key.sign(digest).serialized;
  }
}

function measure({ model, code }: EnclaveIdentity): string {
  const hash = createHash("sha256")
    .update("assay.dev/1 measurement")
    .update(getBytes(bytes32("model", model)))
    .update(getBytes(bytes32("code", code)));
  return hexlify(hash.digest());
}
