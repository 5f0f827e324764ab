import { availableParallelism, totalmem } from "node:os";

import { Piscina } from "piscina";

import type { ProofSystem } from "../backends/systems.ts";
import { ProofInputError, ProverClosedError, ProverFailedError, StatementFalseError } from "../errors.ts";
import type { OpenedModel, ProverModel } from "../model.ts";
import { FALSE_STATEMENT } from "../open-statement.ts";
import { runProof, type Engine } from "../pipeline.ts";
import { reasonOf } from "../reason.ts";
import type { Proof, Prover } from "../types.ts";
import { proofBytes } from "./estimate.ts";
import { Gate } from "./gate.ts";
import { ModelCache } from "./model-cache.ts";
import type { WorkerAnswer, WorkerTask } from "./worker.ts";

/** Options of {@link createProvingService}; every one is a bound. */
export interface ProvingServiceOptions {
  /** Proofs at once, each in a thread. Default: one less than there are cores, at least 1. */
  readonly workers?: number;
  /** Bytes that proofs at once may be estimated to take. Default: half of the memory that there is. */
  readonly memoryBytes?: number;
  /** Longest that one proof may take once it has begun, in milliseconds. Default: 10 minutes. */
  readonly timeLimitMs?: number;
  /** Proofs that may wait. Default: 256. */
  readonly maxWaiting?: number;
}

/** What a service is at. */
export interface ProvingServiceState {
  readonly running: number;
  readonly waiting: number;
  /** Bytes that running proofs are estimated to take. */
  readonly bytes: number;
  readonly models: number;
}

/** Proves for many models with a bounded number of threads and a bounded amount of memory. */
export interface ProvingService {
  /**
   * Looks at a model's files and gives its prover. The same files of the same graph are opened once, however often they
   * are asked for; closing a prover of them leaves the others open.
   *
   * @throws {ArtefactMismatchError} when graph, circuit and keys do not belong together.
   * @throws {ProvingKeyError} when a key is damaged or of another proof system or curve.
   * @throws {ProofTooLargeError} when one proof would need more memory than the service may use.
   * @throws {ProverClosedError} after `close`.
   */
  open<S extends ProofSystem = "groth16">(
    model: ProverModel<S> & { readonly graphDigest?: string },
  ): Promise<Prover<S>>;
  readonly state: ProvingServiceState;
  /** Ends running proofs with `ProverClosedError`, and all threads. */
  close(): Promise<void>;
}

const MAX_WORKERS = 64;

/**
 * Starts a proving service. Threads start with the first proof, and end when they had nothing to do for a minute.
 *
 * @throws {ProofInputError} when an option is out of its range.
 */
export function createProvingService(options: ProvingServiceOptions = {}): ProvingService {
  const {
    workers = Math.min(MAX_WORKERS, Math.max(1, availableParallelism() - 1)),
    memoryBytes = Math.floor(availableMemory() / 2),
    timeLimitMs = 600_000,
    maxWaiting = 256,
  } = options;
  range("workers", workers, 1, MAX_WORKERS);
  range("memoryBytes", memoryBytes, 1, Number.MAX_SAFE_INTEGER);
  range("timeLimitMs", timeLimitMs, 1, 2 ** 31 - 1);
  range("maxWaiting", maxWaiting, 0, 1 << 20);
  const gate = new Gate({ slots: workers, bytes: memoryBytes, waiting: maxWaiting });
  const pool = new Piscina<WorkerTask, WorkerAnswer>({
    filename: new URL("./worker.ts", import.meta.url).href,
    name: "work",
    minThreads: 0,
    maxThreads: workers,
    idleTimeout: 60_000,
    env: {},
    // What a proof allocates lives as long as its stage; a larger nursery takes memory and saves no time.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  const ended = new AbortController();
  const models = new ModelCache();
  const running = new Set<Promise<unknown>>();
  const closedError = (): ProverClosedError => new ProverClosedError("the proving service is closed; create another");

  const run = async <K extends string>(task: WorkerTask, key: K, signal: AbortSignal) => {
    let answer: WorkerAnswer;
    try {
      answer = await pool.run(task, { signal });
    } catch (cause) {
      throw new ProverFailedError(`a thread failed: ${reasonOf(cause)}`, { cause });
    }
    if ("stopped" in answer) throw new StatementFalseError(FALSE_STATEMENT, { cause: new Error(answer.stopped) });
    if ("failed" in answer) throw new ProverFailedError(answer.failed);
    return (answer as unknown as Readonly<Record<K, never>>)[key];
  };

  const engineOf = ({ key, verifyingKey, program }: OpenedModel): Engine => ({
    holdsKey: false,
    witness: async (inputs, signal) => await run({ kind: "witness", program, inputs }, "witness", signal),
    prove: async (witness, signal) =>
      await run({ kind: "prove", system: key.system, zkeyPath: key.path, witness }, "made", signal),
    verify: async (made, signal) => await run({ kind: "verify", key: verifyingKey, made }, "holds", signal),
  });

  return {
    async open<S extends ProofSystem = "groth16">(model: ProverModel<S> & { readonly graphDigest?: string }) {
      if (ended.signal.aborted) throw closedError();
      const { opened, release } = await models.open(model);
      const bytes = proofBytes(opened.key);
      try {
        gate.require(bytes);
      } catch (error) {
        release();
        throw error;
      }
      let closed = false;
      const mine = new Set<Promise<unknown>>();
      return {
        system: opened.key.system as S,
        async prove(request, { signal, onStage } = {}) {
          if (ended.signal.aborted) throw closedError();
          if (closed) throw new ProverClosedError("the prover is closed; open the model again");
          const task = (async (): Promise<Proof<S>> => {
            const statement = opened.statement(request);
            const either = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
            const leave = await gate.enter(bytes, either);
            try {
              return await runProof(opened, engineOf(opened), statement, {
                signal: either,
                ...(onStage === undefined ? {} : { onStage }),
                timeLimitMs,
              });
            } finally {
              leave();
            }
          })();
          for (const set of [running, mine]) {
            set.add(task);
            void task.then(
              () => set.delete(task),
              () => set.delete(task),
            );
          }
          try {
            return await task;
          } catch (error) {
            if (ended.signal.aborted && signal?.aborted !== true) throw closedError();
            throw error;
          }
        },
        async close() {
          if (closed) return;
          closed = true;
          await Promise.allSettled(mine);
          release();
        },
      };
    },
    get state() {
      return { ...gate.state, models: models.size };
    },
    async close() {
      ended.abort();
      await Promise.allSettled(running);
      await pool.destroy();
    },
  };
}

/** Memory of the machine, or of the container where it has less. */
function availableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

function range(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new ProofInputError(`${name} is ${value}; give a whole number from ${min} to ${max}`);
}
