const SNP_REPORT_BYTES = 1184;
/** Offset of the signature's algorithm in a report of SEV-SNP, and its only value: ECDSA on P-384. */
const SNP_ALGORITHM_AT = 0x34;
const SNP_ALGORITHM = 1;
const SNP_VERSIONS: ReadonlySet<number> = new Set([2, 3, 4, 5]);
/** Bytes of the request that stands before the answer in a report of an NVIDIA GPU. */
const SPDM_REQUEST_BYTES = 37;
/** Head that dstack puts before evidence: its version, its kind, and a length of two bytes. */
const ENVELOPE_BYTES = 4;

/** What evidence is that nothing here verifies, and what to do about it; undefined where that cannot be told. */
export function foreignEvidence(bytes: Uint8Array): string | undefined {
  if (isSnpReport(bytes)) {
    return `a report of AMD SEV-SNP, version ${bytes[0]}; evidence of AMD is not supported`;
  }
  if (startsWith(bytes, 0, [0x11, 0xe0]) && startsWith(bytes, SPDM_REQUEST_BYTES, [0x11, 0x60])) {
    return "a measurement report of an NVIDIA GPU; evidence of GPUs is not supported, only that of the machine around them";
  }
  // TPM_GENERATED_VALUE, with or without the length that may stand before.
  if (startsWith(bytes, 0, [0xff, 0x54, 0x43, 0x47]) || startsWith(bytes, 2, [0xff, 0x54, 0x43, 0x47])) {
    return "a quote of a TPM; evidence of TPMs is not supported";
  }
  return bytes[0] === 0 ? wrapped(bytes.subarray(ENVELOPE_BYTES)) : undefined;
}

function wrapped(inside: Uint8Array): string | undefined {
  const where = `dstack's envelope around`;
  // COSE_Sign1 with the one protected header that AWS uses, ES384.
  if (startsWith(inside, 0, [0x84, 0x44, 0xa1, 0x01, 0x38, 0x22])) {
    return `${where} a Nitro document; give the COSE_Sign1 inside it, which begins at byte ${ENVELOPE_BYTES}`;
  }
  if (isSnpReport(inside.subarray(0, SNP_REPORT_BYTES))) {
    return `${where} a report of AMD SEV-SNP; evidence of AMD is not supported`;
  }
  const version = inside[0] ?? 0;
  // Version, and ECDSA on P-256 as the kind of key.
  if (version >= 3 && version <= 5 && startsWith(inside, 1, [0, 2, 0])) {
    return `${where} an Intel quote; give the quote inside it, which begins at byte ${ENVELOPE_BYTES}`;
  }
  return undefined;
}

function isSnpReport(bytes: Uint8Array): boolean {
  if (bytes.length !== SNP_REPORT_BYTES) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return SNP_VERSIONS.has(view.getUint32(0, true)) && view.getUint32(SNP_ALGORITHM_AT, true) === SNP_ALGORITHM;
}

function startsWith(bytes: Uint8Array, at: number, head: readonly number[]): boolean {
  return head.every((byte, i) => bytes[at + i] === byte);
}
