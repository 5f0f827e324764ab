import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { IntelCollateral } from "@assay/sdk";
import type { HardhatEthersHelpers } from "@nomicfoundation/hardhat-ethers/types";
import { AbiCoder, id, type Interface, keccak256, ZeroHash } from "ethers";

import { ROOT } from "../../checks/files.ts";
import { NOW, syntheticRoot, syntheticSet } from "../../fixtures/intel-pki/world.ts";
import { change, CHANGE, deployEnclaveRegistry, measured, testTerms } from "../../support/enclave-registry.ts";
import { secp256k1Key } from "../../support/receipt-keys.ts";
import { chainAt, gasOf } from "./call.ts";

const FOLDER = join(ROOT, "vectors", "tee", "intel-tdx");
/** A time at which quote and collateral are valid. */
const AT = 1_751_000_000;
/** Where report data lie in the body of a trust domain. */
const REPORT_DATA = 520;
const YEAR = 365 * 86_400;

/** What is put before a quote can be verified, all but the quote as bytes. */
interface DcapSet {
  readonly quote: Uint8Array;
  readonly pck: Uint8Array;
  readonly pckAuthority: Uint8Array;
  readonly tcbSigner: Uint8Array;
  readonly rootCrl: Uint8Array;
  readonly pckCrl: Uint8Array;
  readonly tcbInfo: SignedText;
  readonly qeIdentity: SignedText;
}
interface SignedText {
  readonly text: string;
  readonly signature: Uint8Array;
}

/** Gas of whole transactions on a genuine quote of TDX, and of registering a key with a made-up one of the same form. */
export async function intelFigures(hardfork: "osaka" | "prague"): Promise<Record<string, number>> {
  const suffix = hardfork === "osaka" ? "" : ".noprecompile";
  const connection = await chainAt(AT, hardfork);
  try {
    const { ethers } = connection;
    const contracts = await deploy(ethers);
    const set = await genuineSet();
    const put = await putAll(ethers, contracts, set);
    const to = await contracts.tdx.getAddress();
    const verify = contracts.tdx.interface.encodeFunctionData("verify", [set.quote, "0x"]);
    return {
      [`gas.tdx.verify${suffix}`]: await gasOf(ethers, to, verify),
      [`gas.tdx.register${suffix}`]: await registerFigure(hardfork),
      [`gas.tdx.tcbinfo${suffix}`]: put["tcbInfo"]!,
      [`gas.tdx.pckcrl${suffix}`]: put["pckCrl"]!,
      [`gas.tdx.qeidentity${suffix}`]: put["qeIdentity"]!,
      [`gas.tdx.pck${suffix}`]: put["pck"]!,
    };
  } finally {
    await connection.close();
  }
}

/** Gas of registering a new key with a quote that binds it, under a policy that has everything else. */
async function registerFigure(hardfork: "osaka" | "prague"): Promise<number> {
  const connection = await chainAt(NOW, hardfork);
  try {
    const { ethers } = connection;
    const contracts = await deploy(ethers, syntheticRoot());
    await putAll(ethers, contracts, syntheticSet());
    const { address, canonical, registry } = await deployEnclaveRegistry(ethers);
    const [operator] = await ethers.getSigners();
    const claims = await contracts.tdx.verify(syntheticSet().quote, "0x");
    const verifier = await contracts.tdx.getAddress();
    await registry.createPolicy(
      testTerms(YEAR),
      [
        change(CHANGE.Verifier, verifier),
        change(CHANGE.Scheme, await canonical.getAddress()),
        measured(claims.measurement, 0, NOW + YEAR),
      ],
      ZeroHash,
    );
    const policy = await registry.policyIdOf(operator!.address, ZeroHash);
    const register = async (endpoint: string): Promise<number> => {
      const key = secp256k1Key();
      const block = (await ethers.provider.getBlock("latest"))!;
      const challenge = keccak256(
        AbiCoder.defaultAbiCoder().encode(["bytes32", "address"], [block.hash, operator!.address]),
      );
      const publicKey = { kind: key.kind, data: key.data };
      const by = operator!.address;
      const binding = await registry.bindingOf(policy, by, publicKey, endpoint, ZeroHash, challenge);
      const data = Buffer.from(binding.slice(2) + id("nonce").slice(2), "hex");
      const registration = {
        policy,
        verifier,
        scheme: await canonical.getAddress(),
        key: publicKey,
        endpoint,
        gpuClaims: ZeroHash,
        challengeBlock: block.number,
        evidence: syntheticSet({ body: { [REPORT_DATA]: data } }).quote,
        hints: "0x",
        aux: "0x",
        keySignature: key.sign(binding),
      };
      return await gasOf(ethers, address, registry.interface.encodeFunctionData("registerKey", [registration]));
    };
    // The first of an operator's keys is like all others.
    return await register("https://enclave.example");
  } finally {
    await connection.close();
  }
}

async function deploy(ethers: HardhatEthersHelpers, root?: ReturnType<typeof syntheticRoot>) {
  const certificates =
    root === undefined
      ? await ethers.deployContract("IntelDcapCertificates")
      : await ethers.deployContract("SyntheticDcapCertificates", [root]);
  const collateral = await ethers.deployContract("DcapCollateral", [certificates]);
  const tdx = await ethers.deployContract("TdxVerifier", [collateral]);
  return { certificates, collateral, tdx };
}

/** Puts everything, each in a transaction of its own, and gives their gas. */
async function putAll(
  ethers: HardhatEthersHelpers,
  { certificates, collateral }: Awaited<ReturnType<typeof deploy>>,
  set: DcapSet,
): Promise<Record<string, number>> {
  const signer = keyIdOf(set.tcbSigner);
  const store: Interface = certificates.interface;
  const documents: Interface = collateral.interface;
  const signed = ({ text, signature }: SignedText): unknown[] => [
    Buffer.from(text),
    signature.slice(0, 32),
    signature.slice(32),
    signer,
  ];
  const rootKeyId = await certificates.rootKeyId();
  const steps = [
    ["rootCrl", certificates, store.encodeFunctionData("putCrl", [rootKeyId, set.rootCrl])],
    ["pckAuthority", certificates, store.encodeFunctionData("putAuthority", [set.pckAuthority])],
    ["tcbSigner", certificates, store.encodeFunctionData("putAuthority", [set.tcbSigner])],
    ["pckCrl", certificates, store.encodeFunctionData("putCrl", [keyIdOf(set.pckAuthority), set.pckCrl])],
    ["tcbInfo", collateral, documents.encodeFunctionData("putTcbInfo", signed(set.tcbInfo))],
    ["qeIdentity", collateral, documents.encodeFunctionData("putQeIdentity", signed(set.qeIdentity))],
    ["pck", certificates, store.encodeFunctionData("cachePck", [set.pck])],
  ] as const;
  const gas: Record<string, number> = {};
  for (const [name, contract, data] of steps) gas[name] = await gasOf(ethers, await contract.getAddress(), data);
  return gas;
}

async function genuineSet(): Promise<DcapSet> {
  const quote = new Uint8Array(await readFile(join(FOLDER, "phala_tdx_v4_quote.bin")));
  const text = await readFile(join(FOLDER, "phala_tdx_v4_collateral.json"), "utf8");
  const collateral = JSON.parse(text) as IntelCollateral;
  const hex = (digits: string): Uint8Array => Buffer.from(digits, "hex");
  return {
    quote,
    pck: firstOf(Buffer.from(quote).toString("latin1")),
    pckAuthority: firstOf(collateral.pck_crl_issuer_chain),
    tcbSigner: firstOf(collateral.tcb_info_issuer_chain),
    rootCrl: hex(collateral.root_ca_crl),
    pckCrl: hex(collateral.pck_crl),
    tcbInfo: { text: collateral.tcb_info, signature: hex(collateral.tcb_info_signature) },
    qeIdentity: { text: collateral.qe_identity, signature: hex(collateral.qe_identity_signature) },
  };
}

function firstOf(pem: string): Uint8Array {
  const [first = ""] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? [];
  return new X509Certificate(first).raw;
}

/** The subject key identifier in a certificate. */
function keyIdOf(der: Uint8Array): string {
  const at = Buffer.from(der).indexOf(Buffer.from("0603551d0e04160414", "hex"));
  return `0x${Buffer.from(der.slice(at + 9, at + 29)).toString("hex")}`;
}
