import { keccak256 } from "ethers";

import { bytes, hex } from "../../../../scripts/fixtures/nitro-pki.ts";
import { AttestationError } from "../../../../sdk/src/attestation/error.ts";
import { verifyNitro } from "../../../../sdk/src/attestation/nitro/verify.ts";

/** A part of a document: `bytes[start:end]`. */
export interface Part {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** A document taken apart. Offsets are those of the whole. */
export interface Opened {
  readonly whole: Uint8Array;
  readonly header: Part;
  readonly payload: Part;
  readonly signature: Part;
  /** Keys and values of the payload, each PCR and each certificate for itself. */
  readonly parts: readonly Part[];
  /** From the root to the leaf. */
  readonly chain: readonly Part[];
}

/** Makes the hints of one signature. */
export type Prover = (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => Uint8Array;

interface Item {
  readonly major: number;
  readonly value: number;
  /** Offset past the head. */
  readonly at: number;
}

function itemAt(data: Uint8Array, offset: number): Item {
  const first = data[offset]!;
  const info = first & 0x1f;
  if (info < 24 || info === 31) return { major: first >> 5, value: info, at: offset + 1 };
  const width = 1 << (info - 24);
  const value = Number.parseInt(Buffer.from(data.slice(offset + 1, offset + 1 + width)).toString("hex"), 16);
  return { major: first >> 5, value, at: offset + 1 + width };
}

/** Takes a well-formed document apart. */
export function open(whole: Uint8Array): Opened {
  let at = whole[0] === 0xd2 ? 2 : 1;
  const next = (path: string): Part => {
    const { major, value, at: start } = itemAt(whole, at);
    at = major === 2 || major === 3 ? start + value : start;
    return { path, start: major === 2 || major === 3 ? start : at, end: at };
  };
  const header = next("header");
  at += 1;
  const payload = next("payload");
  const signature = next("signature");

  const parts: Part[] = [];
  const chain: Part[] = [];
  let leaf: Part | undefined;
  const indefinite = whole[payload.start] === 0xbf;
  at = itemAt(whole, payload.start).at;
  while (indefinite ? whole[at] !== 0xff : at < payload.end) {
    const key = next("key");
    const label = Buffer.from(whole.slice(key.start, key.end)).toString();
    parts.push({ ...key, path: `key ${label}` });
    const head = at;
    const item = itemAt(whole, at);
    if (label === "pcrs" || label === "cabundle") {
      const isOpen = whole[at] === 0xbf;
      at = item.at;
      for (let i = 0; isOpen ? whole[at] !== 0xff : i < item.value; ++i) {
        if (label === "pcrs") {
          const index = itemAt(whole, at);
          parts.push({ path: `index of pcr ${index.value}`, start: at, end: index.at });
          at = index.at;
          parts.push(next(`pcr ${index.value}`));
        } else {
          chain.push(next(`certificate ${i}`));
        }
      }
      if (isOpen) at += 1;
    } else if (label === "certificate") {
      leaf = next("certificate");
    } else {
      const value = next(label);
      parts.push(value.start === value.end ? { path: label, start: head, end: at } : value);
    }
  }
  if (!leaf) throw new Error("there is no leaf");
  return {
    whole,
    header,
    payload,
    signature,
    parts,
    chain: [...chain, { ...leaf, path: `certificate ${chain.length}` }],
  };
}

export const cut = (whole: Uint8Array, { start, end }: { start: number; end: number }) => whole.slice(start, end);

/** Elements of a DER element at `offset`: where each begins, where its contents do, and where it ends. */
export interface Element extends Part {
  readonly tag: number;
  readonly contents: number;
}

export function elementAt(data: Uint8Array, offset: number, path = ""): Element {
  const first = data[offset + 1]!;
  const width = first < 0x80 ? 0 : first & 0x7f;
  const length =
    width === 0 ? first : Number.parseInt(Buffer.from(data.slice(offset + 2, offset + 2 + width)).toString("hex"), 16);
  const contents = offset + 2 + width;
  return { path, tag: data[offset]!, start: offset, contents, end: contents + length };
}

export function elementsIn(data: Uint8Array, { contents, end, path }: Element): Element[] {
  const elements: Element[] = [];
  for (let at = contents; at < end;) {
    const element = elementAt(data, at, `${path}.${elements.length}`);
    elements.push(element);
    at = element.end;
  }
  return elements;
}

/** Every primitive element of a certificate, at any depth, those inside OCTET STRINGs as one. */
export function leavesOf(data: Uint8Array, element = elementAt(data, 0)): Element[] {
  return element.tag & 0x20 ? elementsIn(data, element).flatMap((inner) => leavesOf(data, inner)) : [element];
}

export function tbsOf(certificate: Uint8Array): Uint8Array {
  return cut(certificate, elementsIn(certificate, elementAt(certificate, 0))[0]!);
}

/** r || s of a certificate or a revocation list. */
export function signatureOf(certificate: Uint8Array): Uint8Array {
  const bits = elementsIn(certificate, elementAt(certificate, 0))[2]!;
  const numbers = elementsIn(certificate, elementAt(certificate, bits.contents + 1));
  return Buffer.concat(
    numbers.map(({ contents, end }) => {
      const digits = Buffer.from(certificate.slice(contents, end)).toString("hex").replace(/^0+/u, "");
      return hex(digits.padStart(96, "0"));
    }),
  );
}

/** X || Y of the key that a certificate is for. */
export function keyOf(certificate: Uint8Array): Uint8Array {
  const at = Buffer.from(certificate).indexOf(hex("06052b8104002203620004"));
  if (at < 0) throw new Error("there is no P-384 key");
  return certificate.slice(at + 11, at + 107);
}

/** What the leaf of a document signs. */
export function messageOf({ whole, header, payload }: Opened): Uint8Array {
  const signed = [bytes(cut(whole, header)), hex("40"), bytes(cut(whole, payload))];
  return Buffer.concat([hex("846a"), Buffer.from("Signature1"), ...signed]);
}

/** The hints that `NitroVerifier.verify` takes: each with its length before it. */
export function encodeHints(hints: readonly Uint8Array[]): Uint8Array {
  const parts = hints.flatMap((hint) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(hint.length);
    return [length, hint];
  });
  return Buffer.concat(parts);
}

/** Hints for certificates `chain`, the first being the root, which has none. */
export function chainHints(chain: readonly Uint8Array[], prove: Prover): Uint8Array[] {
  const hints: Uint8Array[] = [];
  for (const [i, certificate] of chain.entries()) {
    if (i > 0) hints.push(prove(tbsOf(certificate), signatureOf(certificate), keyOf(chain[i - 1]!)));
  }
  return hints;
}

/** The certificates of a document, from the root to the leaf. */
export function chainOf(document: Uint8Array): Uint8Array[] {
  const { chain } = open(document);
  return chain.map((part) => cut(document, part));
}

/** Hints of the document's own signature. */
export function documentHint(document: Uint8Array, prove: Prover): Uint8Array {
  const opened = open(document);
  const leaf = cut(document, opened.chain.at(-1)!);
  return prove(messageOf(opened), cut(document, opened.signature), keyOf(leaf));
}

/** All hints of a document, those of certificates left empty where they are remembered. */
export function hintsOf(document: Uint8Array, prove: Prover, { cached = false } = {}): Uint8Array {
  const chain = chainOf(document);
  const first = cached ? chain.slice(1).map(() => new Uint8Array()) : chainHints(chain, prove);
  return encodeHints([...first, documentHint(document, prove)]);
}

/** `data` with one bit flipped in the byte at `offset`. */
export function flip(data: Uint8Array, offset: number, bit = offset % 8): Uint8Array {
  const flipped = Uint8Array.from(data);
  flipped[offset]! ^= 1 << bit;
  return flipped;
}

/** "ok", or the error's name with its arguments, as the contract's ABI has it. */
export async function answerOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    const { message } = error as Error;
    const custom = /custom error '([^']*)'/u.exec(message);
    if (!custom) throw error;
    return custom[1]!;
  }
}

/** What the SDK says of a document: "ok", or the error's name. */
export async function sdkAnswer(document: Uint8Array, at: number, root: Uint8Array): Promise<string> {
  try {
    await verifyNitro(document, { at, root: keccak256(root) });
    return "ok";
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return error.reason;
  }
}

/** The name of the error in what `answerOf` returns. */
export const nameOf = (answer: string) => answer.replace(/\(.*$/u, "");
