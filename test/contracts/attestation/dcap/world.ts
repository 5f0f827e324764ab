import { type DcapSet, NOW, type SyntheticRoot, syntheticRoot } from "../../../../scripts/fixtures/intel-pki/world.ts";
import { chainAt } from "../../../../scripts/support/chain.ts";
import { deployDcapContracts, stepsOf } from "../../../../scripts/support/dcap.ts";
import type { CallBatch } from "../../../../types/ethers-contracts/index.ts";

export const INTEL_ROOT_KEY_ID = "0x22650cd65a9d3489f383b49552bf501b392706ac";

/** The contracts, on a chain whose clock starts at `start`, in Unix seconds. */
export async function deployDcap(start: number, { root, hardfork = "osaka", at256 }: DeployOptions = {}) {
  const { ethers, networkHelpers, provider } = await chainAt(start, hardfork);
  if (at256 !== undefined) await networkHelpers.setCode("0x0000000000000000000000000000000000000100", at256);
  const contracts = await deployDcapContracts(ethers, root);
  const batch: CallBatch = await ethers.deployContract("CallBatch");
  return { batch, ethers, networkHelpers, provider, ...contracts };
}

export interface DeployOptions {
  readonly root?: SyntheticRoot;
  readonly hardfork?: "osaka" | "prague";
  /** Code of the account at 0x100, where a chain may have a precompile. */
  readonly at256?: string;
}

export type Dcap = Awaited<ReturnType<typeof deployDcap>>;

/** A world under a root of our own, which every test of a suite finds as `prepare` left it. Call it where tests are described. */
export function freshWorld(prepare: (world: Dcap) => Promise<void> = async () => undefined): FreshWorld {
  let world: Dcap;
  let fresh: { restore: () => Promise<void> };
  const keep = async () => {
    fresh = await world.networkHelpers.takeSnapshot();
  };
  before(async function () {
    world = await deployDcap(NOW, { root: syntheticRoot() });
    await prepare(world);
  });
  beforeEach(keep);
  afterEach(async function () {
    await fresh.restore();
  });
  return {
    get world() {
      return world;
    },
    renew: async () => {
      await fresh.restore();
      await keep();
    },
  };
}

export interface FreshWorld {
  readonly world: Dcap;
  /** Takes back what the test has done so far. */
  renew(): Promise<void>;
}

/** Puts all that `set` has but the steps left out, at once; at the time `at` if given. */
export async function putSet(
  world: Dcap,
  set: DcapSet,
  { at, without = [] }: { readonly at?: number; readonly without?: readonly string[] } = {},
): Promise<void> {
  const steps = await stepsOf(world, set, without);
  if (at !== undefined) await world.networkHelpers.time.setNextBlockTimestamp(at);
  // Estimating would ask for it at another time.
  await world.batch.run(
    steps.map(({ to }) => to),
    steps.map(({ data }) => data),
    { gasLimit: 12_000_000 },
  );
}
