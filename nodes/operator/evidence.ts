import {
  ContractRevertError,
  decodeCertificate,
  inspectEvidence,
  nitroCacheable,
  nitroHints,
  parseNitroDocument,
  parseQuote,
} from "@assay/sdk";
import { type Contract, hexlify, keccak256, type Provider, type Signer, ZeroHash } from "ethers";

import { bindingOf, challengeOf, keyIdOf, type ReceiptKey } from "../shared/enclave/index.ts";
import { certificatesOfIntel, certificatesOfNitro } from "./attestation-contracts.ts";
import { eventOf, read, send } from "./call.ts";
import { pemToDer } from "./collateral.ts";
import { type AssayAddresses, enclaveRegistryAt } from "./contracts.ts";
import { OperatorError, OperatorErrorCode } from "./errors.ts";

/** What a context is made of, beside the block. */
export interface ContextTerms {
  readonly registry: string;
  readonly policy: string;
  /** Account that will register. */
  readonly operator: string;
  readonly key: ReceiptKey;
  readonly endpoint?: string;
  readonly gpuClaims?: string;
}

/** What evidence and key must bind. */
export interface EnclaveContext {
  readonly challengeBlock: number;
  readonly challenge: string;
  /** The 32 bytes that the key signs, and that the hardware attests under the canonical binding. */
  readonly context: string;
}

/**
 * The context of a registration. Its challenge is of block `block`, which `registerKey` takes for 256 blocks; of the newest
 * but one when left out.
 *
 * @throws {OperatorError} when the RPC does not have the block.
 */
export async function enclaveContext(provider: Provider, terms: ContextTerms, block?: number): Promise<EnclaveContext> {
  // Some clients run a call in the newest block itself, whose hash is not known inside it.
  const number = block ?? Math.max(0, (await provider.getBlockNumber()) - 1);
  const [found, { chainId }] = await Promise.all([provider.getBlock(number), provider.getNetwork()]);
  if (typeof found?.hash !== "string") {
    throw new OperatorError(OperatorErrorCode.Unknown, `The RPC has no block ${number}; check number and network.`);
  }
  const challenge = challengeOf(found.hash, terms.operator);
  return {
    challengeBlock: number,
    challenge,
    context: bindingOf({ ...terms, endpoint: terms.endpoint ?? "", chainId, challenge }),
  };
}

/** Evidence of real hardware, and the key that it speaks for. */
export interface EvidenceRegistration {
  readonly policy: string;
  /** Verifier of the evidence's format. */
  readonly verifier: string;
  readonly scheme: string;
  readonly key: ReceiptKey;
  readonly evidence: Uint8Array;
  /** Block of the challenge that evidence and signature were made for. */
  readonly challengeBlock: number;
  /** Makes the key's signature of the context. */
  readonly sign: (context: string) => string;
  readonly endpoint?: string;
  readonly gpuClaims?: string;
  /** Preimages for the scheme. */
  readonly aux?: string;
  /** AWS: have the machine's chain remembered first, which makes this and later documents of it cheaper. */
  readonly cache?: boolean;
  readonly onStep?: (step: string) => void;
}

/** A transaction that was sent on the way. */
export interface SentStep {
  readonly what: string;
  readonly gas: bigint;
  readonly transactionHash: string;
}

export interface RegisteredEvidence {
  readonly policy: string;
  readonly keyId: string;
  readonly operator: string;
  /** The one that the policy lists: with its configuration, where the evidence has one and the policy lists both together. */
  readonly measurement: string;
  readonly platform: string;
  /** Unix seconds; valid when from <= time < until. */
  readonly from: number;
  readonly until: number;
  /** What was put on chain before the key could be registered. */
  readonly prepared: readonly SentStep[];
  readonly gas: bigint;
  readonly transactionHash: string;
}

/**
 * Registers a key with evidence of real hardware: has certificates of the machine kept where they are not, makes the hints
 * for P-384, registers. Registering a key anew, with fresh evidence, renews it.
 *
 * @throws {AttestationError} when the evidence is malformed.
 * @throws {OperatorError} when there is no enclave registry, or no such block.
 * @throws {ContractRevertError} when the contracts refuse a step.
 */
export async function registerEvidence(
  operator: Signer,
  addresses: Pick<AssayAddresses, "enclaveRegistry">,
  registration: EvidenceRegistration,
): Promise<RegisteredEvidence> {
  if (addresses.enclaveRegistry === undefined) {
    throw new OperatorError(
      OperatorErrorCode.Unknown,
      "The hub routes no TEE adapter, so there is no enclave registry.",
    );
  }
  const registry = enclaveRegistryAt(addresses.enclaveRegistry, operator);
  const { key, policy, endpoint = "", gpuClaims = ZeroHash, onStep = () => undefined } = registration;
  const account = await operator.getAddress();
  const terms = { registry: addresses.enclaveRegistry, policy, operator: account, key, endpoint, gpuClaims };
  const { context } = await enclaveContext(operator.provider!, terms, registration.challengeBlock);
  const keySignature = registration.sign(context);
  const { hints, prepared } = await prepareEvidence(operator, registration);
  onStep("registering the key");
  const receipt = await send(registry, "registerKey", [
    {
      policy,
      verifier: registration.verifier,
      scheme: registration.scheme,
      key,
      endpoint,
      gpuClaims,
      challengeBlock: registration.challengeBlock,
      evidence: registration.evidence,
      hints,
      aux: registration.aux ?? "0x",
      keySignature,
    },
  ]);
  const { args } = await eventOf(registry, receipt, "KeyRegistered");
  return {
    policy,
    keyId: keyIdOf(key),
    operator: account,
    measurement: args["measurement"] as string,
    platform: args["platform"] as string,
    from: Number(args["from"]),
    until: Number(args["until"]),
    prepared,
    gas: receipt.gasUsed,
    transactionHash: receipt.hash,
  };
}

/** Has kept what the verifier needs of the machine's certificates, and makes the hints. */
export async function prepareEvidence(
  account: Signer,
  {
    evidence,
    verifier,
    cache = false,
    onStep = () => undefined,
  }: Pick<EvidenceRegistration, "evidence" | "verifier" | "cache" | "onStep">,
): Promise<{ readonly hints: string; readonly prepared: readonly SentStep[] }> {
  if (inspectEvidence(evidence).type !== "aws.nitro") {
    return { hints: "0x", prepared: await keepPck(account, evidence, verifier, onStep) };
  }
  const certificates = await certificatesOfNitro(verifier, account);
  let cached = await rememberedOf(certificates, evidence);
  const prepared: SentStep[] = [];
  if (cache && cached < parseNitroDocument(evidence).chain.length - 2) {
    onStep("having the machine's certificates remembered");
    const { chain, hints } = nitroCacheable(evidence, { cached });
    prepared.push(await sent(certificates, "cacheCertificates", [chain, hints], "certificates of the machine"));
    cached = await rememberedOf(certificates, evidence);
  }
  onStep("computing the hints for P-384");
  return { hints: hexlify(nitroHints(evidence, { cached })), prepared };
}

/** How many certificates of the document's chain are remembered, from the one below the root down. */
async function rememberedOf(certificates: Contract, evidence: Uint8Array): Promise<number> {
  const [root, ...chain] = parseNitroDocument(evidence).chain.map((der) => decodeCertificate(der, "p384"));
  if (root === undefined) return 0;
  let issuer = await read<string>(certificates, "identityOf", [keccak256(root.subject), root.publicKey]);
  for (const [index, { signed, subject, publicKey }] of chain.entries()) {
    const id = await read<string>(certificates, "certificateIdOf", [issuer, signed]);
    if ((await read<bigint>(certificates, "cachedUntil", [id])) === 0n) return index;
    issuer = await read<string>(certificates, "identityOf", [keccak256(subject), publicKey]);
  }
  return chain.length;
}

async function keepPck(
  account: Signer,
  evidence: Uint8Array,
  verifier: string,
  onStep: (step: string) => void,
): Promise<readonly SentStep[]> {
  const chain = new TextDecoder("latin1").decode(parseQuote(evidence).certification);
  const [pck] = pemToDer("the quote's chain", chain);
  if (pck === undefined) {
    throw new OperatorError(OperatorErrorCode.Input, "The quote holds no certificate of its machine; quote with one.");
  }
  const certificates = await certificatesOfIntel(verifier, account);
  try {
    await read(certificates, "pck", [keccak256(pck)]);
    return [];
  } catch (error) {
    if (!(error instanceof ContractRevertError) || error.contractError !== "PckUnknown") throw error;
  }
  onStep("having the machine's certificate kept");
  return [await sent(certificates, "cachePck", [pck], "certificate of the machine")];
}

async function sent(contract: Contract, name: string, args: readonly unknown[], what: string): Promise<SentStep> {
  const { gasUsed, hash } = await send(contract, name, args);
  return { what, gas: gasUsed, transactionHash: hash };
}
