import { readFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";

import { borrowCurve, returnCurve } from "../setup/curve.ts";
import type { KeyFile } from "./backends/key-file.ts";
import { snarkjsProve, snarkjsVerify } from "./backends/snarkjs.ts";
import type { ProofSystem } from "./backends/systems.ts";
import { ProverClosedError, ProverFailedError, StatementFalseError } from "./errors.ts";
import { openModel, type ProverModel } from "./model.ts";
import { FALSE_STATEMENT } from "./open-statement.ts";
import { runProof, type Engine } from "./pipeline.ts";
import { reasonOf } from "./reason.ts";
import type { Proof, Prover } from "./types.ts";
import { loadWitnessProgram, WitnessStoppedError } from "./witness.ts";

export type { ProofRequest } from "./statement.ts";
export type { Proof, Prover } from "./types.ts";

/** Rows of the largest domain of which workers make a proof hardly sooner, for the time that it takes to hand them the work. */
const SMALL_DOMAINS: Readonly<Record<ProofSystem, number>> = { groth16: 1 << 12, plonk: 1 << 10, fflonk: 1 << 10 };

function threadsFor({ system, domain }: KeyFile): "all" | "one" {
  return domain <= SMALL_DOMAINS[system] ? "one" : "all";
}

/** What {@link createGroth16Prover} needs. */
export type Groth16ProverOptions = Omit<ProverOptions<"groth16">, "system">;

/** What {@link createProver} needs. */
export interface ProverOptions<S extends ProofSystem> extends ProverModel<S> {
  /** Longest that one proof may take, in milliseconds. Default: an hour. */
  readonly timeLimitMs?: number;
  /**
   * `one`: proofs are made in this thread, which nothing else runs in meanwhile, in half of the memory. `all`: with a worker
   * for each core. Default: `one` for small circuits, of which workers make a proof hardly sooner.
   */
  readonly threads?: "one" | "all";
}

/** {@link createProver} for Groth16, the only system whose proofs a contract checks. */
export async function createGroth16Prover(options: Groth16ProverOptions): Promise<Prover> {
  return await createProver(options);
}

/**
 * A prover in this process, with all cores for one proof unless the circuit is small. It keeps the proving key, the witness program and the curve's workers in memory
 * between proofs, so only the first is slow. For many proofs at once, a bound on memory, or a stop in the middle of a proof,
 * see `createProvingService`.
 *
 * @throws {ArtefactMismatchError} when graph, circuit and keys do not belong together.
 * @throws {ProvingKeyError} when a key is damaged or of another proof system or curve.
 * @throws {ExternalProgramError} when a program that was named is not there.
 */
export async function createProver<S extends ProofSystem = "groth16">(options: ProverOptions<S>): Promise<Prover<S>> {
  const { timeLimitMs = 3_600_000, threads } = options;
  const model = await openModel(options);
  const { key, verifyingKey } = model;
  const zkey = model.rapidsnark === undefined ? await readFile(key.path) : new Uint8Array();
  const program = await loadWitnessProgram(model.program);
  await borrowCurve(threads ?? threadsFor(key));
  let closed = false;
  const running = new Set<Promise<unknown>>();
  const engine: Engine = {
    holdsKey: true,
    async witness(inputs) {
      try {
        return await Promise.resolve(program.calculateFile(inputs));
      } catch (cause) {
        if (cause instanceof WitnessStoppedError) throw new StatementFalseError(FALSE_STATEMENT, { cause });
        throw new ProverFailedError(`the witness program failed: ${reasonOf(cause)}; compile the circuit again`, {
          cause,
        });
      }
    },
    async prove(witness) {
      const made = await snarkjsProve(key.system, { type: "mem", data: zkey }, witness);
      // A proof in this thread lets nobody else run; timers and signals that are due have their turn before it is judged.
      await setImmediate();
      return made;
    },
    verify: async ({ words, proof }) => await snarkjsVerify(verifyingKey, words, proof),
  };

  return {
    system: key.system as S,
    async prove(request, proveOptions = {}) {
      if (closed) throw new ProverClosedError("the prover is closed; create another");
      // Async, so that what the statement throws is a rejection of `task`, too.
      const task = (async (): Promise<Proof<S>> =>
        await runProof(model, engine, model.statement(request), { ...proveOptions, timeLimitMs }))();
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
