import { z } from "zod";

/** Most enclave policies that a manifest can name. */
export const MAX_ENCLAVE_POLICIES = 32;

/** A field of lower-case hex that is not zero; what is wrong is told with the value. */
const hex = (bytes: number) =>
  z.string().superRefine((value, context) => {
    const form = new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`).test(value);
    if (form && !/^0x0+$/.test(value)) return;
    context.addIssue({
      code: "custom",
      message: `is "${shown(value)}"; give ${bytes} bytes of lower-case hex, not zero`,
    });
  });

const enclavePolicy = z.strictObject({
  chainId: z.string().superRefine((value, context) => {
    if (/^[1-9][0-9]{0,76}$/.test(value)) return;
    context.addIssue({ code: "custom", message: `is "${shown(value)}"; give a chain id in decimal` });
  }),
  /** The `EnclaveRegistry` that knows the policy. */
  registry: hex(20),
  policy: hex(32),
});

/** The field of a manifest. */
export const enclavePolicies = z
  .array(enclavePolicy)
  .min(1)
  .max(MAX_ENCLAVE_POLICIES)
  .superRefine((entries, context) => {
    const seen = new Set<string>();
    for (const [index, { chainId, registry, policy }] of entries.entries()) {
      const entry = `${chainId} ${registry} ${policy}`;
      if (seen.has(entry)) {
        const message = `names policy ${shown(policy)} of chain ${shown(chainId)} twice; leave one out`;
        context.addIssue({ code: "custom", path: [index], message });
      }
      seen.add(entry);
    }
  });

/** A policy of an `EnclaveRegistry` on some chain. */
export type ManifestEnclavePolicy = z.infer<typeof enclavePolicy>;

/** Where requests are judged. */
export interface PolicyPlace {
  readonly chainId: bigint | number;
  /** The `EnclaveRegistry` that the hub asks. */
  readonly registry: string;
}

/**
 * The policies that a model's owner names for one chain and registry, in the owner's order; empty where there are none. The
 * hub does not know them: it judges by the policy of the request alone.
 *
 * @example
 * ```ts
 * import { enclavePoliciesAt, parseManifest } from "@assay/sdk";
 * enclavePoliciesAt(parseManifest(bytes), { chainId: 8453n, registry: "0x5FbDB2315678afecb367f032d93F642f64180aa3" });
 * ```
 */
export function enclavePoliciesAt(
  manifest: { readonly enclavePolicies?: readonly ManifestEnclavePolicy[] | undefined },
  { chainId, registry }: PolicyPlace,
): readonly string[] {
  const [chain, address] = [chainId.toString(), registry.toLowerCase()];
  return (manifest.enclavePolicies ?? [])
    .filter((entry) => entry.chainId === chain && entry.registry === address)
    .map(({ policy }) => policy);
}

function shown(value: string): string {
  return value.length <= 70 ? value : `${value.slice(0, 66)}...`;
}
