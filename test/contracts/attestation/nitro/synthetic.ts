import {
  array,
  bytes,
  certificate,
  constraints,
  der,
  extension,
  head,
  keyUsage,
  makeKey,
  map,
  name,
  NULL,
  sealDocument,
  text,
  USAGE,
} from "../../../../scripts/fixtures/nitro-pki.ts";
import type { CertificateOptions, P384Key } from "../../../../scripts/fixtures/nitro-pki.ts";

/** The time at which synthetic evidence is issued. */
export const NOW = 1_900_000_000;
export const DAY = 86_400;

export const LEVELS = ["root", "region", "zone", "instance", "leaf"] as const;
export type Level = (typeof LEVELS)[number];

const AUTHORITY_USAGE = USAGE.digitalSignature | USAGE.keyCertSign | USAGE.crlSign;

/** Seconds before and after NOW that a certificate is valid, and its extensions, as AWS has them. */
const SHAPES: Record<Level, { before: number; after: number; extensions: readonly Uint8Array[] }> = {
  root: { before: 1000 * DAY, after: 5000 * DAY, extensions: [constraints(true), keyUsage(AUTHORITY_USAGE)] },
  region: { before: 5 * DAY, after: 15 * DAY, extensions: [constraints(true, 2), keyUsage(AUTHORITY_USAGE)] },
  zone: { before: 2 * DAY, after: 4 * DAY, extensions: [constraints(true, 1), keyUsage(AUTHORITY_USAGE)] },
  instance: { before: 3600, after: DAY, extensions: [constraints(true, 0), keyUsage(USAGE.keyCertSign)] },
  leaf: { before: 1, after: 3 * 3600, extensions: [constraints(false), keyUsage(0xc0, false)] },
};

/** Keys of one synthetic AWS. */
export type Keys = Record<Level, P384Key>;

export function makeKeys(): Keys {
  return { root: makeKey(), region: makeKey(), zone: makeKey(), instance: makeKey(), leaf: makeKey() };
}

/** The certificate of `level`, with `changes`. */
export function certificateOf(keys: Keys, level: Level, changes: Partial<CertificateOptions> = {}): Uint8Array {
  const index = LEVELS.indexOf(level);
  const issuer = LEVELS[Math.max(index - 1, 0)]!;
  const { before, after, extensions } = SHAPES[level];
  return certificate({
    signer: keys[issuer],
    publicKey: keys[level].publicKey,
    issuer: name(`${issuer}.test`),
    subject: name(`${level}.test`),
    serial: 0xf100n + BigInt(index),
    notBefore: NOW - before,
    notAfter: NOW + after,
    // Key identifiers and distribution points are not critical, and not looked at.
    extensions: [...extensions, extension("551d0e", der(0x04, Buffer.from(level)))],
    ...changes,
  });
}

/** The chain from the root to the leaf, with changes at some levels. */
export function chainWith(keys: Keys, changes: Partial<Record<Level, Partial<CertificateOptions>>> = {}): Uint8Array[] {
  return LEVELS.map((level) => certificateOf(keys, level, changes[level]));
}

const ZEROS = new Uint8Array(48);
export const pcr = (index: number) => Uint8Array.from({ length: 48 }, (_, i) => index + i + 1);

/** PCRs 0 to 15 as enclaves have them: those from 5 on are zero, but for 8. */
export function pcrPairs(changes: Record<number, Uint8Array> = {}): [Uint8Array, Uint8Array][] {
  return Array.from({ length: 16 }, (_, index) => {
    const usual = index < 5 || index === 8 ? pcr(index) : ZEROS;
    return [head(0, index), bytes(changes[index] ?? usual)];
  });
}

export type Fields = Record<string, Uint8Array>;

/** Fields of a payload, encoded, in the order that the module has. */
export function fieldsOf(chain: readonly Uint8Array[]): Fields {
  return {
    module_id: text("i-0123456789abcdef0-enc0123456789abcdef"),
    digest: text("SHA384"),
    timestamp: head(0, NOW * 1000 + 789),
    pcrs: map(pcrPairs()),
    certificate: bytes(chain.at(-1)!),
    cabundle: array(chain.slice(0, -1).map(bytes)),
    public_key: NULL,
    user_data: bytes(Buffer.from("what the enclave says")),
    nonce: NULL,
  };
}

/** The payload of good evidence, with `changes`; undefined leaves a field out. */
export function payloadWith(
  chain: readonly Uint8Array[],
  changes: Record<string, Uint8Array | undefined> = {},
  indefinite = true,
): Uint8Array {
  const fields = Object.entries({ ...fieldsOf(chain), ...changes });
  const pairs = fields.flatMap(([key, value]) => (value ? [[text(key), value] as const] : []));
  return map(pairs, indefinite);
}

/** Good evidence, with `changes` to its payload, signed by the leaf all the same. */
export function documentWith(
  keys: Keys,
  chain: readonly Uint8Array[],
  changes: Record<string, Uint8Array | undefined> = {},
): Uint8Array {
  return sealDocument(payloadWith(chain, changes), keys.leaf);
}
