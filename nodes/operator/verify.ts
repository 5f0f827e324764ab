import {
  AssayError,
  bindingFromBits,
  ContractRevertError,
  decodeEvidence,
  type EvidenceVerdict,
  type HubClient,
  type Manifest,
  parseManifest,
  parseVerifyingKey,
  type Receipt,
  type Statement,
  statementDigest,
  verifyReceipt,
  type VerifyingKey,
  type ZkBinding,
} from "@assay/sdk";
import { recoverAddress } from "ethers";

import type { BlobStore } from "../shared/blobs/store.ts";
import { addressKey, keyIdOf } from "../shared/enclave/index.ts";
import { type FoundAnswer, readSubmission, type Submission } from "./answer.ts";
import { read } from "./call.ts";
import { type AssayAddresses, enclaveRegistryAt, modelRegistryAt, nodeRegistryAt, zkVerifierAt } from "./contracts.ts";
import { OperatorError, OperatorErrorCode } from "./errors.ts";

const MAX_MANIFEST_BYTES = 1_048_576;
const MAX_KEY_BYTES = 16 * 1024 * 1024;
const ACTIVE = 1n;

/** What checking an accepted answer again gave. */
export interface AnswerVerdict {
  /** Whether every piece of evidence that the request asks for holds. */
  readonly holds: boolean;
  readonly evidence: readonly EvidenceVerdict[];
  readonly submission: Submission;
  readonly receipt: Receipt;
}

/**
 * Checks an accepted answer again, off chain: signatures are recovered, proofs are verified here, and only who may sign,
 * and what key the circuit has, is asked of the registries, as of the answer's block.
 *
 * Not checked: that the RPC tells the truth about the registries and the event. Old blocks need an RPC that keeps their
 * state.
 * @throws {OperatorError} when the evidence or the model's files cannot be had.
 */
export async function verifyAnswer(
  hub: HubClient,
  addresses: AssayAddresses,
  store: BlobStore,
  answer: FoundAnswer,
): Promise<AnswerVerdict> {
  const submission = await readSubmission(hub, answer);
  const block = await hub.contract.runner!.provider!.getBlock(answer.blockNumber);
  if (block === null)
    throw new OperatorError(OperatorErrorCode.Unknown, `The RPC does not have block ${answer.blockNumber}.`);
  const receipt: Receipt = {
    statement: submission.statement,
    evidence: submission.evidence,
    output: answer.output,
    issuedAt: block.timestamp,
  };
  const requires = submission.request.proofs;
  const checked = await verifyEvidence(hub, addresses, store, receipt, { block: answer.blockNumber, requires });
  return { ...checked, submission, receipt };
}

/** Where and what to check evidence against. */
export interface EvidenceTerms {
  /** Block as of which the registries are asked. */
  readonly block: number;
  /** Selectors of which evidence must be there. */
  readonly requires?: readonly string[];
}

/**
 * Checks the evidence of a receipt, off chain, with what the registries said as of a block of who may sign.
 *
 * Not checked: that the hub accepted it (compare with the answer), that the RPC tells the truth.
 * @throws {OperatorError} when the receipt is of another chain or hub, or the model's files cannot be had.
 */
export async function verifyEvidence(
  hub: HubClient,
  addresses: AssayAddresses,
  store: BlobStore,
  receipt: Receipt,
  { block, requires }: EvidenceTerms,
): Promise<Pick<AnswerVerdict, "holds" | "evidence">> {
  const { statement } = receipt;
  const domain = await hub.domain();
  if (statement.chainId !== domain.chainId || statement.hub !== domain.hub) {
    throw new OperatorError(
      OperatorErrorCode.Input,
      `The receipt is of hub ${statement.hub} on chain ${statement.chainId}, and this is hub ${domain.hub} on chain ` +
        `${domain.chainId}; choose its network.`,
    );
  }
  const trusted = { signers: [] as string[], enclaveKeys: [] as string[] };
  let circuit: { readonly verifyingKey: VerifyingKey; readonly binding: ZkBinding } | undefined;
  for (const encoded of receipt.evidence) {
    const evidence = tryDecode(encoded);
    if (evidence === undefined) continue;
    if (evidence.kind === "zkml") {
      circuit ??= await readCircuit(hub, addresses, store, statement);
      continue;
    }
    if (evidence.kind === "tee" && evidence.key !== undefined) {
      const { key } = evidence;
      if (await isEnclaveKey(hub, addresses, statement, keyIdOf(key), block)) trusted.enclaveKeys.push(key.data);
      continue;
    }
    const signer = tryRecover(statementDigest(statement, evidence.selector), evidence.signature);
    if (signer === undefined) continue;
    if (evidence.kind === "signature") {
      if (await isPaidNode(hub, addresses, statement, signer, block)) trusted.signers.push(signer);
    } else if (await isEnclaveKey(hub, addresses, statement, keyIdOf(addressKey(signer)), block)) {
      trusted.enclaveKeys.push(signer);
    }
  }
  const { holds, verdicts } = verifyReceipt(receipt, {
    ...trusted,
    ...circuit,
    ...(requires === undefined ? {} : { requires }),
  });
  return { holds, evidence: verdicts };
}

/**
 * The manifest of a version: its digest from the registry, its bytes from `store`.
 * @throws {OperatorError} when the version is unknown; {BlobError} when the bytes are not there or differ.
 */
export async function readVersionManifest(
  hub: HubClient,
  addresses: Pick<AssayAddresses, "modelRegistry">,
  store: BlobStore,
  version: string,
): Promise<Manifest> {
  const registry = modelRegistryAt(addresses.modelRegistry, hub.contract.runner!);
  const info = await read<{ spec: { manifestDigest: string } }>(registry, "versionOf", [version]);
  return parseManifest(await store.get(info.spec.manifestDigest, { maxBytes: MAX_MANIFEST_BYTES }));
}

/** The key under which the version's proofs verify, once it is sure to be the one in the registered verifier; its binding. */
async function readCircuit(
  hub: HubClient,
  addresses: AssayAddresses,
  store: BlobStore,
  { version }: Statement,
): Promise<{ readonly verifyingKey: VerifyingKey; readonly binding: ZkBinding }> {
  const manifest = await readVersionManifest(hub, addresses, store, version);
  const file = manifest.files.find(({ role }) => role === "verifying-key");
  if (file === undefined)
    throw new OperatorError(OperatorErrorCode.Unknown, `The manifest of ${version} lists no verifying key.`);
  const bytes = await store.get(file.sha256, { maxBytes: MAX_KEY_BYTES, size: file.bytes });
  const key = parseVerifyingKey(JSON.parse(new TextDecoder().decode(bytes)));
  const runner = hub.contract.runner!;
  const info = await read<{ spec: { verifier: string } }>(
    modelRegistryAt(addresses.modelRegistry, runner),
    "versionOf",
    [version],
  );
  const verifier = zkVerifierAt(info.spec.verifier, runner);
  const registered = await read<string>(verifier, "verifyingKeyHash");
  if (registered === key.hash)
    return { verifyingKey: key, binding: bindingFromBits(await read<bigint>(verifier, "binding")) };
  throw new OperatorError(
    OperatorErrorCode.Unknown,
    `The verifying key in the manifest of ${version} hashes to ${key.hash}, its registered verifier has ${registered}; ` +
      "do not use this version.",
  );
}

async function isPaidNode(
  hub: HubClient,
  addresses: AssayAddresses,
  { beneficiary }: Statement,
  signer: string,
  block: number,
): Promise<boolean> {
  const registry = nodeRegistryAt(addresses.nodeRegistry, hub.contract.runner!);
  try {
    const [payee, status] = await read<[string, bigint]>(registry, "signerOf", [signer], block);
    return status === ACTIVE && payee === beneficiary;
  } catch (error) {
    // The adapter that the hub routes signatures to is no node registry: nobody vouches for the signer.
    if (error instanceof ContractRevertError) return false;
    throw error;
  }
}

async function isEnclaveKey(
  hub: HubClient,
  addresses: AssayAddresses,
  { enclavePolicy }: Statement,
  keyId: string,
  block: number,
): Promise<boolean> {
  if (addresses.enclaveRegistry === undefined) return false;
  const registry = enclaveRegistryAt(addresses.enclaveRegistry, hub.contract.runner!);
  try {
    await read(registry, "requireValidKey", [enclavePolicy, keyId], block);
    return true;
  } catch (error) {
    if (error instanceof ContractRevertError) return false;
    throw error;
  }
}

function tryDecode(encoded: string) {
  try {
    return decodeEvidence(encoded);
  } catch (error) {
    // verifyReceipt says so in its verdict.
    if (error instanceof AssayError) return undefined;
    throw error;
  }
}

function tryRecover(digest: string, signature: string): string | undefined {
  try {
    return recoverAddress(digest, signature);
  } catch {
    return undefined;
  }
}
