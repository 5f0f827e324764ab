import { AbiCoder, id, keccak256, toUtf8Bytes, ZeroHash } from "ethers";

import type { ReceiptKey } from "./key.ts";

/** What evidence must bind, so that it is of use to one operator, key, policy, registry and chain alone. */
export interface Binding {
  readonly chainId: bigint;
  /** `EnclaveRegistry`. */
  readonly registry: string;
  /** `PolicyId`, 32 bytes. */
  readonly policy: string;
  /** Account that will send `registerKey`. */
  readonly operator: string;
  /** The enclave's signing key. */
  readonly key: ReceiptKey;
  /** Where the enclave can be reached, at most 256 bytes of UTF-8. */
  readonly endpoint: string;
  /** Hash of what the enclave found out about its GPUs, 32 bytes; zero when left out. */
  readonly gpuClaims?: string;
  /** See {@link challengeOf}. */
  readonly challenge: string;
}

const TYPEHASH = id(
  "EnclaveBinding(uint256 chainId,address registry,bytes32 policy,address operator,uint8 keyKind,bytes key," +
    "string endpoint,bytes32 gpuClaims,bytes32 challenge)",
);

/**
 * The 32 bytes that the key signs for `EnclaveRegistry.registerKey`, and that canonical evidence holds in the first half
 * of the attested data; the same as its `bindingOf`.
 *
 * @throws when an address or a hash is malformed (ethers' `INVALID_ARGUMENT`).
 */
export function bindingOf(binding: Binding): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "uint256", "address", "bytes32", "address", "uint8", "bytes32", "bytes32", "bytes32", "bytes32"],
      [
        TYPEHASH,
        binding.chainId,
        binding.registry,
        binding.policy,
        binding.operator,
        binding.key.kind,
        keccak256(binding.key.data),
        keccak256(toUtf8Bytes(binding.endpoint)),
        binding.gpuClaims ?? ZeroHash,
        binding.challenge,
      ],
    ),
  );
}

/**
 * The challenge that follows from a block: the evidence is younger than it. `registerKey` takes the block's number and
 * accepts the 256 blocks before the one it runs in.
 *
 * @param blockHash Hash of the block.
 * @param operator Account that will send `registerKey`.
 */
export function challengeOf(blockHash: string, operator: string): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "address"], [blockHash, operator]));
}
