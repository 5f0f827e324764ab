import {
  ContractRevertError,
  kindSet,
  LOCAL_CHAIN_IDS,
  type ManifestEnclavePolicy,
  packPayment,
  ProofKind,
  ZERO_ADDRESS,
} from "@assay/sdk";
import { ContractFactory, id, type Signer } from "ethers";

import type { BlobStore } from "../shared/blobs/store.ts";
import { eventOf, read, send } from "./call.ts";
import { type AssayAddresses, modelRegistryAt } from "./contracts.ts";
import { OperatorError, OperatorErrorCode } from "./errors.ts";
import { storeModel } from "./manifest.ts";
import { type ModelFolder, requireCeremonyKey, requireSetup, type VerifierArtifact } from "./model-folder.ts";

export interface PublishOptions {
  readonly name: string;
  readonly description?: string;
  /** SPDX expression, or where the licence's text is. */
  readonly licence: string;
  /** Kinds of proof that the version accepts. */
  readonly kinds: readonly ProofKind[];
  readonly major?: number;
  readonly minor?: number;
  /** What the royalty receiver gets of each answer, in the token's smallest unit. */
  readonly price?: bigint;
  readonly priceToken?: string;
  /** The owner's account when left out and there is a price. */
  readonly royaltyReceiver?: string;
  /** Model to publish under. The account's own model of this name when left out, made where it does not exist. */
  readonly modelId?: string;
  /** A verifier of this folder's setup that is already deployed. */
  readonly verifier?: string;
  /** Policies that you accept enclaves under, for the manifest. Whether they exist is not checked here. */
  readonly enclavePolicies?: readonly ManifestEnclavePolicy[];
  /** Where the manifest can be found; `sha256:<digest>` when left out. */
  readonly uri?: string;
  /** Says what is being done, for a display. */
  readonly onStep?: (step: string) => void;
}

export interface PublishedModel {
  readonly modelId: string;
  readonly versionId: string;
  readonly major: number;
  readonly minor: number;
  readonly manifestDigest: string;
  readonly kinds: readonly ProofKind[];
  /** The zero address where the version takes no zk proofs. */
  readonly verifier: string;
  readonly transactionHash: string;
}

/**
 * Publishes a model folder as a version: keeps manifest and files in `store`, deploys the circuit's verifier, makes the
 * model where there is none, registers the version. Everything that would make a later step fail and can be known
 * before is checked before the first transaction.
 *
 * @throws {OperatorError} when keys of a development setup would go on a live chain, or the version exists.
 * @throws {ContractRevertError} when the registry refuses a step.
 */
export async function publishModel(
  owner: Signer,
  addresses: Pick<AssayAddresses, "modelRegistry">,
  store: BlobStore,
  folder: ModelFolder,
  options: PublishOptions,
): Promise<PublishedModel> {
  const { major = 1, minor = 0, price = 0n, onStep = () => undefined } = options;
  const zkml = options.kinds.includes(ProofKind.Zkml);
  const artifact = zkml ? requireSetup(folder).verifier : undefined;
  const { chainId } = await owner.provider!.getNetwork();
  if (artifact?.setup === "development" && !LOCAL_CHAIN_IDS.includes(chainId)) {
    throw new OperatorError(
      OperatorErrorCode.DevelopmentOnLiveNetwork,
      `The keys in ${folder.folder} are of a development setup, whose maker can forge proofs, and chain ${chainId} is not ` +
        "local; use the keys of a ceremony, or publish without the kind zkml.",
    );
  }
  if (zkml) await requireCeremonyKey(folder);
  const registry = modelRegistryAt(addresses.modelRegistry, owner);
  const account = await owner.getAddress();
  const salt = id(options.name);
  const modelId = options.modelId ?? (await read<string>(registry, "modelIdOf", [account, salt]));
  const versionId = await read<string>(registry, "versionIdOf", [modelId, major, minor]);
  const [status] = await read<[bigint]>(registry, "requestTerms", [versionId]);
  if (status !== 0n) {
    throw new OperatorError(
      OperatorErrorCode.Input,
      `Version ${major}.${minor} of model ${modelId} is published already and cannot change; give a higher minor or major.`,
    );
  }
  const exists = await hasOwner(registry, modelId);
  if (!exists && options.modelId !== undefined) {
    throw new OperatorError(OperatorErrorCode.Unknown, `No model has the id ${modelId}; leave it out to make one.`);
  }

  onStep("storing files");
  const { digest } = await storeModel(store, folder, { ...options, zkml });
  let verifier = ZERO_ADDRESS;
  if (artifact !== undefined) {
    onStep("deploying the verifier");
    verifier = options.verifier ?? (await deployVerifier(owner, artifact));
  }
  if (!exists) {
    onStep("creating the model");
    await send(registry, "createModel", [salt]);
  }
  onStep("publishing the version");
  const receiver = options.royaltyReceiver ?? (price === 0n ? ZERO_ADDRESS : account);
  const receipt = await send(registry, "publishVersion", [
    modelId,
    {
      major,
      minor,
      kinds: kindSet(options.kinds),
      verifier,
      price: price === 0n ? 0n : packPayment(options.priceToken ?? ZERO_ADDRESS, price),
      royaltyReceiver: receiver,
      manifestDigest: digest,
      uri: options.uri ?? `sha256:${digest.slice(2)}`,
    },
  ]);
  await eventOf(registry, receipt, "VersionPublished");
  return {
    modelId,
    versionId,
    major,
    minor,
    manifestDigest: digest,
    kinds: options.kinds,
    verifier,
    transactionHash: receipt.hash,
  };
}

/** Deploys a generated verifier and gives its address. Its constructor refuses development keys on live chains. */
export async function deployVerifier(deployer: Signer, artifact: VerifierArtifact): Promise<string> {
  const factory = new ContractFactory(artifact.abi as never[], artifact.bytecode, deployer);
  const contract = await factory.deploy();
  await contract.waitForDeployment();
  return await contract.getAddress();
}

async function hasOwner(registry: ReturnType<typeof modelRegistryAt>, modelId: string): Promise<boolean> {
  try {
    await read(registry, "ownerOf", [modelId]);
    return true;
  } catch (error) {
    if (error instanceof ContractRevertError && error.contractError === "ModelUnknown") return false;
    throw error;
  }
}
