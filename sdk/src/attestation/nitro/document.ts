import { Cbor, Major } from "../cbor.ts";
import { AttestationError } from "../error.ts";

/** Longest evidence that is read, in bytes. */
export const MAX_NITRO_BYTES = 12_288;

const MAX_BUNDLE = 6;
const MAX_CERTIFICATE_BYTES = 1024;
/** Of `public_key`, `user_data` and `nonce`, by AWS's definition of the document. */
const MAX_DATA_BYTES = 1024;
const MAX_MODULE_ID_BYTES = 64;
const PCR_BYTES = 48;
const FIELDS = [
  "module_id",
  "digest",
  "timestamp",
  "pcrs",
  "certificate",
  "cabundle",
  "public_key",
  "user_data",
  "nonce",
] as const;
const REQUIRED_FIELDS = FIELDS.slice(0, 6);
const REQUIRED_PCRS = [0, 1, 2, 3, 4, 8];
const HEADER = [0xa1, 0x01, 0x38, 0x22];

/** An attestation document of AWS Nitro, taken apart. Nothing of it is verified. */
export interface NitroDocument {
  readonly moduleId: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** 48 bytes each, by index. */
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
  /** DER, the root first and the leaf last. */
  readonly chain: readonly Uint8Array[];
  readonly publicKey: Uint8Array | undefined;
  readonly userData: Uint8Array | undefined;
  readonly nonce: Uint8Array | undefined;
  /** What the leaf signs: COSE's Sig_structure. */
  readonly signed: Uint8Array;
  /** r || s. */
  readonly signature: Uint8Array;
}

/**
 * Takes a COSE_Sign1 message with the payload of a Nitro attestation document apart, tagged or not.
 *
 * Not checked here: signatures, times, certificates, and which PCRs are wanted.
 *
 * @throws {AttestationError} with the names of `INitroVerifier` and `Cbor`.
 */
export function parseNitroDocument(bytes: Uint8Array): NitroDocument {
  if (bytes.length > MAX_NITRO_BYTES) {
    throw new AttestationError("EvidenceTooLong", `${bytes.length} bytes; at most ${MAX_NITRO_BYTES} are read`);
  }
  const cose = new Cbor(bytes);
  if (bytes[0] === 0xd2) cose.at = 1;
  cose.expectCount(Major.Array, 4);
  const header = cose.bytes();
  if (header.length !== HEADER.length || HEADER.some((byte, i) => byte !== header[i])) {
    throw new AttestationError("HeaderUnsupported", "the protected header is not {1: -35}, ES384");
  }
  cose.expectCount(Major.Map, 0);
  const start = cose.at;
  const payload = cose.bytes();
  const signed = Uint8Array.from([...SIGNED_PREFIX, ...bytes.subarray(start, cose.at)]);
  const at = cose.at;
  const signature = cose.bytes();
  if (signature.length !== 96) {
    throw new AttestationError("CborSizeUnexpected", `at ${at}: a signature of ${signature.length} bytes, not 96`);
  }
  requireEnd(cose);
  return { ...parsePayload(payload), signed, signature };
}

/** Sig_structure up to the payload: an array of "Signature1", the header, no external data. */
const SIGNED_PREFIX = [0x84, 0x6a, ...new TextEncoder().encode("Signature1"), 0x44, ...HEADER, 0x40];

function parsePayload(payload: Uint8Array): Omit<NitroDocument, "signed" | "signature"> {
  const cbor = new Cbor(payload);
  const seen = new Set<string>();
  let moduleId = "";
  let timestamp = 0;
  let pcrs: ReadonlyMap<number, Uint8Array> = new Map();
  let leaf: Uint8Array = new Uint8Array();
  let bundle: readonly Uint8Array[] = [];
  const optional = new Map<string, Uint8Array>();

  cbor.map((offset) => {
    const name = asciiOf(cbor.text());
    const field = FIELDS.find((known) => known === name);
    if (field === undefined) throw new AttestationError("FieldUnknown", `at ${offset}`);
    if (seen.has(field)) throw new AttestationError("FieldRepeated", `${field} at ${offset}`);
    seen.add(field);
    if (field === "module_id") moduleId = readModuleId(cbor);
    else if (field === "digest") readDigest(cbor);
    else if (field === "timestamp") timestamp = cbor.head(Major.Uint);
    else if (field === "pcrs") pcrs = readPcrs(cbor);
    else if (field === "certificate") leaf = readBytes(cbor, 1, MAX_CERTIFICATE_BYTES);
    else if (field === "cabundle") bundle = readBundle(cbor);
    else if (!cbor.skipNull()) optional.set(field, readBytes(cbor, 0, MAX_DATA_BYTES));
  });
  requireEnd(cbor);
  const missing = REQUIRED_FIELDS.filter((field) => !seen.has(field));
  if (missing.length > 0) throw new AttestationError("FieldsMissing", missing.join(", "));
  return {
    moduleId,
    timestamp,
    pcrs,
    chain: [...bundle, leaf],
    publicKey: optional.get("public_key"),
    userData: optional.get("user_data"),
    nonce: optional.get("nonce"),
  };
}

function readModuleId(cbor: Cbor): string {
  const offset = cbor.at;
  const text = cbor.text();
  if (text.length > MAX_MODULE_ID_BYTES) throw lengthInvalid(offset, text.length, 1, MAX_MODULE_ID_BYTES);
  const id = asciiOf(text);
  if (!/^i-[0-9a-f]+-enc[0-9a-f]+$/.test(id)) {
    throw new AttestationError("ModuleIdInvalid", `"${id}" is not i-…-enc…`);
  }
  return id;
}

function readDigest(cbor: Cbor): void {
  if (asciiOf(cbor.text()) !== "SHA384") throw new AttestationError("DigestUnsupported", "SHA384 belongs here");
}

function readPcrs(cbor: Cbor): ReadonlyMap<number, Uint8Array> {
  const pcrs = new Map<number, Uint8Array>();
  cbor.map(() => {
    const index = cbor.head(Major.Uint);
    if (index > 31) throw new AttestationError("PcrIndexInvalid", `PCR ${index}`);
    if (pcrs.has(index)) throw new AttestationError("PcrRepeated", `PCR ${index}`);
    const value = cbor.bytes();
    if (value.length !== PCR_BYTES) {
      throw new AttestationError("PcrLengthInvalid", `PCR ${index} has ${value.length} bytes, not ${PCR_BYTES}`);
    }
    pcrs.set(index, value);
  });
  const missing = REQUIRED_PCRS.filter((index) => !pcrs.has(index));
  if (missing.length > 0) throw new AttestationError("PcrsMissing", missing.join(", "));
  return pcrs;
}

function readBundle(cbor: Cbor): readonly Uint8Array[] {
  const offset = cbor.at;
  const count = cbor.head(Major.Array);
  if (count < 1 || count > MAX_BUNDLE) throw lengthInvalid(offset, count, 1, MAX_BUNDLE);
  return Array.from({ length: count }, () => readBytes(cbor, 1, MAX_CERTIFICATE_BYTES));
}

function readBytes(cbor: Cbor, least: number, most: number): Uint8Array {
  const offset = cbor.at;
  const value = cbor.bytes();
  if (value.length < least || value.length > most) throw lengthInvalid(offset, value.length, least, most);
  return value;
}

function lengthInvalid(offset: number, received: number, least: number, most: number): AttestationError {
  return new AttestationError("FieldLengthInvalid", `at ${offset}: ${received}, where ${least} to ${most} belong`);
}

function requireEnd(cbor: Cbor): void {
  const left = cbor.data.length - cbor.at;
  if (left !== 0) throw new AttestationError("EvidenceTrailing", `${left} bytes after the end`);
}

function asciiOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, MAX_MODULE_ID_BYTES + 1));
}
