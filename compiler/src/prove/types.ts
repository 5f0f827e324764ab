import type { ProofSystem } from "./backends/systems.ts";
import type { EvmProof } from "./evm.ts";
import type { ProofRequest } from "./statement.ts";

/** What a proof goes through: its files are looked at, all wires computed, the proof made, and verified. */
export type Stage = "load" | "witness" | "prove" | "verify";

/** A stage that begins or, with its time, has ended. */
export interface StageReport {
  readonly stage: Stage;
  /** Time that it took; absent when it begins. */
  readonly milliseconds?: number;
}

/** Options of one proof. */
export interface ProveOptions {
  /**
   * Ends the proof. A service kills the thread or program that works on it at once; a prover in this process stops before
   * the next stage.
   */
  readonly signal?: AbortSignal;
  readonly onStage?: (report: StageReport) => void;
}

/** A proof and the public words that it holds for. */
export interface Proof<S extends ProofSystem = "groth16"> {
  readonly system: S;
  readonly words: readonly bigint[];
  /** For Groth16 in the order of `IZkVerifier`; for the others the coordinates of the points, then the scalars. */
  readonly proof: S extends "groth16" ? EvmProof : readonly bigint[];
  /** Milliseconds of each stage. */
  readonly timings: Readonly<Record<Stage, number>>;
}

/** Makes proofs for one model, and hands out only those that it saw hold under the verifying key. Calls may overlap. */
export interface Prover<S extends ProofSystem = "groth16"> {
  readonly system: S;
  /**
   * @throws {ProofInputError} when an encoding is not the model's or an element is out of range; names the element.
   * @throws {StatementFalseError} when the output is not the model's for the input.
   * @throws {ProofRefusedError} when the proof does not hold: keys or witness program are damaged or another model's.
   * @throws {WitnessFileError | ExternalProgramError | ProverFailedError} when a program gave what it should not.
   * @throws {ProvingTimeoutError} at the time limit.
   * @throws {ZkmlAbortedError} when the signal ended it.
   * @throws {ProverClosedError} after `close`.
   */
  prove(request: ProofRequest, options?: ProveOptions): Promise<Proof<S>>;
  /** Waits for running proofs and gives back what the prover holds, so that the process can end. */
  close(): Promise<void>;
}
