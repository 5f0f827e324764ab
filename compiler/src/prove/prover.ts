import { readFile } from "node:fs/promises";

import { groth16 } from "snarkjs";

import type { CompiledCircuit } from "../emit/circom/compile.ts";
import { publicLayout } from "../emit/circom/layout.ts";
import type { IntegerGraph } from "../graph/types.ts";
import { borrowCurve, returnCurve } from "../setup/curve.ts";
import { portElements } from "./elements.ts";
import { ArtefactMismatchError, ProverClosedError, StatementFalseError } from "./errors.ts";
import { proofToEvm, type EvmProof } from "./proof.ts";
import { WitnessStoppedError, loadWitnessProgram } from "./witness.ts";
import { wordsOf } from "./words.ts";

/** What is proven: that the model gives `output` for `input`. */
export interface ProofRequest {
  /** 31 bytes that the proof is bound to and that take part in no computation. */
  readonly context: Uint8Array;
  /** Canonical encoding of the input tensor. */
  readonly input: Uint8Array;
  /** Canonical encoding of the output tensor. */
  readonly output: Uint8Array;
}

/** A proof and the public words that it holds for. */
export interface Proof {
  readonly words: readonly bigint[];
  readonly proof: EvmProof;
}

/** Makes proofs for one model. Calls may overlap. */
export interface Prover {
  /**
   * @throws {ProofInputError} when an encoding is not the model's or an element is out of range; names the element.
   * @throws {StatementFalseError} when the output is not the model's for the input.
   * @throws {ProverClosedError} after `close`.
   */
  prove(request: ProofRequest): Promise<Proof>;
  /** Waits for running proofs and ends the worker threads, so that the process can end. */
  close(): Promise<void>;
}

/** What {@link createGroth16Prover} needs. */
export interface Groth16ProverOptions {
  readonly graph: Pick<IntegerGraph, "input" | "output">;
  readonly circuit: Pick<CompiledCircuit, "wasmPath" | "words">;
  readonly zkeyPath: string;
}

/**
 * A prover with snarkjs in this process. It keeps the proving key, the witness program and the curve's workers in memory
 * between proofs, so only the first is slow.
 *
 * Not checked: that the proving key is the circuit's; a wrong one of the same shape gives proofs that do not verify.
 *
 * @throws {ArtefactMismatchError} when graph and circuit do not belong together.
 */
export async function createGroth16Prover(options: Groth16ProverOptions): Promise<Prover> {
  const { graph, circuit, zkeyPath } = options;
  const layout = publicLayout(graph);
  if (layout.words !== circuit.words) {
    throw new ArtefactMismatchError(
      `the circuit has ${circuit.words} public words, the graph ${layout.words}; compile again`,
    );
  }
  const zkey = new Uint8Array(await readFile(zkeyPath));
  const program = await loadWitnessProgram(await readFile(circuit.wasmPath));
  await borrowCurve();
  let closed = false;
  const running = new Set<Promise<unknown>>();

  const work = async ({ context, input, output }: ProofRequest): Promise<Proof> => {
    const x = portElements(layout.input, input);
    portElements(layout.output, output);
    const words = wordsOf(context, input, output);
    let witness: Uint8Array;
    try {
      witness = program.calculateFile({ words, x });
    } catch (cause) {
      if (!(cause instanceof WitnessStoppedError)) throw cause;
      throw new StatementFalseError(
        "the output is not the model's for this input; recompute it with the reference interpreter of the same graph",
        { cause },
      );
    }
    const { proof, publicSignals } = await groth16.prove({ type: "mem", data: zkey }, { type: "mem", data: witness });
    if (publicSignals.length !== words.length || publicSignals.some((word, i) => BigInt(word) !== words[i])) {
      throw new ArtefactMismatchError("the proving key's public words are not the circuit's; set up again");
    }
    return { words, proof: proofToEvm(proof) };
  };

  return {
    async prove(request) {
      if (closed) throw new ProverClosedError("the prover is closed; create another");
      const task = work(request);
      running.add(task);
      try {
        return await task;
      } finally {
        running.delete(task);
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await Promise.allSettled(running);
      await returnCurve();
    },
  };
}
