import { concat, id, keccak256, ZeroHash } from "ethers";

/** Formats of evidence, by name; `Claims.format` is the keccak256 of the name. */
export const FORMATS = {
  nitro: id("aws.nitro/1"),
  sgx: id("intel.sgx/1"),
  tdx: id("intel.tdx/1"),
} as const;

/** The enclave can be read or changed from outside. */
export const CLAIM_DEBUG = 0x0001;
/** A service domain may act on the enclave, for example to move it. */
export const CLAIM_SERVICE_TD = 0x0002;
/** The enclave may be moved to another machine while it runs. */
export const CLAIM_MIGRATABLE = 0x0004;

/**
 * What genuine evidence says, as `IAttestationVerifier.sol` has it, field for field: words as 0x and 64 hex digits, times in Unix
 * seconds.
 */
export interface Claims {
  readonly format: string;
  readonly measurement: string;
  readonly config: string;
  readonly platform: string;
  readonly bind0: string;
  readonly bind1: string;
  readonly keyHash: string;
  readonly issuedAt: number;
  readonly notAfter: number;
  readonly tcbEval: number;
  readonly tcbStatus: number;
  readonly flags: number;
  readonly advisories: string;
}

/** What a policy lists so that evidence with these claims registers: of measurement and configuration the hash of both. */
export function listedMeasurement({ measurement, config }: Pick<Claims, "measurement" | "config">): string {
  return config === ZeroHash ? measurement : keccak256(concat([measurement, config]));
}
