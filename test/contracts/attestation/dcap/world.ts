import { network } from "hardhat";

import type { SyntheticRoot } from "../../../../scripts/fixtures/intel-pki/world.ts";
import type {
  CallBatch,
  DcapCollateral,
  IDcapCertificates,
  SgxVerifier,
  TdxVerifier,
} from "../../../../types/ethers-contracts/index.ts";
import type { DcapSet, SignedText } from "./collateral.ts";
import { keyIdOf } from "./collateral.ts";

export const INTEL_ROOT_KEY_ID = "0x22650cd65a9d3489f383b49552bf501b392706ac";

/** The contracts, on a chain whose clock starts at `start`, in Unix seconds. */
export async function deployDcap(start: number, { root, hardfork = "osaka", at256 }: DeployOptions = {}) {
  const { ethers, networkHelpers, provider } = await network.create({
    network: hardfork === "osaka" ? "default" : hardfork,
    override: { initialDate: new Date(start * 1000) },
  });
  if (at256 !== undefined) await networkHelpers.setCode("0x0000000000000000000000000000000000000100", at256);
  const certificates = (root === undefined
    ? await ethers.deployContract("IntelDcapCertificates")
    : await ethers.deployContract("SyntheticDcapCertificates", [root])) as unknown as IDcapCertificates;
  const collateral: DcapCollateral = await ethers.deployContract("DcapCollateral", [certificates]);
  const sgx: SgxVerifier = await ethers.deployContract("SgxVerifier", [collateral]);
  const tdx: TdxVerifier = await ethers.deployContract("TdxVerifier", [collateral]);
  const batch: CallBatch = await ethers.deployContract("CallBatch");
  return { batch, ethers, networkHelpers, provider, certificates, collateral, sgx, tdx };
}

export interface DeployOptions {
  readonly root?: SyntheticRoot;
  readonly hardfork?: "osaka" | "prague";
  /** Code of the account at 0x100, where a chain may have a precompile. */
  readonly at256?: string;
}

export type Dcap = Awaited<ReturnType<typeof deployDcap>>;

/** The arguments that put a document of Intel's. */
export function documentArguments(document: SignedText, signer: string): [Uint8Array, Uint8Array, Uint8Array, string] {
  const { signature } = document;
  return [Buffer.from(document.text), signature.slice(0, 32), signature.slice(32), signer];
}

/** A call that puts something. */
export interface Step {
  readonly name: string;
  readonly to: string;
  readonly data: string;
}

/** What puts all that `set` has but the steps left out, in an order that works. */
export async function stepsOf(world: Dcap, set: DcapSet, without: readonly string[] = []): Promise<Step[]> {
  const { certificates, collateral } = world;
  const signer = keyIdOf(set.tcbSigner);
  const store = await certificates.getAddress();
  const documents = await collateral.getAddress();
  const keep = (name: string, data: string) => ({ name, to: store, data });
  const put = (name: string, data: string) => ({ name, to: documents, data });
  const { interface: toStore } = certificates;
  const { interface: toDocuments } = collateral;
  return [
    keep("rootCrl", toStore.encodeFunctionData("putCrl", [await certificates.rootKeyId(), set.rootCrl])),
    keep("pckAuthority", toStore.encodeFunctionData("putAuthority", [set.pckAuthority])),
    keep("tcbSigner", toStore.encodeFunctionData("putAuthority", [set.tcbSigner])),
    keep("pckCrl", toStore.encodeFunctionData("putCrl", [keyIdOf(set.pckAuthority), set.pckCrl])),
    put("tcbInfo", toDocuments.encodeFunctionData("putTcbInfo", documentArguments(set.tcbInfo, signer))),
    put("qeIdentity", toDocuments.encodeFunctionData("putQeIdentity", documentArguments(set.qeIdentity, signer))),
    keep("cachePck", toStore.encodeFunctionData("cachePck", [set.pck])),
  ].filter((step) => !without.includes(step.name));
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

/** The gas of each of those, as a transaction of its own. */
export async function putEach(world: Dcap, set: DcapSet): Promise<Record<string, bigint>> {
  const gas: Record<string, bigint> = {};
  for (const { name, to, data } of await stepsOf(world, set)) gas[name] = await sendFor(world, to, data);
  return gas;
}

/** The gas of a transaction. */
export async function sendFor({ ethers }: Dcap, to: string, data: string): Promise<bigint> {
  const [sender] = await ethers.getSigners();
  const receipt = await (await sender!.sendTransaction({ to, data })).wait();
  return receipt!.gasUsed;
}
