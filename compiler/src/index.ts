export {
  compileOnnx,
  compileWithin,
  type CompiledModel,
  type CompileOptions,
  type CompileWithinOptions,
} from "./compile.ts";
export type { CompileReport, Comparison } from "./report.ts";
export { type ConstraintEstimate, estimateConstraints } from "./report/constraints.ts";
export { type CostEstimate, estimateCost } from "./report/costs.ts";
export { drawReport, type PictureData } from "./report/picture.ts";

export { emitRuntime, type RuntimeOptions } from "./emit/runtime/runtime.ts";

export { graphDigest } from "./graph/digest.ts";
export { parseGraph, serialiseGraph } from "./graph/serialise.ts";
export { verifyGraph } from "./graph/verify.ts";
export type * from "./graph/types.ts";
export * from "./graph/errors.ts";

export * from "./interpret/errors.ts";

export { importOnnx, type ImportOptions } from "./onnx/import.ts";
export { MAX_MODEL_BYTES } from "./onnx/limits.ts";
export type { Program, Step, Value } from "./program/types.ts";
export * from "./onnx/errors.ts";

export type { Budget, BudgetResult } from "./quantise/budget.ts";
export type { BudgetOptions, BudgetProgress } from "./quantise/turns.ts";
export type { LabelledData, NodeBits, QuantiseOptions } from "./quantise/options.ts";
export type { LayerReport } from "./quantise/quantise.ts";
export * from "./quantise/errors.ts";

export {
  compileCircuit,
  type CompiledCircuit,
  type CompileOptions as CircuitOptions,
  type Progress,
} from "./emit/circom/compile.ts";
export { type DevelopmentSetupOptions, readSetup, type Setup, setupDevelopment } from "./setup/development.ts";
export { type CeremonyCircuit } from "./setup/ceremony/circuit.ts";
export {
  applyBeacon,
  type BeaconOptions,
  type CeremonyStep,
  contribute,
  type ContributeOptions,
} from "./setup/ceremony/contribute.ts";
export * from "./setup/ceremony/errors.ts";
export { ceremonyManifest, finaliseCeremony, type FinaliseOptions } from "./setup/ceremony/finalise.ts";
export type { PtauSource } from "./setup/ceremony/find-ptau.ts";
export { type CeremonyStart, initCeremony } from "./setup/ceremony/init.ts";
export type { CeremonyManifest } from "./setup/ceremony/manifest.ts";
export { type CeremonyKey, readCeremonyKey } from "./setup/ceremony/zkey-file.ts";
export { describeProvenance } from "./setup/ceremony/provenance.ts";
export type { Ptau } from "./setup/ceremony/ptau.ts";
export type { Contribution } from "./setup/ceremony/record.ts";
export { type VerifiedCeremony, verifyCeremony } from "./setup/ceremony/verify.ts";
export { systemKeyHash } from "./prove/backends/system-key-hash.ts";
export { type EvmProof, groth16Key, verifyOffChain } from "./prove/proof.ts";
export {
  createProvingService,
  type ProvingService,
  type ProvingServiceOptions,
  type ProvingServiceState,
} from "./prove/service/service.ts";
export {
  readUniversal,
  setupUniversal,
  type UniversalManifest,
  type UniversalSetup,
  type UniversalSetupOptions,
  type UniversalSystem,
} from "./setup/universal.ts";
export { wordsOf } from "./prove/words.ts";
export * from "./prove/errors.ts";
export { publicLayout } from "./emit/circom/layout.ts";
export { weightInputs } from "./emit/circom/private-weights.ts";
export { weightsCommitment } from "./emit/circom/weights-commitment.ts";
export { type BindingOptions, resolveBinding } from "./emit/circom/binding.ts";
export { statementOf } from "./prove/statement.ts";
export { emitVerifier, type VerifierOptions } from "./emit/solidity/verifier.ts";
export * from "./emit/solidity/errors.ts";
export * from "./emit/circom/errors.ts";
export * from "./setup/errors.ts";
export * from "./prove.ts";
