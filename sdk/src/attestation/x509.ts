import { Der, hexOf, Tag } from "./der.ts";
import { AttestationError } from "./error.ts";

/** Longest certificate that is read, in bytes. */
export const MAX_CERTIFICATE_BYTES = 2048;
/** `pathLength` of an authority that sets no limit. */
export const NO_LIMIT = 255;

/** Which curve and hash a family of certificates uses throughout. */
export type Suite = "p256" | "p384";

interface SuiteParts {
  /** AlgorithmIdentifier of the signature. */
  readonly algorithm: string;
  /** SubjectPublicKeyInfo up to the uncompressed point's coordinates. */
  readonly keyPrefix: string;
  /** Bytes of a coordinate. */
  readonly width: number;
  /** Name of the error for another algorithm. */
  readonly unsupported: string;
  /** Leaves made by AWS have a keyUsage that is not critical. */
  readonly usageIsCritical: boolean;
  /** Whether the inside of the issuer's name is read here, and not only compared with the name that it must equal. */
  readonly issuerIsRead: boolean;
}

const SUITES: Readonly<Record<Suite, SuiteParts>> = {
  p256: {
    algorithm: "300a06082a8648ce3d040302",
    keyPrefix: "3059301306072a8648ce3d020106082a8648ce3d03010703420004",
    width: 32,
    unsupported: "CertificateAlgorithmUnsupported",
    usageIsCritical: true,
    issuerIsRead: true,
  },
  p384: {
    algorithm: "300a06082a8648ce3d040303",
    keyPrefix: "3076301006072a8648ce3d020106052b8104002203620004",
    width: 48,
    unsupported: "SignatureAlgorithmUnsupported",
    usageIsCritical: false,
    issuerIsRead: false,
  },
};

/** What an extension says, by its OID in hexadecimal. */
export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** Contents of the OCTET STRING. */
  readonly value: Uint8Array;
}

/** What a certificate says. Times are Unix seconds, both belonging to its validity. */
export interface Certificate {
  readonly suite: Suite;
  /** The signed part, head included. */
  readonly signed: Uint8Array;
  /** r and s, each padded to the curve's width. */
  readonly signature: Uint8Array;
  readonly serial: bigint;
  /** Names in DER, head included. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  /** The public key's coordinates, one after the other. */
  readonly publicKey: Uint8Array;
  readonly isAuthority: boolean;
  /** How many authorities may stand between this one and the leaf. */
  readonly pathLength: number;
  readonly mayCertify: boolean;
  readonly maySign: boolean;
  readonly maySignLists: boolean;
  readonly extensions: readonly Extension[];
  readonly der: Uint8Array;
}

const BASIC_CONSTRAINTS = "551d13";
const KEY_USAGE = "551d0f";

/**
 * Decodes an X.509 v3 certificate strictly.
 *
 * Not checked here: the signature, the time, the names, whether the key is on its curve, and any revocation.
 *
 * @param suite The family that it must be of, inside and outside.
 * @throws {AttestationError} with the names of `contracts/libraries/{Der,X509}.sol`.
 */
export function decodeCertificate(bytes: Uint8Array, suite: Suite): Certificate {
  if (bytes.length > MAX_CERTIFICATE_BYTES) {
    throw new AttestationError("CertificateTooLong", `${bytes.length} bytes; at most ${MAX_CERTIFICATE_BYTES}`);
  }
  const der = new Der(bytes);
  const whole = der.open(0, bytes.length, Tag.Sequence);
  der.close(whole.next, bytes.length);
  const tbs = der.open(whole.start, whole.next, Tag.Sequence);
  const fields = decodeSigned(der, tbs.start, tbs.next, suite);
  const signature = readSignature(der, skipAlgorithm(der, tbs.next, whole.next, suite), whole.next, suite);
  return { suite, signed: bytes.subarray(whole.start, tbs.next), signature, der: bytes, ...fields };
}

/** Reads BIT STRING { SEQUENCE { r, s } }, which must reach `end`, and pads both. */
export function readSignature(der: Der, offset: number, end: number, suite: Suite): Uint8Array {
  const bits = der.openBits(offset, end);
  der.close(bits.next, end);
  const pair = der.open(bits.start, bits.next, Tag.Sequence);
  der.close(pair.next, bits.next);
  const { width } = SUITES[suite];
  const r = der.readUint(pair.start, pair.next, width);
  const s = der.readUint(r.next, pair.next, width);
  der.close(s.next, pair.next);
  const out = new Uint8Array(2 * width);
  for (const [half, { value }] of [r, s].entries()) {
    for (let i = width - 1, left = value; i >= 0; i--, left >>= 8n) out[half * width + i] = Number(left & 0xffn);
  }
  return out;
}

/** Skips the suite's AlgorithmIdentifier, which must stand at `offset`. */
export function skipAlgorithm(der: Der, offset: number, end: number, suite: Suite): number {
  const { algorithm, unsupported } = SUITES[suite];
  const next = offset + algorithm.length / 2;
  if (next > end || hexOf(der.data.subarray(offset, next)) !== algorithm) {
    throw new AttestationError(unsupported, `${suite} belongs at ${offset}`);
  }
  return next;
}

/** Skips a Name, which must be a SEQUENCE of SETs of printable ASCII attributes, and returns the offset past it. */
export function skipName(der: Der, offset: number, end: number): number {
  const name = der.open(offset, end, Tag.Sequence);
  for (let part = name.start; part !== name.next;) {
    const set = der.open(part, name.next, Tag.Set);
    let attribute = set.start;
    do {
      const pair = der.open(attribute, set.next, Tag.Sequence);
      const at = der.readOid(pair.start, pair.next).next;
      const printable = der.isAt(at, pair.next, Tag.PrintableString);
      const value = der.open(at, pair.next, printable ? Tag.PrintableString : Tag.Utf8String);
      der.close(value.next, pair.next);
      for (const octet of der.data.subarray(value.start, value.next)) {
        if (octet < 0x20 || octet > 0x7e) throw new AttestationError("DerValueInvalid", `at ${at}`);
      }
      attribute = pair.next;
    } while (attribute !== set.next);
    part = set.next;
  }
  return name.next;
}

function decodeSigned(der: Der, start: number, end: number, suite: Suite) {
  const { data } = der;
  const explicit = der.open(start, end, 0xa0);
  const version = der.readUint(explicit.start, explicit.next);
  der.close(version.next, explicit.next);
  if (version.value !== 2n) throw new AttestationError("CertificateVersionInvalid", `version field ${version.value}`);

  const serial = readSerial(der, explicit.next, end);
  let at = skipAlgorithm(der, serial.next, end, suite);
  const issuerEnd = SUITES[suite].issuerIsRead ? skipName(der, at, end) : der.open(at, end, Tag.Sequence).next;
  const issuer = data.subarray(at, issuerEnd);

  const validity = der.open(issuerEnd, end, Tag.Sequence);
  const notBefore = der.readTime(validity.start, validity.next);
  const notAfter = der.readTime(notBefore.next, validity.next);
  der.close(notAfter.next, validity.next);

  const subjectEnd = skipName(der, validity.next, end);
  const subject = data.subarray(validity.next, subjectEnd);

  const { keyPrefix, width } = SUITES[suite];
  at = subjectEnd + keyPrefix.length / 2;
  if (at + 2 * width > end || hexOf(data.subarray(subjectEnd, at)) !== keyPrefix) {
    throw new AttestationError("CertificateKeyUnsupported", `no uncompressed ${suite} key at ${subjectEnd}`);
  }
  const publicKey = data.subarray(at, at + 2 * width);

  const wrapper = der.open(at + 2 * width, end, 0xa3);
  der.close(wrapper.next, end);
  const list = der.open(wrapper.start, end, Tag.Sequence);
  der.close(list.next, end);
  return {
    serial: serial.value,
    issuer,
    subject,
    notBefore: notBefore.time,
    notAfter: notAfter.time,
    publicKey,
    ...decodeExtensions(der, list.start, end, SUITES[suite].usageIsCritical),
  };
}

/** A positive serial number of at most 20 bytes (RFC 5280, 4.1.2.2). */
export function readSerial(der: Der, offset: number, end: number): { value: bigint; next: number } {
  const { start, next } = der.openUint(offset, end);
  const length = next - start - (der.data[start] === 0 ? 1 : 0);
  if (length > 20 || length === 0) throw new AttestationError("CertificateSerialInvalid", `at ${offset}`);
  return der.readUint(offset, end);
}

function decodeExtensions(der: Der, start: number, end: number, usageIsCritical: boolean) {
  const extensions: Extension[] = [];
  let isAuthority = false;
  let pathLength = NO_LIMIT;
  let usage = 0;
  for (let at = start; at !== end;) {
    const { extension, next } = readExtension(der, at, end);
    at = next;
    const { oid, critical, value } = extension;
    const known = oid === BASIC_CONSTRAINTS || oid === KEY_USAGE;
    const mayBePlain = oid === KEY_USAGE && !usageIsCritical;
    if (!known && critical) throw new AttestationError("CertificateExtensionUnknown", `critical ${oid}`);
    if (known && (!(critical || mayBePlain) || extensions.some((other) => other.oid === oid))) {
      throw new AttestationError("CertificateExtensionInvalid", `${oid} stands twice or is not critical`);
    }
    extensions.push(extension);
    if (oid === BASIC_CONSTRAINTS) ({ isAuthority, pathLength } = decodeConstraints(new Der(value)));
    if (oid === KEY_USAGE) usage = decodeUsage(new Der(value));
  }
  return {
    extensions,
    isAuthority,
    pathLength,
    mayCertify: (usage & 0x04) !== 0,
    maySign: (usage & 0x80) !== 0,
    maySignLists: (usage & 0x02) !== 0,
  };
}

/** One Extension ::= SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, OCTET STRING }. */
export function readExtension(der: Der, offset: number, end: number): { extension: Extension; next: number } {
  const { start, next } = der.open(offset, end, Tag.Sequence);
  const { oid, next: named } = der.readOid(start, next);
  let at = named;
  const critical = der.isAt(at, next, Tag.Boolean);
  if (critical) {
    const flag = der.readBool(at, next);
    if (!flag.value) throw new AttestationError("DerValueInvalid", `a default is written at ${at}`);
    at = flag.next;
  }
  const value = der.open(at, next, Tag.OctetString);
  der.close(value.next, next);
  return { extension: { oid, critical, value: der.data.subarray(value.start, value.next) }, next };
}

function decodeConstraints(der: Der): { isAuthority: boolean; pathLength: number } {
  const end = der.data.length;
  const { start, next } = der.open(0, end, Tag.Sequence);
  der.close(next, end);
  if (start === end) return { isAuthority: false, pathLength: NO_LIMIT };
  const flag = der.readBool(start, end);
  if (!flag.value) throw new AttestationError("CertificateExtensionInvalid", "basicConstraints write a default");
  if (flag.next === end) return { isAuthority: true, pathLength: NO_LIMIT };
  const limit = der.readUint(flag.next, end);
  der.close(limit.next, end);
  if (limit.value >= BigInt(NO_LIMIT)) {
    throw new AttestationError("CertificateExtensionInvalid", `a path of ${limit.value} authorities`);
  }
  return { isAuthority: true, pathLength: Number(limit.value) };
}

/** A named bit list in DER: no zero bit at its end. Nine bits are defined, so it has one or two bytes. */
function decodeUsage(der: Der): number {
  const end = der.data.length;
  const { start, next } = der.open(0, end, Tag.BitString);
  der.close(next, end);
  const unused = der.data[start] ?? 0;
  const last = der.data[next - 1] ?? 0;
  const length = next - start;
  if ((length !== 2 && length !== 3) || unused > 7 || (last & ((2 << unused) - 1)) !== 1 << unused) {
    throw new AttestationError("CertificateExtensionInvalid", "keyUsage is not a named bit list in DER");
  }
  return der.data[start + 1] ?? 0;
}
