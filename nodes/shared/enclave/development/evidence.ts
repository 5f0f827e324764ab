import { getBytes, SigningKey } from "ethers";

import { bytes32 } from "../bytes.ts";
import { EnclaveInputError } from "../errors.ts";
import { issueCertificate } from "./certificate.ts";
import { encodePayload, signDocument } from "./document.ts";
import { developmentKey } from "./keys.ts";
import { DEVELOPMENT_ROOT, ROOT_NAME } from "./root.ts";

const AUTHORITY_NAME = "Assay Development Authority";

/** From 2020 to the last second of 2049. */
const AUTHORITY_VALIDITY = { notBefore: 1_577_836_800, notAfter: 2_524_607_999 } as const;

/** What evidence is to say. */
export interface DevelopmentEvidenceOptions {
  /** What runs in the enclave, 32 bytes. */
  readonly measurement: string;
  /** First half of the attested data, 32 bytes; see `bindingOf`. */
  readonly binding: string;
  /** Second half, 32 bytes, zero by default. */
  readonly binding1?: string;
  /** The enclave's secp256k1 public key, compressed or not. */
  readonly key: string;
  /** Whether the enclave says that it can be looked into; registries refuse one that does. Default: false. */
  readonly debug?: boolean;
  /** Time of issue, Unix seconds. Take it from the chain's latest block: a chain's clock may lag behind. */
  readonly now: number;
  /** For how many seconds from `now` the evidence may be registered. Default: 3600. */
  readonly validity?: number;
  /** Which of the make-believe machines attests. Default: "0". */
  readonly machine?: string;
}

/**
 * Issues evidence under the development root, in the form that `DevelopmentVerifier` takes. It shows nothing about the
 * machine it is made on: anyone can make it, and contracts take it on local chains only. Equal options give equal bytes.
 *
 * @throws {EnclaveInputError} when a value has the wrong length, or a time is not a whole number of seconds.
 */
export function issueDevelopmentEvidence(options: DevelopmentEvidenceOptions): Uint8Array {
  const { now, validity = 3600, machine = "0" } = options;
  if (!Number.isSafeInteger(validity) || validity < 0) {
    throw new EnclaveInputError("validity", validity, "use a whole number of seconds from 0 up");
  }
  const authority = developmentKey("authority");
  const leaf = developmentKey(`machine ${machine}`);
  const chain = [
    issueCertificate({
      serial: 1n,
      issuer: ROOT_NAME,
      subject: AUTHORITY_NAME,
      ...AUTHORITY_VALIDITY,
      publicKey: authority.publicKey,
      signer: DEVELOPMENT_ROOT,
      authority: { pathLength: 0 },
    }),
    issueCertificate({
      serial: 2n,
      issuer: AUTHORITY_NAME,
      subject: `Assay Development Machine ${machine}`,
      notBefore: now,
      notAfter: now + validity,
      publicKey: leaf.publicKey,
      signer: authority,
    }),
  ];
  const userData = new Uint8Array(64);
  userData.set(getBytes(bytes32("binding", options.binding)));
  if (options.binding1 !== undefined) userData.set(getBytes(bytes32("binding1", options.binding1)), 32);
  const payload = encodePayload({
    chain,
    debug: options.debug ?? false,
    issuedAt: now,
    userData,
    publicKey: getBytes(SigningKey.computePublicKey(options.key, false)).slice(1),
    measurement: getBytes(bytes32("measurement", options.measurement)),
  });
  return signDocument(payload, leaf);
}
