import { Der, hexOf, Tag } from "../der.ts";
import { AttestationError } from "../error.ts";
import type { Certificate } from "../x509.ts";

const SGX_EXTENSION = "2a864886f84d010d01";

/** What Intel's extension of a machine's certificate (PCK) says about the machine. */
export interface PckPlatform {
  /** 16 bytes that name the platform. */
  readonly ppid: Uint8Array;
  /** Security versions of the 16 components that quotes are judged by. */
  readonly components: readonly number[];
  readonly pceSvn: number;
  readonly cpuSvn: Uint8Array;
  readonly pceId: Uint8Array;
  /** Family and model, 6 bytes. */
  readonly fmspc: Uint8Array;
}

/**
 * Reads the SGX extension of a PCK certificate: each field once, in Intel's order, the optional ones of platform certificates
 * after them.
 *
 * @throws {AttestationError} SgxExtensionMissing, SgxExtensionInvalid or an error of {@link Der}.
 */
export function pckPlatform(certificate: Certificate): PckPlatform {
  const found = certificate.extensions.filter(({ oid }) => oid === SGX_EXTENSION);
  const [extension] = found;
  if (extension === undefined) throw new AttestationError("SgxExtensionMissing", "no SGX extension");
  if (found.length > 1) throw invalid("it stands twice");
  const der = new Der(extension.value);
  const end = extension.value.length;
  const list = der.open(0, end, Tag.Sequence);
  der.close(list.next, end);

  let at = list.start;
  const field = (number: number): { start: number; next: number } => {
    const pair = namedPair(der, at, end, `${SGX_EXTENSION}${byteHex(number)}`);
    at = pair.next;
    return pair;
  };
  const octets = (number: number, length: number): Uint8Array => {
    const pair = field(number);
    return octetsOf(der, pair.start, pair.next, length);
  };
  const ppid = octets(1, 16);
  const { components, pceSvn, cpuSvn } = readTcb(der, field(2));
  const pceId = octets(3, 2);
  const fmspc = octets(4, 6);
  const type = field(5);
  const kind = der.open(type.start, type.next, Tag.Enumerated);
  der.close(kind.next, type.next);
  if (kind.next - kind.start !== 1 || (der.data[kind.start] ?? 3) > 2) throw invalid("its type is not 0, 1 or 2");
  if (at !== end) {
    octets(6, 16);
    const configuration = field(7);
    const flags = der.open(configuration.start, configuration.next, Tag.Sequence);
    der.close(flags.next, configuration.next);
    let flag = flags.start;
    for (let number = 1; number <= 3; number++) {
      const pair = namedPair(der, flag, flags.next, `${SGX_EXTENSION}07${byteHex(number)}`);
      der.close(der.readBool(pair.start, pair.next).next, pair.next);
      flag = pair.next;
    }
    der.close(flag, flags.next);
  }
  der.close(at, end);
  return { ppid, components, pceSvn, cpuSvn, pceId, fmspc };
}

function readTcb(der: Der, { start, next }: { start: number; next: number }) {
  const list = der.open(start, next, Tag.Sequence);
  der.close(list.next, next);
  const prefix = `${SGX_EXTENSION}02`;
  const components: number[] = [];
  let at = list.start;
  for (let number = 1; number <= 17; number++) {
    const pair = namedPair(der, at, next, prefix + byteHex(number));
    const { value, next: end } = der.readUint(pair.start, pair.next);
    der.close(end, pair.next);
    if (value > (number === 17 ? 0xffffn : 0xffn)) throw invalid(`component ${number} is ${value}`);
    components.push(Number(value));
    at = pair.next;
  }
  const pair = namedPair(der, at, next, prefix + byteHex(18));
  der.close(pair.next, next);
  const cpuSvn = octetsOf(der, pair.start, pair.next, 16);
  return { components: components.slice(0, 16), pceSvn: components[16] ?? 0, cpuSvn };
}

/** SEQUENCE { OID, value }: where the value lies. */
function namedPair(der: Der, offset: number, end: number, expected: string): { start: number; next: number } {
  const { start, next } = der.open(offset, end, Tag.Sequence);
  const { oid, next: value } = der.readOid(start, next);
  if (oid !== expected) throw invalid(`${oid}, where ${expected} belongs`);
  return { start: value, next };
}

function octetsOf(der: Der, start: number, end: number, length: number): Uint8Array {
  const value = der.open(start, end, Tag.OctetString);
  der.close(value.next, end);
  if (value.next - value.start !== length) throw invalid(`${value.next - value.start} bytes, where ${length} belong`);
  return der.data.subarray(value.start, value.next);
}

function invalid(what: string): AttestationError {
  return new AttestationError("SgxExtensionInvalid", what);
}

function byteHex(number: number): string {
  return hexOf(Uint8Array.of(number));
}
