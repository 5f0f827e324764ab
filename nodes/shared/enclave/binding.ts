import { AbiCoder, id, keccak256, toUtf8Bytes } from "ethers";

/** What evidence must bind, so that it is of use to one operator, key, policy, registry and chain alone. */
export interface Binding {
  readonly chainId: bigint;
  /** `EnclaveRegistry`. */
  readonly registry: string;
  /** `PolicyId`, 32 bytes. */
  readonly policy: string;
  /** Account that will send `registerKey`. */
  readonly operator: string;
  /** Address of the enclave's signing key. */
  readonly key: string;
  /** Where the enclave can be reached, at most 256 bytes of UTF-8. */
  readonly endpoint: string;
  /** See {@link challengeOf}. */
  readonly challenge: string;
}

const TYPEHASH = id(
  "EnclaveBinding(uint256 chainId,address registry,bytes32 policy,address operator,address key," +
    "string endpoint,bytes32 challenge)",
);

/**
 * The 32 bytes that `EnclaveRegistry.registerKey` looks for in the first half of the attested data; the same as its
 * `bindingOf`.
 *
 * @throws when an address or a hash is malformed (ethers' `INVALID_ARGUMENT`).
 */
export function bindingOf(binding: Binding): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(
      ["bytes32", "uint256", "address", "bytes32", "address", "address", "bytes32", "bytes32"],
      [
        TYPEHASH,
        binding.chainId,
        binding.registry,
        binding.policy,
        binding.operator,
        binding.key,
        keccak256(toUtf8Bytes(binding.endpoint)),
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
