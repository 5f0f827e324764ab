import { ZeroAddress, ZeroHash, zeroPadValue } from "ethers";

/** What a change of a policy is about; `ChangeKind` of `IEnclavePolicies.sol`, which says what each means. */
export const ChangeKind = {
  Verifier: 0,
  Scheme: 1,
  Measurement: 2,
  Statuses: 3,
  Flags: 4,
  Advisories: 5,
  PlatformAllowed: 6,
  PlatformDenied: 7,
  PlatformList: 8,
  MinTcbEval: 9,
  MaxKeyAge: 10,
  MaxEvidenceAge: 11,
  Heartbeat: 12,
  KeysPerPlatform: 13,
  Paused: 14,
  Guardian: 15,
} as const;

/** One change of a policy, `Change` of the contracts. */
export interface PolicyChange {
  readonly kind: number;
  /** Measurement, platform, hash, or address; 32 bytes. */
  readonly subject: string;
  readonly value: bigint;
  /** Commit of the source that was measured, 32 bytes, zero for none. */
  readonly commit: string;
  /** Digest of the recipe that rebuilds it, 32 bytes, zero for none. */
  readonly recipe: string;
}

/** What a policy asks; `PolicyTerms` of the contracts, which says what each means. Times are in seconds. */
export interface PolicyTerms {
  readonly test: boolean;
  readonly delay: number;
  readonly guardian: string;
  readonly maxKeyAge: number;
  readonly maxEvidenceAge: number;
  readonly heartbeat: number;
  readonly keysPerPlatform: number;
  readonly minTcbEval: number;
  readonly statuses: number;
  readonly flags: number;
  readonly platformList: boolean;
}

/**
 * A change of a policy.
 *
 * @param subject 32 bytes, or an address, which is put in the low 160 bits.
 * @throws when `subject` is longer than 32 bytes or no hex (ethers' errors).
 */
export function policyChange(kind: number, subject: string = ZeroHash, value = 0n): PolicyChange {
  return { kind, subject: zeroPadValue(subject, 32), value, commit: ZeroHash, recipe: ZeroHash };
}

/** The change that adds a measurement, valid when from <= time < until, Unix seconds. */
export function measurementChange(measurement: string, from: number, until: number): PolicyChange {
  return policyChange(ChangeKind.Measurement, measurement, (BigInt(from) << 40n) | BigInt(until));
}

/**
 * Terms of a TEST policy: changes need no delay, and no key counts but on local chains. Takes machines that are up to date.
 *
 * @param maxKeyAge Longest life of a key, seconds.
 */
export function testPolicyTerms(maxKeyAge: number): PolicyTerms {
  return {
    test: true,
    delay: 0,
    guardian: ZeroAddress,
    maxKeyAge,
    maxEvidenceAge: 0,
    heartbeat: 0,
    keysPerPlatform: 0,
    minTcbEval: 0,
    statuses: 1,
    flags: 0,
    platformList: false,
  };
}
