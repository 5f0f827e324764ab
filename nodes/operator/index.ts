export { DirectoryBlobStore } from "../shared/blobs/directory.ts";
export { BlobError } from "../shared/blobs/errors.ts";
export type { BlobStore } from "../shared/blobs/store.ts";
export { makeFolder } from "../shared/folder.ts";
export { allow } from "./allowance.ts";
export { findAnswer, type FoundAnswer, readSubmission, type Submission } from "./answer.ts";
export {
  certificatesOfCollateral,
  certificatesOfIntel,
  certificatesOfNitro,
  dcapCertificatesAt,
  dcapCollateralAt,
  nitroCertificatesAt,
} from "./attestation-contracts.ts";
export { eventOf, read, send } from "./call.ts";
export {
  type CollateralStores,
  keptCollateral,
  type KeptPiece,
  putIntelCollateral,
  type PutPiece,
} from "./collateral.ts";
export {
  type AssayAddresses,
  enclaveRegistryAt,
  hubAt,
  modelRegistryAt,
  nodeRegistryAt,
  readAddresses,
  zkVerifierAt,
} from "./contracts.ts";
export { createPolicy, type EnclaveRegistration, registerEnclave, type RegisteredEnclave } from "./enclave.ts";
export { OperatorError, OperatorErrorCode } from "./errors.ts";
export {
  type ContextTerms,
  type EnclaveContext,
  enclaveContext,
  type EvidenceRegistration,
  prepareEvidence,
  type RegisteredEvidence,
  registerEvidence,
  type SentStep,
} from "./evidence.ts";
export { eventsOf } from "./logs.ts";
export { type ManifestOptions, type StoredManifest, storeModel } from "./manifest.ts";
export {
  MAX_MODEL_FILE_BYTES,
  MODEL_FILES,
  modelFile,
  type ModelFolder,
  readCompiled,
  readModelFolder,
  requireCeremonyKey,
  requireSetup,
  type VerifierArtifact,
  writeCompiled,
  writeSetup,
} from "./model-folder.ts";
export { NODE_ROLES, type NodeRegistration, registerNode, type RegisteredNode } from "./node.ts";
export { deployVerifier, type PublishedModel, publishModel, type PublishOptions } from "./publish.ts";
export {
  countWords,
  encodeRealInput,
  type Followed,
  type FollowOptions,
  followRequest,
  type RequestOptions,
  sendRequest,
} from "./request.ts";
export { type AnswerVerdict, type EvidenceTerms, readVersionManifest, verifyAnswer, verifyEvidence } from "./verify.ts";
