import {
  decodeContractError,
  ENCLAVE_REGISTRY_ABI,
  NODE_REGISTRY_ABI,
  NODE_STATUSES,
  PROOF_ROUTER_ABI,
  SIGNATURE_V1,
  TEE_V1,
} from "@assay/sdk";
import { getAddress, Interface } from "ethers";
import type { Logger } from "pino";

import type { Chain } from "../../shared/chain/chain.ts";
import { CallRevertedError } from "../../shared/chain/errors.ts";
import { addressKey, keyIdOf } from "../../shared/enclave/key.ts";
import { NodeError, NodeErrorCode } from "../errors.ts";
import { readContract } from "./read.ts";

const router = new Interface(PROOF_ROUTER_ABI);
const nodes = new Interface(NODE_REGISTRY_ABI);
const enclaves = new Interface(ENCLAVE_REGISTRY_ABI);

const ACTIVE = 1;
const ROLE_GPU = 1n;

/** What a node would answer with. Left out: kinds that it does not serve. */
export interface Registrations {
  readonly payee: string;
  /** Address of the key that signs. */
  readonly signer?: string | undefined;
  /** Policy that is served, and the address of the enclave's key. */
  readonly enclave?: { readonly policy: string; readonly key: string } | undefined;
}

/**
 * Holds what a node would answer with against the registries that the hub asks, so that no request is worked on whose answer the
 * chain refuses. An enclave's key that is not valid (yet) is only warned of: registering and refreshing it need no restart.
 * @throws {NodeError} when the signing key is not an active node's that pays `payee`, or there is no such policy.
 */
export async function requireRegistered(
  { payee, signer, enclave }: Registrations,
  { chain, hub, log }: { readonly chain: Chain; readonly hub: string; readonly log: Logger },
  signal?: AbortSignal,
): Promise<void> {
  const registryOf = async (kind: string, selector: string): Promise<string | undefined> => {
    try {
      return String((await readContract(chain, hub, router, "adapterOf", [selector], "latest", signal))[0]);
    } catch (error) {
      if (!(error instanceof CallRevertedError)) throw error;
      log.warn({ kind }, "the hub takes no such evidence; requests for it cannot be answered");
      return undefined;
    }
  };
  if (signer !== undefined) {
    const registry = await registryOf("SIGNATURE", SIGNATURE_V1);
    if (registry !== undefined) {
      const found = await readContract(chain, registry, nodes, "signerOf", [signer], "latest", signal);
      requireNode(signer, payee, { payee: String(found[0]), status: Number(found[1]), roles: found[2] as bigint });
    }
  }
  if (enclave !== undefined) {
    const registry = await registryOf("TEE", TEE_V1);
    if (registry !== undefined) await requireEnclave(registry, enclave, { chain, log }, signal);
  }
}

function requireNode(
  signer: string,
  payee: string,
  found: { readonly payee: string; readonly status: number; readonly roles: bigint },
): void {
  const without = "or take SIGNATURE out of kinds and leave signer out";
  if (found.status === 0) {
    throw refused(
      `signer is the key of ${signer}, which no node is registered with; register it with \`npx hardhat node register\`, ${without}`,
    );
  }
  if (found.status !== ACTIVE) {
    const status = NODE_STATUSES[found.status] ?? `status ${found.status}`;
    throw refused(
      `signer is the key of ${signer}, whose node is ${status} and not active; register another key with ` +
        `\`npx hardhat node register\` (a node that was slashed: raise its bond), ${without}`,
    );
  }
  if ((found.roles & ROLE_GPU) === 0n) {
    throw refused(
      `signer is the key of ${signer}, whose node has not the role gpu; register another key that has, ${without}`,
    );
  }
  if (getAddress(found.payee) !== getAddress(payee)) {
    throw refused(
      `payee is ${payee}, and the node of signer ${signer} is registered to pay ${getAddress(found.payee)}; ` +
        "correct payee, or have the node's operator set another with setPayee",
    );
  }
}

async function requireEnclave(
  registry: string,
  { policy, key }: { readonly policy: string; readonly key: string },
  { chain, log }: { readonly chain: Chain; readonly log: Logger },
  signal?: AbortSignal,
): Promise<void> {
  try {
    await readContract(chain, registry, enclaves, "policyOf", [policy], "latest", signal);
  } catch (error) {
    if (!(error instanceof CallRevertedError)) throw error;
    throw refused(
      `enclave.policy is ${policy}, and there is no such policy in the registry of the hub, ${registry}; give the id that ` +
        "`npx hardhat enclave register` or `enclave policy create` printed on this chain, or take TEE out of kinds and leave " +
        "enclave out",
    );
  }
  try {
    await readContract(
      chain,
      registry,
      enclaves,
      "requireValidKey",
      [policy, keyIdOf(addressKey(key))],
      "latest",
      signal,
    );
  } catch (error) {
    if (!(error instanceof CallRevertedError)) throw error;
    const { name, text } = decodeContractError(error.data);
    log.warn(
      { policy, key, reason: name, detail: text },
      "the enclave's key is not valid under its policy now; evidence of it is refused until it is registered or refreshed",
    );
  }
}

function refused(words: string): NodeError {
  return new NodeError(NodeErrorCode.NotRegistered, `Node configuration: ${words}; see docs/nodes/gpu.md.`);
}
