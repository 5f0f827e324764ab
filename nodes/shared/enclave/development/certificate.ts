import { ECDSASigValue, ECParameters, ecdsaWithSHA256, id_ecPublicKey, id_secp256r1 } from "@peculiar/asn1-ecc";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  BasicConstraints,
  Extension,
  Extensions,
  id_ce_basicConstraints,
  id_ce_keyUsage,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from "@peculiar/asn1-x509";

import { EnclaveInputError } from "../errors.ts";
import { encodeSequence, encodeUnsigned } from "./der.ts";
import { signP256 } from "./keys.ts";
import type { P256Key } from "./keys.ts";

const COMMON_NAME = "2.5.4.3";

/** What a certificate of the development authority says. */
export interface CertificateOptions {
  /** Positive, below 2^159. */
  readonly serial: bigint;
  /** Common name of the issuer. */
  readonly issuer: string;
  /** Common name of the subject. */
  readonly subject: string;
  /** First second of validity, Unix time. */
  readonly notBefore: number;
  /** Last second of validity, Unix time. */
  readonly notAfter: number;
  /** Key that the certificate is for: 65 bytes, uncompressed. */
  readonly publicKey: Uint8Array;
  /** Key of the issuer. */
  readonly signer: P256Key;
  /** Given for an authority, which signs certificates: `pathLength` authorities may follow it, any number without. */
  readonly authority?: { readonly pathLength?: number };
  /** Bits of keyUsage (`KeyUsageFlags`), when not the usual ones; zero leaves the extension out. */
  readonly keyUsage?: number;
  /** Further extensions. */
  readonly extensions?: readonly Extension[];
}

/** The name whose only part is the common name `commonName`, in DER. */
export function encodeName(commonName: string): Uint8Array {
  return new Uint8Array(AsnConvert.serialize(nameOf(commonName)));
}

/**
 * Issues an X.509 v3 certificate, ECDSA on P-256 with SHA-256, in DER. The same options give the same bytes.
 *
 * @throws {EnclaveInputError} when the serial number or the interval of validity cannot be used.
 */
export function issueCertificate(options: CertificateOptions): Uint8Array {
  const { serial, notBefore, notAfter } = options;
  if (serial <= 0n || serial >= 1n << 159n) throw new EnclaveInputError("serial", serial, "use 1 to 2^159 - 1");
  if (!Number.isSafeInteger(notBefore) || !Number.isSafeInteger(notAfter) || notBefore < 0 || notAfter < notBefore) {
    throw new EnclaveInputError("validity", `${notBefore} to ${notAfter}`, "use whole Unix seconds, in order");
  }
  const tbs = new TBSCertificate({
    version: Version.v3,
    serialNumber: encodeUnsigned(serial),
    signature: ecdsaWithSHA256,
    issuer: nameOf(options.issuer),
    validity: new Validity({ notBefore: new Date(notBefore * 1000), notAfter: new Date(notAfter * 1000) }),
    subject: nameOf(options.subject),
    subjectPublicKeyInfo: new SubjectPublicKeyInfo({
      algorithm: new AlgorithmIdentifier({
        algorithm: id_ecPublicKey,
        parameters: AsnConvert.serialize(new ECParameters({ namedCurve: id_secp256r1 })),
      }),
      subjectPublicKey: new Uint8Array(options.publicKey).buffer,
    }),
    extensions: new Extensions(extensionsOf(options)),
  });
  return signCertificate(new Uint8Array(AsnConvert.serialize(tbs)), options.signer);
}

/** Makes a certificate of `tbs`, the DER of a TBSCertificate that is not looked into, with a signature by `signer`. */
export function signCertificate(tbs: Uint8Array, signer: P256Key): Uint8Array {
  const signature = Buffer.from(signP256(signer, tbs));
  const value = new ECDSASigValue({
    r: encodeUnsigned(BigInt(`0x${signature.toString("hex", 0, 32)}`)),
    s: encodeUnsigned(BigInt(`0x${signature.toString("hex", 32)}`)),
  });
  // A BIT STRING without unused bits; the signature has at most 72 bytes, so its length has one.
  const bits = Buffer.concat([Buffer.of(0), Buffer.from(AsnConvert.serialize(value))]);
  return encodeSequence([
    tbs,
    new Uint8Array(AsnConvert.serialize(ecdsaWithSHA256)),
    Buffer.concat([Buffer.of(0x03, bits.length), bits]),
  ]);
}

function nameOf(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])]);
}

function extensionsOf({ authority, keyUsage, extensions = [] }: CertificateOptions): Extension[] {
  const pathLength = authority?.pathLength;
  const constraints = new BasicConstraints({
    cA: authority !== undefined,
    ...(pathLength === undefined ? {} : { pathLenConstraint: pathLength }),
  });
  const usual = authority ? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign : KeyUsageFlags.digitalSignature;
  const usage = keyUsage ?? usual;
  return [
    critical(id_ce_basicConstraints, AsnConvert.serialize(constraints)),
    ...(usage === 0 ? [] : [critical(id_ce_keyUsage, AsnConvert.serialize(new KeyUsage(usage)))]),
    ...extensions,
  ];
}

function critical(extnID: string, value: ArrayBuffer): Extension {
  return new Extension({ extnID, critical: true, extnValue: new OctetString(value) });
}
