import canonicalize from "canonicalize";
import { keccak256, toUtf8Bytes } from "ethers";

import { verifyingKeyHash } from "../../setup/verifying-key-hash.ts";
import { parseVerifyingKey } from "../../setup/verifying-key.ts";
import type { SystemKey } from "./system-key.ts";

/** For Groth16 `IZkVerifier.verifyingKeyHash`; for the others Keccak-256 of the key's canonical JSON (RFC 8785). */
export function systemKeyHash({ system, json }: SystemKey): `0x${string}` {
  if (system === "groth16") return verifyingKeyHash(parseVerifyingKey(json));
  return keccak256(toUtf8Bytes(canonicalize(json) as string)) as `0x${string}`;
}
