/** What proving takes, and nothing of the compiler besides: importing this costs a third of the memory of the whole package. */
export { groth16Key, verifyOffChain, type EvmProof } from "./prove/proof.ts";
export { PROOF_SYSTEMS, type ProofSystem } from "./prove/backends/systems.ts";
export { parseSystemKey, readSystemKey, type SystemKey } from "./prove/backends/system-key.ts";
export type { ProverModel } from "./prove/model.ts";
export {
  createGroth16Prover,
  createProver,
  type Groth16ProverOptions,
  type Proof,
  type Prover,
  type ProverOptions,
  type ProofRequest,
} from "./prove/prover.ts";
export type { ProveOptions, Stage, StageReport } from "./prove/types.ts";

export { parseGraph } from "./graph/serialise.ts";
export type { IntegerGraph, TensorSpec } from "./graph/types.ts";
export { interpret, type Interpretation } from "./interpret/interpret.ts";
export { decodeTensor, encodeInput } from "./quantise/input.ts";
export type { CompiledCircuit } from "./emit/circom/compile.ts";
