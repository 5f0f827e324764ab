import {
  ContractRevertError,
  ENCLAVE_REGISTRY_ABI,
  INFERENCE_HUB_ABI,
  MODEL_REGISTRY_ABI,
  NODE_REGISTRY_ABI,
  PROOF_ROUTER_ABI,
  SIGNATURE_V1,
  TEE_V1,
  ZK_VERIFIER_ABI,
  ZKML_V1,
} from "@assay/sdk";
import { Contract, type ContractRunner, getAddress, type InterfaceAbi } from "ethers";

import { read } from "./call.ts";
import { OperatorError, OperatorErrorCode } from "./errors.ts";

/** Where Assay's contracts are on one chain. */
export interface AssayAddresses {
  readonly hub: string;
  readonly modelRegistry: string;
  readonly nodeRegistry: string;
  /** Absent where no TEE adapter is routed. */
  readonly enclaveRegistry?: string;
  readonly zkmlAdapter?: string;
  /** Verifier of the development root; local chains only. */
  readonly developmentVerifier?: string;
}

// The getter of an immutable that the interface does not list.
const MODEL_REGISTRY_GETTER = ["function MODEL_REGISTRY() view returns (address)"];

/** `InferenceHub` at `address`. */
export function hubAt(address: string, runner: ContractRunner): Contract {
  return new Contract(address, [...INFERENCE_HUB_ABI] as InterfaceAbi, runner);
}

/** `ModelRegistry` at `address`. */
export function modelRegistryAt(address: string, runner: ContractRunner): Contract {
  return new Contract(address, [...MODEL_REGISTRY_ABI] as InterfaceAbi, runner);
}

/** `NodeRegistry` at `address`. */
export function nodeRegistryAt(address: string, runner: ContractRunner): Contract {
  return new Contract(address, [...NODE_REGISTRY_ABI] as InterfaceAbi, runner);
}

/** `EnclaveRegistry` at `address`. */
export function enclaveRegistryAt(address: string, runner: ContractRunner): Contract {
  return new Contract(address, [...ENCLAVE_REGISTRY_ABI] as InterfaceAbi, runner);
}

/** A generated `IZkVerifier` at `address`. */
export function zkVerifierAt(address: string, runner: ContractRunner): Contract {
  return new Contract(address, [...ZK_VERIFIER_ABI] as InterfaceAbi, runner);
}

/**
 * The registries that a hub and its adapters use, read from the hub itself.
 * @throws {OperatorError} when there is no hub at the address, or it takes no signatures of nodes.
 */
export async function readAddresses(runner: ContractRunner, hub: string): Promise<AssayAddresses> {
  const router = new Contract(hub, [...PROOF_ROUTER_ABI, ...MODEL_REGISTRY_GETTER] as InterfaceAbi, runner);
  const adapter = async (selector: string): Promise<string | undefined> => {
    try {
      return getAddress(await read<string>(router, "adapterOf", [selector]));
    } catch (error) {
      // Unknown or retired. Anything that is not a revert is not an answer.
      if (error instanceof ContractRevertError) return undefined;
      throw error;
    }
  };
  let modelRegistry: string;
  try {
    modelRegistry = getAddress(await read<string>(router, "MODEL_REGISTRY"));
  } catch (error) {
    // No contract answers with nothing at all, another one refuses or answers with something else.
    const undecodable = ((error as Error).cause as { code?: unknown } | undefined)?.code === "BAD_DATA";
    if (error instanceof ContractRevertError || undecodable) throw notAHub(hub, error);
    throw error;
  }
  // The registries that know the keys take the signatures themselves.
  const [nodeRegistry, enclaveRegistry, zkmlAdapter] = await Promise.all([
    adapter(SIGNATURE_V1),
    adapter(TEE_V1),
    adapter(ZKML_V1),
  ]);
  if (nodeRegistry === undefined) throw notAHub(hub);
  return {
    hub: getAddress(hub),
    modelRegistry,
    nodeRegistry,
    ...(enclaveRegistry === undefined ? {} : { enclaveRegistry }),
    ...(zkmlAdapter === undefined ? {} : { zkmlAdapter }),
  };
}

function notAHub(hub: string, cause?: unknown): OperatorError {
  return new OperatorError(
    OperatorErrorCode.NotAHub,
    `The contract at ${hub} is not an InferenceHub that takes signatures of nodes; give the address that the deployment reported.`,
    cause === undefined ? {} : { cause },
  );
}
