export { bindingOf, challengeOf } from "./binding.ts";
export type { Binding } from "./binding.ts";
export { DevelopmentEnclave } from "./development/enclave.ts";
export type { AttestOptions, EnclaveIdentity } from "./development/enclave.ts";
export { issueDevelopmentEvidence } from "./development/evidence.ts";
export type { DevelopmentEvidenceOptions } from "./development/evidence.ts";
export { DEVELOPMENT_FORMAT, DEVELOPMENT_ROOT, developmentMeasurement } from "./development/root.ts";
export { EnclaveInputError } from "./errors.ts";
