import { AbiCoder, keccak256 } from "ethers";

import { address, fixedHex, uint, type BytesLike, type Integer } from "../core/fields.ts";

/** Where a model, or a policy, comes from: nobody but `creator` can make the id. */
export interface CreatorOrigin {
  readonly chainId: Integer;
  /** Address of the registry. */
  readonly registry: string;
  readonly creator: string;
  /** 32 bytes that tell the creator's things apart. */
  readonly salt: BytesLike;
}

/** Where a node comes from. */
export interface NodeOrigin {
  readonly chainId: Integer;
  /** Address of the node registry. */
  readonly registry: string;
  readonly operator: string;
  readonly signer: string;
}

/**
 * `ModelId` of `ModelRegistry`: keccak256(abi.encode(chainId, registry, creator, salt)).
 * @throws {FieldError} when a field has the wrong form.
 */
export function modelIdOf(origin: CreatorOrigin): string {
  return creatorId(origin);
}

/**
 * `PolicyId` of `EnclaveRegistry`: keccak256(abi.encode(chainId, registry, creator, salt)).
 * @throws {FieldError} when a field has the wrong form.
 */
export function policyIdOf(origin: CreatorOrigin): string {
  return creatorId(origin);
}

/**
 * `VersionId`: keccak256(abi.encode(model, major, minor)), both numbers 16 bits.
 * @throws {FieldError} when a field has the wrong form.
 */
export function versionIdOf(model: BytesLike, major: Integer, minor: Integer): string {
  const values = [fixedHex("model", model, 32), uint("major", major, 16), uint("minor", minor, 16)];
  return hash(["bytes32", "uint16", "uint16"], values);
}

/**
 * `NodeId` of `NodeRegistry`: keccak256(abi.encode(chainId, registry, operator, signer)).
 * @throws {FieldError} when a field has the wrong form.
 */
export function nodeIdOf({ chainId, registry, operator, signer }: NodeOrigin): string {
  return hash(
    ["uint256", "address", "address", "address"],
    [
      uint("chainId", chainId, 256),
      address("registry", registry),
      address("operator", operator),
      address("signer", signer),
    ],
  );
}

function creatorId({ chainId, registry, creator, salt }: CreatorOrigin): string {
  return hash(
    ["uint256", "address", "address", "bytes32"],
    [
      uint("chainId", chainId, 256),
      address("registry", registry),
      address("creator", creator),
      fixedHex("salt", salt, 32),
    ],
  );
}

function hash(types: string[], values: unknown[]): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
}
