import { ZkmlAbortedError } from "../emit/circom/errors.ts";
import { requireUnchanged } from "./backends/key-file.ts";
import { nativeWitness } from "./backends/native-witness.ts";
import { rapidsnarkProve } from "./backends/rapidsnark.ts";
import { inTemporaryFolder } from "./backends/temporary.ts";
import { checkWitnessFile } from "./backends/witness-file.ts";
import { ArtefactMismatchError, ProofRefusedError, ProvingTimeoutError } from "./errors.ts";
import type { OpenedModel } from "./model.ts";
import type { Statement } from "./statement.ts";
import type { Proof, ProveOptions, Stage } from "./types.ts";
import type { CircuitInputs } from "./witness.ts";

/** A proof's words as the prover gives them. */
export interface Made {
  readonly words: readonly bigint[];
  readonly proof: readonly bigint[];
}

/** Where the work of snarkjs and of witness programs is done: in this process, or in a thread of a service. */
export interface Engine {
  /** Whether the key is in memory; if not, its file is looked at before each proof. */
  readonly holdsKey: boolean;
  /** The `wtns` file. @throws {StatementFalseError} when the program stops. */
  witness(inputs: CircuitInputs, signal: AbortSignal): Promise<Uint8Array>;
  prove(witness: Uint8Array, signal: AbortSignal): Promise<Made>;
  verify(made: Made, signal: AbortSignal): Promise<boolean>;
}

/**
 * Makes one proof and sees it hold.
 *
 * @throws what `Prover.prove` throws.
 */
export async function runProof(
  model: OpenedModel,
  engine: Engine,
  { inputs, words }: Statement,
  options: ProveOptions & { readonly timeLimitMs: number },
): Promise<Proof<never>> {
  const { signal, onStage, timeLimitMs } = options;
  const { key, witnessBinary, rapidsnark } = model;
  const limit = AbortSignal.timeout(timeLimitMs);
  const either = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const timings: Record<Stage, number> = { load: 0, witness: 0, prove: 0, verify: 0 };
  const stage = async <T>(name: Stage, work: () => Promise<T>): Promise<T> => {
    requireRunning(signal, limit, timeLimitMs);
    onStage?.({ stage: name });
    const started = performance.now();
    try {
      const result = await work();
      requireRunning(signal, limit, timeLimitMs);
      timings[name] = performance.now() - started;
      onStage?.({ stage: name, milliseconds: timings[name] });
      return result;
    } catch (error) {
      // Whatever a thread says that was killed, why it was killed is what matters.
      requireRunning(signal, limit, timeLimitMs);
      throw error;
    }
  };
  const program = (file: string, folder: string) => ({ file, folder, timeLimitMs, signal: either });

  await stage("load", async () => {
    if (!engine.holdsKey || rapidsnark !== undefined) await requireUnchanged(key);
  });
  const witness = await stage("witness", async () => {
    const made =
      witnessBinary === undefined
        ? await engine.witness(inputs, either)
        : await inTemporaryFolder((folder) => nativeWitness(inputs, key.wires, program(witnessBinary, folder)));
    checkWitnessFile(made, key.wires, words);
    return made;
  });
  const made = await stage("prove", () =>
    rapidsnark === undefined
      ? engine.prove(witness, either)
      : inTemporaryFolder((folder) => rapidsnarkProve(key.path, witness, key.publics, program(rapidsnark, folder))),
  );
  if (made.words.length !== words.length || made.words.some((word, index) => word !== words[index])) {
    throw new ArtefactMismatchError("the prover's public words are not the statement's; set up again");
  }
  if (!(await stage("verify", () => engine.verify(made, either)))) {
    throw new ProofRefusedError(
      "the proof that was made does not hold under the verifying key, and is not handed out: keys, witness program or " +
        "prover are damaged or belong to another circuit; compile and set up again",
    );
  }
  return { system: key.system as never, words: made.words, proof: made.proof as never, timings };
}

function requireRunning(signal: AbortSignal | undefined, limit: AbortSignal, timeLimitMs: number): void {
  if (signal?.aborted === true) throw new ZkmlAbortedError("proving was ended", { cause: signal.reason });
  if (limit.aborted)
    throw new ProvingTimeoutError(`the proof took over ${timeLimitMs} ms, and was ended; allow more time`);
}
