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
