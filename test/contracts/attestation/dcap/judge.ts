import type { PlatformLevel } from "../../../../scripts/fixtures/intel-pki/documents.ts";
import type { Changes } from "../../../../scripts/fixtures/intel-pki/world.ts";
import { PLATFORM, syntheticSet } from "../../../../scripts/fixtures/intel-pki/world.ts";
import type { SgxVerifier, TdxVerifier } from "../../../../types/ethers-contracts/index.ts";
import { answer } from "../answer.ts";
import { type FreshWorld, freshWorld, putSet } from "./world.ts";

/** The SVNs of a TD's parts that the synthetic platform has. */
export const SVNS: readonly number[] = [5, 1, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
export const ZEROS: readonly number[] = SVNS.map(() => 0);

/** Words of Intel's that a machine can be accepted with, as `Claims.tcbStatus` numbers them. */
export const STATUSES = [
  "UpToDate",
  "SWHardeningNeeded",
  "ConfigurationNeeded",
  "ConfigurationAndSWHardeningNeeded",
  "OutOfDate",
  "OutOfDateConfigurationNeeded",
];

export const at = (bytes: readonly number[]): Buffer => Buffer.from(bytes);

/** A level that the synthetic platform just reaches, but for `changes`. */
export const level = (changes: Partial<PlatformLevel>): PlatformLevel => ({
  sgx: PLATFORM.components,
  tdx: SVNS,
  pcesvn: 11,
  tcbStatus: "UpToDate",
  ...changes,
});

/** A fresh world that is asked about sets. */
export interface Judge extends FreshWorld {
  verifierOf(changes: Changes): SgxVerifier | TdxVerifier;
  /** What is said of a world with `changes`, all of which can be put. */
  judge(changes: Changes): Promise<string>;
  claimsOf(changes: Changes): ReturnType<TdxVerifier["verify"]>;
}

/** See {@link freshWorld}. */
export function freshJudge(): Judge {
  const ours = freshWorld();
  const verifierOf = (changes: Changes) => (changes.isTdx === false ? ours.world.sgx : ours.world.tdx);
  const claimsOf = async (changes: Changes) => {
    const set = syntheticSet(changes);
    await putSet(ours.world, set);
    return await verifierOf(changes).verify(set.quote, "0x");
  };
  return {
    get world() {
      return ours.world;
    },
    renew: ours.renew,
    verifierOf,
    claimsOf,
    judge: async (changes) => await answer(claimsOf(changes)),
  };
}
