// Apart from the key itself, because ethers takes as much memory as the proof of a small model, and provers hash no key.
import { keccak256 } from "ethers";

import type { VerifyingKey } from "./verifying-key.ts";

/** Keccak-256 of alpha, beta, gamma, delta, IC as 32-byte words in precompile order; `IZkVerifier.verifyingKeyHash`. */
export function verifyingKeyHash(key: VerifyingKey): `0x${string}` {
  const words = [key.alpha, key.beta, key.gamma, key.delta, ...key.ic].flat();
  return keccak256(`0x${words.map((word) => word.toString(16).padStart(64, "0")).join("")}`) as `0x${string}`;
}
