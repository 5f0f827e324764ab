import { z } from "zod";

const text = z.string().min(1).max(65_536);

/** Collateral in the field's common form: a JSON object of nine texts. */
export const collateralFile = z.object({
  pck_crl_issuer_chain: text,
  root_ca_crl: text,
  pck_crl: text,
  tcb_info_issuer_chain: text,
  tcb_info: text,
  tcb_info_signature: text,
  qe_identity_issuer_chain: text,
  qe_identity: text,
  qe_identity_signature: text,
});
