/** What a piece of evidence shows; the first byte of a selector and a bit of a kind set. */
export const ProofKind = { Signature: 1, Quorum: 2, Optimistic: 3, Tee: 4, Zkml: 5 } as const;
export type ProofKind = (typeof ProofKind)[keyof typeof ProofKind];

/** Selector of the adapter for signatures of bonded nodes. */
export const SIGNATURE_V1 = "0x01000001";

/** Selector of the adapter for signatures of attested enclave keys. */
export const TEE_V1 = "0x04000001";

/** Selector of the adapter for Groth16 proofs of a version's circuit. */
export const ZKML_V1 = "0x05000001";

const NAMES: readonly (string | undefined)[] = [undefined, "SIGNATURE", "QUORUM", "OPTIMISTIC", "TEE", "ZKML"];

/** Name of a kind for people, `KIND 7` for one that is not known yet. */
export function kindName(kind: number): string {
  return NAMES[kind] ?? `KIND ${kind}`;
}
