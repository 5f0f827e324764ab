export { type AmdCollateral, type AmdProduct, type AmdService, fetchAmdCollateral, type SnpTcb } from "./amd.ts";
export { type AwsCrlOptions, fetchAwsCrl } from "./aws.ts";
export { CollateralError, CollateralErrorCode } from "./errors.ts";
export {
  fetchIntelCollateral,
  type IntelRequest,
  type IntelService,
  type IntelTee,
  type PckAuthority,
} from "./intel.ts";
