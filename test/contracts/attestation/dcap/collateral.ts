import { X509Certificate } from "node:crypto";

/** Everything that a quote is verified with; the quote too, as its owner made it. */
export interface DcapSet {
  readonly quote: Uint8Array;
  readonly pck: Uint8Array;
  readonly pckAuthority: Uint8Array;
  readonly tcbSigner: Uint8Array;
  readonly rootCrl: Uint8Array;
  readonly pckCrl: Uint8Array;
  readonly tcbInfo: SignedText;
  readonly qeIdentity: SignedText;
}

/** A document of Intel's: the text that was signed, and the two halves of the signature. */
export interface SignedText {
  readonly text: string;
  readonly signature: Uint8Array;
}

/** What `@phala/dcap-qvl` calls collateral, and writes as JSON. */
export interface PhalaCollateral {
  readonly pck_crl_issuer_chain: string;
  readonly root_ca_crl: string;
  readonly pck_crl: string;
  readonly tcb_info_issuer_chain: string;
  readonly tcb_info: string;
  readonly tcb_info_signature: string;
  readonly qe_identity_issuer_chain: string;
  readonly qe_identity: string;
  readonly qe_identity_signature: string;
}

const fromHex = (text: string): Uint8Array => Buffer.from(text, "hex");

/** The certificates in PEM text, as DER. */
export function readPem(text: string): Uint8Array[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.map((one) => new X509Certificate(one).raw);
}

/** A quote and its collateral, as one set. */
export function assembleSet(quote: Uint8Array, collateral: PhalaCollateral): DcapSet {
  const [pckAuthority] = readPem(collateral.pck_crl_issuer_chain);
  const [tcbSigner] = readPem(collateral.tcb_info_issuer_chain);
  const [pck] = readPem(Buffer.from(quote).toString("latin1"));
  if (pckAuthority === undefined || tcbSigner === undefined || pck === undefined) throw new Error("no certificate");
  return {
    quote,
    pck,
    pckAuthority,
    tcbSigner,
    rootCrl: fromHex(collateral.root_ca_crl),
    pckCrl: fromHex(collateral.pck_crl),
    tcbInfo: { text: collateral.tcb_info, signature: fromHex(collateral.tcb_info_signature) },
    qeIdentity: { text: collateral.qe_identity, signature: fromHex(collateral.qe_identity_signature) },
  };
}

/** The subject key identifier in a certificate. */
export function keyIdOf(der: Uint8Array): string {
  const at = Buffer.from(der).indexOf(Buffer.from("0603551d0e04160414", "hex"));
  if (at < 0) throw new Error("no subject key identifier");
  return `0x${Buffer.from(der.slice(at + 9, at + 29)).toString("hex")}`;
}

/** The quote with its PCK certificate chain taken out, whose hash then stands in the hints. */
export function shortenQuote(quote: Uint8Array): Uint8Array {
  const view = new DataView(quote.buffer, quote.byteOffset, quote.byteLength);
  const version = view.getUint16(0, true);
  const isTdx = view.getUint32(4, true) !== 0;
  const body = version === 5 ? 54 + view.getUint32(50, true) : 48 + (isTdx ? 584 : 384);
  // Past the size of the signature data, the signature and the key.
  let at = body + 4 + 128;
  const outer = at + 2;
  if (version > 3) at += 6;
  at += 384 + 64;
  at += 2 + view.getUint16(at, true);
  const short = Uint8Array.from(quote.subarray(0, at + 6));
  const out = new DataView(short.buffer, short.byteOffset, short.byteLength);
  out.setUint32(at + 2, 0, true);
  if (version > 3) out.setUint32(outer, at + 6 - outer - 4, true);
  out.setUint32(body, at + 6 - body - 4, true);
  return short;
}
