import { Der, Tag } from "./der.ts";
import { AttestationError } from "./error.ts";
import { readExtension, readSerial, readSignature, skipAlgorithm, type Suite } from "./x509.ts";

/** Longest revocation list that is read, in bytes. */
export const MAX_CRL_BYTES = 65_535;

/** Most serial numbers in a list: what the contract stores of one. */
const MAX_CRL_ENTRIES = 1228;

/** A revocation list. Times are Unix seconds. */
export interface RevocationList {
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly issuer: Uint8Array;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Serial numbers that are revoked. */
  readonly revoked: readonly bigint[];
}

/**
 * Decodes an X.509 v2 revocation list strictly.
 *
 * Not checked here: the signature, the time, the issuer. Extensions that are not critical are skipped; critical ones are
 * refused, above all those that make a list say less than it seems to.
 *
 * @throws {AttestationError}
 */
export function decodeCrl(bytes: Uint8Array, suite: Suite): RevocationList {
  if (bytes.length > MAX_CRL_BYTES) {
    throw new AttestationError("CrlTooLong", `${bytes.length} bytes; at most ${MAX_CRL_BYTES} are read`);
  }
  const der = new Der(bytes);
  const whole = der.open(0, bytes.length, Tag.Sequence);
  der.close(whole.next, bytes.length);
  const tbs = der.open(whole.start, whole.next, Tag.Sequence);
  const end = tbs.next;

  const version = der.readUint(tbs.start, end);
  if (version.value !== 1n) throw new AttestationError("CrlVersionInvalid", `version field ${version.value}`);
  const named = skipAlgorithm(der, version.next, end, suite);
  // It must equal the name of the issuer, which was read.
  const issuerEnd = der.open(named, end, Tag.Sequence).next;
  const thisUpdate = der.readTime(issuerEnd, end);
  const nextUpdate = der.readTime(thisUpdate.next, end);
  let at = nextUpdate.next;
  const revoked: bigint[] = [];
  if (der.isAt(at, end, Tag.Sequence)) {
    const list = der.open(at, end, Tag.Sequence);
    if (list.start === list.next) throw new AttestationError("CrlEntryInvalid", `an empty list at ${at}`);
    for (at = list.start; at !== list.next;) {
      if (revoked.length === MAX_CRL_ENTRIES) {
        throw new AttestationError("CrlEntriesTooMany", `more than ${MAX_CRL_ENTRIES}`);
      }
      const entry = der.open(at, list.next, Tag.Sequence);
      const serial = readSerial(der, entry.start, entry.next);
      const date = der.readTime(serial.next, entry.next);
      if (date.next !== entry.next) {
        const extensions = der.open(date.next, entry.next, Tag.Sequence);
        der.close(extensions.next, entry.next);
        skipExtensions(der, extensions.start, extensions.next);
      }
      revoked.push(serial.value);
      at = entry.next;
    }
  }
  if (at !== end) {
    const wrapper = der.open(at, end, 0xa0);
    der.close(wrapper.next, end);
    const list = der.open(wrapper.start, end, Tag.Sequence);
    der.close(list.next, end);
    skipExtensions(der, list.start, end);
  }
  const signature = readSignature(der, skipAlgorithm(der, end, whole.next, suite), whole.next, suite);
  return {
    signed: bytes.subarray(whole.start, end),
    signature,
    issuer: bytes.subarray(named, issuerEnd),
    thisUpdate: thisUpdate.time,
    nextUpdate: nextUpdate.time,
    revoked,
  };
}

function skipExtensions(der: Der, start: number, end: number): void {
  for (let at = start; at !== end;) {
    const { extension, next } = readExtension(der, at, end);
    if (extension.critical) throw new AttestationError("CrlExtensionInvalid", `critical ${extension.oid}`);
    at = next;
  }
}
