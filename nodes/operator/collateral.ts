import { X509Certificate } from "node:crypto";

import { type CollateralPart, decodeCertificate, type IntelCollateral } from "@assay/sdk";
import { type Contract, isHexString, type Provider, type Signer, toUtf8Bytes } from "ethers";

import { certificatesOfCollateral, dcapCollateralAt, nitroCertificatesAt } from "./attestation-contracts.ts";
import { read } from "./call.ts";
import { type Piece, putNewer, type PutPiece, requireCurrent } from "./collateral-piece.ts";
import { OperatorError, OperatorErrorCode } from "./errors.ts";
import { eventsOf } from "./logs.ts";

/**
 * Brings what Intel signs about a kind of machine on chain, piece by piece in the order in which each is judged by those
 * before, and leaves out what is there as new. Anyone may; the contracts check every signature.
 *
 * @param collateral Address of `DcapCollateral`.
 * @throws {OperatorError} when the collateral has the wrong form, or a part of it that is needed has ended or not begun at
 * the chain's time; nothing was sent then.
 * @throws {ContractRevertError} when the contracts refuse a piece. Pieces before it stay.
 */
export async function putIntelCollateral(
  account: Signer,
  collateral: string,
  files: IntelCollateral,
  onStep: (step: string) => void = () => undefined,
): Promise<readonly PutPiece[]> {
  const documents = dcapCollateralAt(collateral, account);
  const certificates = await certificatesOfCollateral(collateral, account);
  const authority = firstOf("pck_crl_issuer_chain", files.pck_crl_issuer_chain);
  const signer = firstOf("tcb_info_issuer_chain", files.tcb_info_issuer_chain);
  const identitySigner = firstOf("qe_identity_issuer_chain", files.qe_identity_issuer_chain);
  const signers = identitySigner.keyId === signer.keyId ? [signer] : [signer, identitySigner];
  const rootKeyId = await read<string>(certificates, "rootKeyId");
  const piece = (what: string, part: CollateralPart, contract: Contract, name: string, ...args: unknown[]): Piece => ({
    what,
    part,
    contract,
    name,
    args,
  });
  const pieces = [
    piece(
      "root's revocation list",
      "root_ca_crl",
      certificates,
      "putCrl",
      rootKeyId,
      hexOf("root_ca_crl", files.root_ca_crl),
    ),
    piece("authority of machines", "pck_crl_issuer_chain", certificates, "putAuthority", authority.der),
    ...signers.map(({ der }, i) => {
      const part = i === 0 ? "tcb_info_issuer_chain" : "qe_identity_issuer_chain";
      return piece("signer of TCB Info", part, certificates, "putAuthority", der);
    }),
    piece(
      "revocation list of machines",
      "pck_crl",
      certificates,
      "putCrl",
      authority.keyId,
      hexOf("pck_crl", files.pck_crl),
    ),
    piece(
      "TCB Info",
      "tcb_info",
      documents,
      "putTcbInfo",
      toUtf8Bytes(files.tcb_info),
      ...halvesOf("tcb_info_signature", files.tcb_info_signature),
      signer.keyId,
    ),
    piece(
      "identity of the quoting enclave",
      "qe_identity",
      documents,
      "putQeIdentity",
      toUtf8Bytes(files.qe_identity),
      ...halvesOf("qe_identity_signature", files.qe_identity_signature),
      identitySigner.keyId,
    ),
  ];
  await requireCurrent(account, pieces, files);
  const done: PutPiece[] = [];
  for (const one of pieces) {
    onStep(one.what);
    done.push({ what: one.what, ...(await putNewer(one)) });
  }
  return done;
}

export type { PutPiece } from "./collateral-piece.ts";

/** Something that verifiers judge by. Times are Unix seconds; valid from the first to the last, both included. */
export interface KeptPiece {
  readonly vendor: "intel" | "aws";
  readonly what: string;
  /** What it is about: a key identifier, an FMSPC, a certificate's id. */
  readonly subject: string;
  readonly from: number | undefined;
  readonly until: number;
  /** TCB evaluation number. */
  readonly evaluation: number | undefined;
  readonly current: boolean;
}

/** Where verifiers keep what they judge by. */
export interface CollateralStores {
  /** `DcapCollateral`. */
  readonly dcapCollateral?: string;
  readonly nitroCertificates?: string;
}

const AUTHORITIES = ["", "PCK processor authority", "PCK platform authority", "signer of TCB Info"];

/** What the stores hold of all that was put from block `from` to block `to`, judged at the newest block's time. */
export async function keptCollateral(
  provider: Provider,
  stores: CollateralStores,
  [from, to]: readonly [number, number],
): Promise<readonly KeptPiece[]> {
  const now = (await provider.getBlock("latest"))?.timestamp ?? 0;
  const found: KeptPiece[] = [];
  const add = (piece: Omit<KeptPiece, "current">): void => {
    found.push({ ...piece, current: (piece.from ?? 0) <= now && now <= piece.until });
  };
  const named = async (contract: Contract, event: string) =>
    (await eventsOf(contract, contract.filters[event]!(), from, to)).map(({ args }) => args);

  if (stores.dcapCollateral !== undefined) {
    const documents = dcapCollateralAt(stores.dcapCollateral, provider);
    const certificates = await certificatesOfCollateral(stores.dcapCollateral, provider);
    for (const keyId of unique(await named(certificates, "AuthorityPut"), "keyId")) {
      const kept = await read<Kept>(certificates, "authorities", [keyId]);
      const what = AUTHORITIES[Number(kept.kind)] ?? "certificate";
      add({ vendor: "intel", what, subject: keyId, ...interval(kept.notBefore, kept.notAfter) });
    }
    const rootKeyId = await read<string>(certificates, "rootKeyId");
    for (const issuer of unique(await named(certificates, "CrlPut"), "issuer")) {
      const kept = await read<Kept>(certificates, "crls", [issuer]);
      const what = issuer === rootKeyId ? "root's revocation list" : "revocation list of machines";
      add({ vendor: "intel", what, subject: issuer, ...interval(kept.thisUpdate, kept.nextUpdate) });
    }
    for (const isTdx of [false, true]) {
      const tee = isTdx ? "TDX" : "SGX";
      const infos = (await named(documents, "TcbInfoPut")).filter((args) => args["isTdx"] === isTdx);
      for (const fmspc of unique(infos, "fmspc")) {
        const kept = await read<Kept>(documents, "tcbInfoRecord", [isTdx, fmspc]);
        add({ vendor: "intel", what: `${tee} TCB Info`, subject: fmspc, ...documentOf(kept) });
      }
      const identity = await read<Kept>(documents, "qeIdentityRecord", [isTdx]);
      if (identity.issueDate !== 0n) {
        add({ vendor: "intel", what: `identity of the ${tee} quoting enclave`, subject: "-", ...documentOf(identity) });
      }
    }
  }
  if (stores.nitroCertificates !== undefined) {
    const certificates = nitroCertificatesAt(stores.nitroCertificates, provider);
    for (const args of await named(certificates, "CertificateCached")) {
      const until = Number(args["notAfter"]);
      const subject = args["id"] as string;
      add({ vendor: "aws", what: "certificate", subject, from: undefined, until, evaluation: undefined });
    }
  }
  return found;
}

/** The fields that are read of the stores' records. */
type Kept = Readonly<
  Record<"kind" | "notBefore" | "notAfter" | "thisUpdate" | "nextUpdate" | "issueDate" | "evaluation", bigint>
>;

function interval(from: bigint, until: bigint) {
  return { from: Number(from), until: Number(until), evaluation: undefined };
}

function documentOf({ issueDate, nextUpdate, evaluation }: Kept) {
  return { from: Number(issueDate), until: Number(nextUpdate), evaluation: Number(evaluation) };
}

function unique(events: ReadonlyArray<Record<string, unknown>>, name: string): string[] {
  return [...new Set(events.map((args) => String(args[name])))];
}

/** OID of subjectKeyIdentifier, and the head of its 20 bytes. */
const SUBJECT_KEY = "551d0e";
const KEY_ID_HEAD = "0414";

/** The first certificate of a chain in PEM, and its key identifier. */
function firstOf(name: string, pem: string): { readonly der: Uint8Array; readonly keyId: string } {
  const [der] = pemToDer(name, pem);
  if (der === undefined) throw malformed(name, "holds no certificate in PEM");
  const value = decodeCertificate(der, "p256").extensions.find(({ oid }) => oid === SUBJECT_KEY)?.value;
  const hex = Buffer.from(value ?? []).toString("hex");
  if (hex.length !== 44 || !hex.startsWith(KEY_ID_HEAD))
    throw malformed(name, "begins with one without a key identifier");
  return { der, keyId: `0x${hex.slice(4)}` };
}

/** Certificates in PEM as DER, in their order. */
export function pemToDer(name: string, pem: string): Uint8Array[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new Uint8Array(new X509Certificate(block).raw));
  } catch (cause) {
    throw malformed(name, "holds a certificate that is not X.509", cause);
  }
}

function hexOf(name: string, text: string): string {
  const hex = `0x${text}`;
  if (isHexString(hex) && hex.length % 2 === 0) return hex;
  throw malformed(name, "is not hexadecimal");
}

function halvesOf(name: string, text: string): readonly [string, string] {
  const hex = hexOf(name, text);
  if (hex.length !== 130) throw malformed(name, "is not a signature of 64 bytes");
  return [hex.slice(0, 66), `0x${hex.slice(66)}`];
}

function malformed(name: string, what: string, cause?: unknown): OperatorError {
  const options = cause === undefined ? {} : { cause };
  return new OperatorError(OperatorErrorCode.Input, `${name} of the collateral ${what}; fetch it again.`, options);
}
