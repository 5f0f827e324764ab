// What Intel's quotes are verified with, from its files to the contracts.
import { X509Certificate } from "node:crypto";

import type { IntelCollateral } from "@assay/sdk";
import type { HardhatEthersHelpers } from "@nomicfoundation/hardhat-ethers/types";

import type {
  DcapCollateral,
  IDcapCertificates,
  SgxVerifier,
  TdxVerifier,
} from "../../types/ethers-contracts/index.ts";
import type { SignedText } from "../fixtures/intel-pki/documents.ts";
import type { DcapSet, SyntheticRoot } from "../fixtures/intel-pki/world.ts";
import { gasOf } from "./chain.ts";

/** The certificates in PEM text, as DER. */
export function readPem(text: string): Uint8Array[] {
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.map((one) => new X509Certificate(one).raw);
}

/** The subject key identifier in a certificate. */
export function keyIdOf(der: Uint8Array): string {
  const at = Buffer.from(der).indexOf(Buffer.from("0603551d0e04160414", "hex"));
  if (at < 0) throw new Error("no subject key identifier");
  return `0x${Buffer.from(der.slice(at + 9, at + 29)).toString("hex")}`;
}

/** A quote and its collateral, as one set. */
export function assembleSet(quote: Uint8Array, collateral: IntelCollateral): DcapSet {
  const [pckAuthority] = readPem(collateral.pck_crl_issuer_chain);
  const [tcbSigner] = readPem(collateral.tcb_info_issuer_chain);
  const [pck] = readPem(Buffer.from(quote).toString("latin1"));
  if (pckAuthority === undefined || tcbSigner === undefined || pck === undefined) throw new Error("no certificate");
  const fromHex = (digits: string): Uint8Array => Buffer.from(digits, "hex");
  return {
    quote,
    pck,
    pckAuthority,
    tcbSigner,
    rootCrl: fromHex(collateral.root_ca_crl),
    pckCrl: fromHex(collateral.pck_crl),
    tcbInfo: { text: collateral.tcb_info, signature: fromHex(collateral.tcb_info_signature) },
    qeIdentity: { text: collateral.qe_identity, signature: fromHex(collateral.qe_identity_signature) },
  };
}

/** The contracts that verify quotes. */
export interface DcapContracts {
  readonly certificates: IDcapCertificates;
  readonly collateral: DcapCollateral;
  readonly sgx: SgxVerifier;
  readonly tdx: TdxVerifier;
}

/** The contracts under Intel's root, or under `root`. */
export async function deployDcapContracts(ethers: HardhatEthersHelpers, root?: SyntheticRoot): Promise<DcapContracts> {
  const certificates = (root === undefined
    ? await ethers.deployContract("IntelDcapCertificates")
    : await ethers.deployContract("SyntheticDcapCertificates", [root])) as unknown as IDcapCertificates;
  const collateral = await ethers.deployContract("DcapCollateral", [certificates]);
  const sgx = await ethers.deployContract("SgxVerifier", [collateral]);
  const tdx = await ethers.deployContract("TdxVerifier", [collateral]);
  return { certificates, collateral, sgx, tdx };
}

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
export async function stepsOf(
  { certificates, collateral }: Pick<DcapContracts, "certificates" | "collateral">,
  set: DcapSet,
  without: readonly string[] = [],
): Promise<Step[]> {
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

/** Puts all that `set` has, each in a transaction of its own, and gives their gas by the names of the steps. */
export async function putEach(
  ethers: HardhatEthersHelpers,
  contracts: DcapContracts,
  set: DcapSet,
): Promise<Record<string, number>> {
  const gas: Record<string, number> = {};
  for (const { name, to, data } of await stepsOf(contracts, set)) gas[name] = await gasOf(ethers, to, data);
  return gas;
}
