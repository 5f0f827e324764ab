import { kindName, ProofKind, SIGNATURE_V1, TEE_V1, ZKML_V1 } from "@assay/sdk";

import { invalid } from "./options.ts";

const KINDS: Readonly<Record<string, { readonly kind: ProofKind; readonly selector: string }>> = {
  signature: { kind: ProofKind.Signature, selector: SIGNATURE_V1 },
  tee: { kind: ProofKind.Tee, selector: TEE_V1 },
  zkml: { kind: ProofKind.Zkml, selector: ZKML_V1 },
};

/** The kinds in "signature,tee,zkml", in any case, each once. */
export function parseKinds(value: string): ReadonlyArray<{ readonly kind: ProofKind; readonly selector: string }> {
  const names = value.split(/[\s,+]+/).map((name) => name.toLowerCase());
  const found = names.map((name) => (Object.hasOwn(KINDS, name) ? KINDS[name] : undefined));
  const distinct = new Set(found);
  if (distinct.size !== names.length || distinct.has(undefined)) {
    invalid("kinds", value, `some of ${Object.keys(KINDS).join(", ")}, with commas between`);
  }
  return found as ReadonlyArray<{ kind: ProofKind; selector: string }>;
}

/** "SIGNATURE, TEE". */
export function showKinds(kinds: readonly number[]): string {
  return kinds.map(kindName).join(", ");
}
