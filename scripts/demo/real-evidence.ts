// Evidence that real machines of AWS and Intel gave, recorded, before the contracts on a chain of its time.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { addressKey, ChangeKind, policyChange, testPolicyTerms } from "@assay/nodes/enclave";
import {
  enclaveContext,
  enclaveRegistryAt,
  eventOf,
  prepareEvidence,
  putIntelCollateral,
  send,
} from "@assay/nodes/operator";
import { ATTESTATION_VERIFIER_ABI, CLAIM_DEBUG, type IntelCollateral } from "@assay/sdk";
import { Contract, hexlify, type InterfaceAbi, type Provider, type Signer, SigningKey, Wallet, ZeroHash } from "ethers";
import { network } from "hardhat";

import Assay from "../../deploy/modules/Assay.ts";
import Attestation from "../../deploy/modules/Attestation.ts";
import { errorOf } from "./forgery.ts";

/** What the contracts said of one piece of evidence. */
export interface EvidenceRow {
  readonly evidence: string;
  readonly asked: string;
  /** "genuine", "genuine, DEBUG", or the name of the contract's error. */
  readonly answer: string;
  readonly expected: string;
  /** Of a transaction that asks, absent where it was refused. */
  readonly gas?: bigint;
}

const TEE = join(import.meta.dirname, "..", "..", "vectors", "tee");
/** Unix seconds: within what Intel had signed, and within the three hours that each document is good for. */
const TIMES = {
  quote: 1_751_000_000,
  quoteLate: 1_752_919_236,
  debug: 1_766_650_900,
  document: 1_770_919_000,
} as const;
const DOCUMENT_END = 1_770_929_762;
const DAY = 86_400;

/** Shows recorded evidence to the contracts: as it is, and in every way in which it must be refused. */
export async function realEvidence(onStep: (step: string) => void): Promise<readonly EvidenceRow[]> {
  onStep("real evidence: deploying its verifiers on a chain of June 2025");
  const connection = await network.create({
    network: "default",
    override: { initialDate: new Date((TIMES.quote - DAY) * 1000) },
  });
  try {
    const { ethers, ignition, provider } = connection;
    const { enclaveRegistry } = await ignition.deploy(Assay);
    const deployed = await ignition.deploy(Attestation);
    const [owner] = (await ethers.getSigners()) as unknown as [Signer];
    const verifierAt = async (contract: { getAddress(): Promise<string> }): Promise<Contract> =>
      new Contract(await contract.getAddress(), [...ATTESTATION_VERIFIER_ABI] as InterfaceAbi, owner);
    const tdx = await verifierAt(deployed.tdxVerifier);
    const nitro = await verifierAt(deployed.nitroVerifier);
    const rows: EvidenceRow[] = [];
    const at = async (time: number): Promise<void> => {
      await provider.request({ method: "evm_setNextBlockTimestamp", params: [time] });
      await provider.request({ method: "evm_mine", params: [] });
    };
    const show = async (
      evidence: string,
      asked: string,
      expected: string,
      work: () => Promise<string | { readonly answer: string; readonly gas: bigint }>,
    ): Promise<void> => {
      onStep(`real evidence: ${evidence}, ${asked}`);
      let said: Awaited<ReturnType<typeof work>> = "";
      const error = await errorOf(work().then((answer) => (said = answer)));
      const found = error ?? said;
      rows.push({ evidence, asked, expected, ...(typeof found === "string" ? { answer: found } : found) });
    };
    const verify = async (verifier: Contract, bytes: Uint8Array, hints = "0x") => {
      const claims = (await verifier.getFunction("verify").staticCall(bytes, hints)) as { readonly flags: bigint };
      // A transaction that asks, for its gas; the limit is that of a transaction since Fusaka.
      const data = verifier.interface.encodeFunctionData("verify", [bytes, hints]);
      const sent = await owner.sendTransaction({ to: await verifier.getAddress(), data, gasLimit: 2n ** 24n });
      const debug = (Number(claims.flags) & CLAIM_DEBUG) !== 0;
      return { answer: debug ? "genuine, DEBUG" : "genuine", gas: (await sent.wait())!.gasUsed };
    };
    const register = registrar(owner, await enclaveRegistry.getAddress());

    const quote = new Uint8Array(await readFile(join(TEE, "intel-tdx", "phala_tdx_v4_quote.bin")));
    const collateral = JSON.parse(
      await readFile(join(TEE, "intel-tdx", "phala_tdx_v4_collateral.json"), "utf8"),
    ) as IntelCollateral;
    const onTdx = await tdx.getAddress();
    await at(TIMES.quote);
    onStep("real evidence: putting what Intel signed about the machine");
    await putIntelCollateral(owner, await deployed.dcapCollateral.getAddress(), collateral);
    await prepareEvidence(owner, { evidence: quote, verifier: onTdx });
    const machine = "Intel TDX quote";
    await show(machine, "verified", "genuine", async () => await verify(tdx, quote));
    await show(machine, "a bit of the TD's measurement flipped", "QuoteSignatureMismatch", async () =>
      verify(tdx, flipped(quote, MR_TD)),
    );
    await show(machine, "registered by a stranger for his key", "BindingMismatch", async () => register(onTdx, quote));
    await at(TIMES.quoteLate);
    await show(machine, "a second after Intel's collateral ended", "CrlNotCurrent", async () => verify(tdx, quote));

    const onNitro = await nitro.getAddress();
    await at(TIMES.debug);
    const debug = await recorded("dstack_attest_nitro_attestation_DEBUG.cose.bin");
    onStep("real evidence: computing hints for P-384");
    const debugHints = (await prepareEvidence(owner, { evidence: debug, verifier: onNitro, cache: true })).hints;
    const debugName = "AWS Nitro document of a debug enclave";
    await show(debugName, "verified", "genuine, DEBUG", async () => await verify(nitro, debug, debugHints));
    await show(debugName, "registered", "DebugEnclave", async () => register(onNitro, debug, debugHints));

    await at(TIMES.document);
    const document = await recorded("opengradient_attestation_doc.b64");
    const documentName = "AWS Nitro document";
    const cold = (await prepareEvidence(owner, { evidence: document, verifier: onNitro })).hints;
    await show(documentName, "verified, its machine unknown", "genuine", async () => verify(nitro, document, cold));
    const warm = (await prepareEvidence(owner, { evidence: document, verifier: onNitro, cache: true })).hints;
    await show(documentName, "verified, its machine remembered", "genuine", async () => verify(nitro, document, warm));
    await show(documentName, "a bit of its signature flipped", "DocumentSignatureMismatch", async () =>
      verify(nitro, flipped(document, document.length - 1), warm),
    );
    await show(documentName, "registered by a stranger for his key", "BindingMismatch", async () =>
      register(onNitro, document, warm),
    );
    await at(DOCUMENT_END + 1);
    await show(documentName, "a second after its certificate ended", "CertificateNotCurrent", async () =>
      verify(nitro, document, warm),
    );
    return rows;
  } finally {
    await connection.close();
  }
}

/** Offset of MRTD in a quote of version 4: 48 bytes of header, and 136 of the report. */
const MR_TD = 48 + 136;

async function recorded(name: string): Promise<Uint8Array> {
  const bytes = await readFile(join(TEE, "aws-nitro", name));
  return new Uint8Array(name.endsWith(".b64") ? Buffer.from(bytes.toString("latin1"), "base64") : bytes);
}

function flipped(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.with(index, (bytes[index] ?? 0) ^ 1);
}

/** Registers a key that the evidence does not speak for, under a policy that takes all else. */
function registrar(owner: Signer, address: string) {
  const registry = enclaveRegistryAt(address, owner);
  const key = new SigningKey(Wallet.createRandom().privateKey);
  return async (verifier: string, evidence: Uint8Array, hints = "0x"): Promise<string> => {
    const scheme = (await registry.getFunction("CANONICAL_BINDING").staticCall()) as string;
    const terms = { ...testPolicyTerms(DAY), test: false, delay: DAY, maxEvidenceAge: DAY };
    const lists = [policyChange(ChangeKind.Verifier, verifier), policyChange(ChangeKind.Scheme, scheme)];
    const made = await send(registry, "createPolicy", [
      terms,
      lists,
      hexlify(crypto.getRandomValues(new Uint8Array(32))),
    ]);
    const policy = (await eventOf(registry, made, "PolicyCreated")).args["policy"] as string;
    const operator = await owner.getAddress();
    const receiptKey = addressKey(new Wallet(key.privateKey).address);
    const bound = { registry: address, policy, operator, key: receiptKey };
    const { context, challengeBlock } = await enclaveContext(owner.provider as Provider, bound);
    const registration = {
      policy,
      verifier,
      scheme,
      key: receiptKey,
      endpoint: "",
      gpuClaims: ZeroHash,
      challengeBlock,
      evidence,
      hints,
      aux: "0x",
      keySignature: key.sign(context).serialized,
    };
    await registry.getFunction("registerKey").staticCall(registration);
    return "registered";
  };
}
