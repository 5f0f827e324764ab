import { decodeCrl } from "../crl.ts";
import { bytesOf } from "../der.ts";
import type { Validity } from "../error.ts";
import { decodePem } from "../pem.ts";
import { decodeCertificate } from "../x509.ts";
import { type IntelCollateral, parseQeIdentity, parseTcbInfo } from "./collateral.ts";

/** What the parts of collateral are called in words. */
export const PARTS = {
  root_ca_crl: "the root's revocation list",
  pck_crl_issuer_chain: "the certificate of the machines' authority",
  tcb_info_issuer_chain: "the certificate of TCB Info's signer",
  qe_identity_issuer_chain: "the certificate of the signer of the quoting enclave's identity",
  pck_crl: "the revocation list of machines",
  tcb_info: "TCB Info",
  qe_identity: "the identity of the quoting enclave",
} as const;

/** A part of collateral that has a time of its own. */
export type CollateralPart = keyof typeof PARTS;

const MAX_CHAIN = 2;

/**
 * When the parts of collateral are valid, by what they say; nothing is verified.
 *
 * @throws {AttestationError} when a part has the wrong form.
 */
export function collateralValidity(collateral: IntelCollateral): Readonly<Record<CollateralPart, Validity>> {
  const list = (part: "root_ca_crl" | "pck_crl"): Validity => {
    const { thisUpdate, nextUpdate } = decodeCrl(bytesOf(collateral[part]), "p256");
    return { what: PARTS[part], from: thisUpdate, until: nextUpdate };
  };
  const certificate = (part: `${"pck_crl" | "tcb_info" | "qe_identity"}_issuer_chain`): Validity => {
    const [der = new Uint8Array()] = decodePem(collateral[part], MAX_CHAIN);
    const { notBefore, notAfter } = decodeCertificate(der, "p256");
    return { what: PARTS[part], from: notBefore, until: notAfter };
  };
  const info = parseTcbInfo(collateral.tcb_info);
  const identity = parseQeIdentity(collateral.qe_identity);
  return {
    root_ca_crl: list("root_ca_crl"),
    pck_crl_issuer_chain: certificate("pck_crl_issuer_chain"),
    tcb_info_issuer_chain: certificate("tcb_info_issuer_chain"),
    qe_identity_issuer_chain: certificate("qe_identity_issuer_chain"),
    pck_crl: list("pck_crl"),
    tcb_info: { what: PARTS.tcb_info, from: info.issueDate, until: info.nextUpdate },
    qe_identity: { what: PARTS.qe_identity, from: identity.issueDate, until: identity.nextUpdate },
  };
}
