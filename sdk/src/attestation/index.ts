export { CLAIM_DEBUG, CLAIM_MIGRATABLE, CLAIM_SERVICE_TD, type Claims, FORMATS, listedMeasurement } from "./claims.ts";
export { AttestationError, type Validity } from "./error.ts";
export { type InspectedCertificate, type Inspection, inspectEvidence } from "./inspect.ts";
export {
  type IntelCollateral,
  parseQeIdentity,
  parseTcbInfo,
  type QeIdentity,
  TCB_STATUSES,
  type TcbInfo,
  type TcbStatus,
} from "./intel/collateral.ts";
export { type PckPlatform, pckPlatform } from "./intel/pck.ts";
export { MAX_QUOTE_BYTES, parseQuote, type Quote, type SgxReport, type TdReport } from "./intel/quote.ts";
export { type CollateralPart, collateralValidity } from "./intel/validity.ts";
export { INTEL_ROOT_KEY, type QuoteOptions, type VerifiedQuote, verifyQuote } from "./intel/verify.ts";
export { nitroCacheable, type NitroHintOptions, nitroHints } from "./nitro/hints.ts";
export { MAX_NITRO_BYTES, type NitroDocument, parseNitroDocument } from "./nitro/document.ts";
export { NITRO_ROOT, type NitroOptions, type VerifiedNitro, verifyNitro } from "./nitro/verify.ts";
export { type Certificate, decodeCertificate } from "./x509.ts";
export { P384ExceptionalError, P384KeyError, P384LengthError, P384SignatureError } from "./p384/errors.ts";
export { p384Hints, type P384Signed } from "./p384/hints.ts";
export { P384_HINT_BYTES } from "./p384/layout.ts";
