import { show } from "../core/field-error.ts";
import { fixedHex, type BytesLike } from "../core/fields.ts";
import { AssayError } from "../errors.ts";

/** A list of selectors, or a packed one, that is no proof policy. */
export class ProofPolicyError extends AssayError {
  override readonly code = "ASY-PROOF-001";
}

const EMPTY = "00000000";

/**
 * The `ProofPolicy` that demands all of `selectors`: sorted ascending, most significant first, zero-padded to 16 bytes.
 *
 * @example
 * ```ts
 * import { packProofs, TEE_V1, ZKML_V1 } from "@assay/sdk";
 * packProofs([ZKML_V1, TEE_V1]); // "0x04000001050000010000000000000000"
 * ```
 * @throws {ProofPolicyError} when there are none or more than 4, one comes twice, or a kind is not 1 to 15.
 * @throws {FieldError} when a selector is not 4 bytes.
 */
export function packProofs(selectors: readonly BytesLike[]): string {
  if (selectors.length < 1 || selectors.length > 4) {
    throw new ProofPolicyError(`${selectors.length} selectors were given; a request names 1 to 4.`);
  }
  const sorted = selectors.map((selector, index) => fixedHex(`selector ${index}`, selector, 4)).sort();
  for (const [index, selector] of sorted.entries()) {
    requireKind(selector);
    if (selector === sorted[index - 1]) throw new ProofPolicyError(`${selector} comes twice; name each selector once.`);
  }
  return `0x${sorted
    .map((selector) => selector.slice(2))
    .join("")
    .padEnd(32, "0")}`;
}

/**
 * The selectors of a packed policy, ascending.
 * @throws {ProofPolicyError} when it is empty, not strictly ascending, has a gap, or names a kind that is not 1 to 15.
 * @throws {FieldError} when it is not 16 bytes.
 */
export function unpackProofs(proofs: BytesLike): string[] {
  const hex = fixedHex("proofs", proofs, 16).slice(2);
  const words = [0, 8, 16, 24].map((start) => hex.slice(start, start + 8));
  const end = words.indexOf(EMPTY);
  const used = end === -1 ? words : words.slice(0, end);
  const selectors = used.map((word) => `0x${word}`);
  if (selectors.length === 0 || packProofs(selectors) !== `0x${hex}`) {
    throw new ProofPolicyError(`${show(`0x${hex}`)} is not a policy; pack selectors with packProofs.`);
  }
  return selectors;
}

/** Kind of each selector, in the order given. */
export function kindsOf(selectors: readonly BytesLike[]): number[] {
  return selectors.map((selector, index) => requireKind(fixedHex(`selector ${index}`, selector, 4)));
}

/**
 * Kinds as the set that registries hold: bit `k` for kind `k`.
 * @throws {ProofPolicyError} when a kind is not 1 to 15.
 */
export function kindSet(kinds: readonly number[]): number {
  let set = 0;
  for (const kind of kinds) {
    if (!Number.isInteger(kind) || kind < 1 || kind > 15) {
      throw new ProofPolicyError(`Kind ${show(kind)} does not exist; kinds are 1 to 15.`);
    }
    set |= 1 << kind;
  }
  return set;
}

/** Kinds of a set that registries hold, ascending. Bits 0 and above 15 are not looked at. */
export function kindsInSet(set: number | bigint): number[] {
  const bits = Number(set);
  return Array.from({ length: 15 }, (_, index) => index + 1).filter((kind) => (bits >> kind) & 1);
}

function requireKind(selector: string): number {
  const kind = Number.parseInt(selector.slice(2, 4), 16);
  if (kind >= 1 && kind <= 15) return kind;
  throw new ProofPolicyError(`Selector ${selector} has kind ${kind}; kinds are 1 to 15.`);
}
