// A whole Assay on an in-process chain: contracts, the digits model published, a bonded node, an enclave.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createGroth16Prover, interpret, type Prover } from "@assay/compiler";
import { DevelopmentEnclave } from "@assay/nodes/enclave";
import {
  type AssayAddresses,
  createPolicy,
  DirectoryBlobStore,
  type ModelFolder,
  publishModel,
  readAddresses,
  registerEnclave,
  registerNode,
} from "@assay/nodes/operator";
import { decodeTensor, encodeTensor, HubClient, ProofKind } from "@assay/sdk";
import { id, type Provider, type Signer, Wallet } from "ethers";
import hre, { network } from "hardhat";

import Development from "../../deploy/modules/Development.ts";
import { buildDigits } from "./digits.ts";

/** One ether, in wei. */
export const ETHER = 10n ** 18n;

/** Everything that the demo and the figures act on. */
export interface World {
  readonly connection: Awaited<ReturnType<typeof network.create>>;
  readonly provider: Provider;
  readonly chainId: bigint;
  readonly addresses: AssayAddresses;
  readonly hub: HubClient;
  readonly folder: ModelFolder;
  readonly blobs: string;
  readonly versionId: string;
  /** Deployed everything and owns router, model and enclave policy. */
  readonly owner: Signer;
  readonly requester: Signer;
  readonly stranger: Signer;
  /** Sends the node's transactions. */
  readonly wallet: Wallet;
  /** Signs the node's evidence. */
  readonly nodeKey: Wallet;
  readonly nodeId: string;
  readonly payee: string;
  readonly enclave: DevelopmentEnclave;
  readonly policy: string;
  /** Proves runs of the digits circuit; warm. */
  readonly prover: Prover;
  /** Canonical input bytes of an image. */
  encodeImage(pixels: readonly number[]): Uint8Array;
  /** Canonical output bytes that the model gives for canonical input bytes. */
  answer(input: Uint8Array): Uint8Array;
  close(): Promise<void>;
}

/** How a world is built. */
export interface WorldOptions {
  /** Time of the chain's first block; now when left out. A fixed one makes gas the same in every run. */
  readonly initialDate?: Date;
}

/**
 * Builds a world; takes what was compiled before from `build/`.
 * @param onStep Says what is being done, for a display.
 */
export async function createWorld(onStep: (step: string) => void, { initialDate }: WorldOptions = {}): Promise<World> {
  onStep("compiling the contracts");
  await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
  const folder = await buildDigits(onStep);
  onStep("deploying the contracts");
  const connection = await network.create(
    initialDate === undefined ? {} : { network: "default", override: { initialDate } },
  );
  const { ethers, ignition } = connection;
  const [owner, requester, stranger, payee] = (await ethers.getSigners()) as unknown as [
    Signer,
    Signer,
    Signer,
    Signer,
  ];
  const deployed = await ignition.deploy(Development);
  const provider = ethers.provider as unknown as Provider;
  const addresses: AssayAddresses = {
    ...(await readAddresses(owner, await deployed.hub.getAddress())),
    developmentVerifier: await deployed.developmentVerifier.getAddress(),
  };
  const scratch = await mkdtemp(join(tmpdir(), "assay-"));
  const blobs = join(scratch, "blobs");

  onStep("publishing the model");
  const published = await publishModel(owner, addresses, new DirectoryBlobStore(blobs), folder, {
    name: "digits",
    description: "Handwritten digits, 8 x 8 greys, MLP 64-32-10",
    licence: "CC-BY-4.0",
    kinds: [ProofKind.Signature, ProofKind.Tee, ProofKind.Zkml],
  });
  onStep("registering the node");
  const wallet = keyOf("wallet").connect(provider);
  const nodeKey = keyOf("node");
  await (await owner.sendTransaction({ to: wallet.address, value: 10n * ETHER })).wait();
  const payeeAddress = await payee.getAddress();
  const node = await registerNode(owner, addresses, { key: nodeKey, payee: payeeAddress });
  const enclave = new DevelopmentEnclave(
    { model: published.manifestDigest, code: id("assay.node/1") },
    keyOf("enclave").privateKey,
  );
  // With a salt of its own, as its id is in calldata, where zero bytes are cheaper.
  const policy = await createPolicy(owner, addresses, 30 * 86_400, id("assay demo policy"));
  await registerEnclave(owner, addresses, { enclave, policy, onStep });
  const prover = await createGroth16Prover({
    graph: folder.graph,
    circuit: folder.circuit,
    zkeyPath: folder.setup!.zkeyPath,
  });

  const { input, output } = folder.graph;
  return {
    connection,
    provider,
    chainId: (await provider.getNetwork()).chainId,
    addresses,
    hub: new HubClient(addresses.hub, requester),
    folder,
    blobs,
    versionId: published.versionId,
    owner,
    requester,
    stranger,
    wallet,
    nodeKey,
    nodeId: node.nodeId,
    payee: payeeAddress,
    enclave,
    policy,
    prover,
    encodeImage: (pixels) => encodeTensor({ dtype: input.dtype, dims: input.dims, data: pixels.map(BigInt) }),
    answer: (bytes) => {
      const values = decodeTensor(bytes).data.map(Number);
      const answer = interpret(folder.graph, values).output.map(BigInt);
      return encodeTensor({ dtype: output.dtype, dims: output.dims, data: answer });
    },
    close: async () => {
      await prover.close();
      await connection.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** A key for this chain only; everybody can derive it. */
function keyOf(name: string): Wallet {
  return new Wallet(id(`assay demo key: ${name}`));
}
