import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

import { CeremonyFailedError } from "./errors.ts";

/** A step of snarkjs on files. */
export type StepRequest =
  | { readonly step: "new"; readonly r1cs: string; readonly ptau: string; readonly to: string }
  | {
      readonly step: "contribute";
      readonly from: string;
      readonly to: string;
      readonly name: string;
      readonly entropy: string;
    }
  | {
      readonly step: "beacon";
      readonly from: string;
      readonly to: string;
      readonly name: string;
      readonly value: string;
      readonly iterations: number;
    }
  | {
      readonly step: "universal";
      readonly system: "plonk" | "fflonk";
      readonly r1cs: string;
      readonly ptau: string;
      readonly to: string;
    }
  | { readonly step: "verify"; readonly init: string; readonly ptau: string; readonly zkey: string };

/** What snarkjs answers; `crashed` where it threw. */
export type StepAnswer =
  { readonly ok: true; readonly hash: string } | { readonly ok: false; readonly why: string; readonly crashed?: true };

/** What can be said to a step that runs. */
export interface StepOptions {
  /** Told what snarkjs is at. */
  readonly onStep?: (step: string) => void;
  readonly signal?: AbortSignal;
}

const PROGRAM = fileURLToPath(new URL("./steps-process.ts", import.meta.url));
/** Last characters of the process's own output that a message repeats. */
const TAIL = 500;

/**
 * Runs a step of snarkjs in a process of its own.
 *
 * @throws {CeremonyFailedError} when the process cannot be started or ends without an answer.
 * @throws the signal's reason when it ends the step.
 */
export async function runStep(request: StepRequest, { onStep, signal }: StepOptions = {}): Promise<StepAnswer> {
  signal?.throwIfAborted();
  const child = fork(PROGRAM, [], { execArgv: [], stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let answer: StepAnswer | undefined;
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-TAIL);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  child.on("message", (message: { readonly step?: string; readonly answer?: StepAnswer }) => {
    if (message.step !== undefined) onStep?.(message.step);
    answer ??= message.answer;
  });
  const stop = (): void => void child.kill("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const code = await new Promise<number | string | null>((resolve, reject) => {
      child.on("error", (cause) => {
        reject(new CeremonyFailedError(`snarkjs could not be started: ${cause.message}; run npm ci`, { cause }));
      });
      child.on("close", (exit, killed) => resolve(exit ?? killed));
      child.send(request, (error) => {
        if (error !== null) stop();
      });
    });
    signal?.throwIfAborted();
    if (answer !== undefined) return answer;
    throw new CeremonyFailedError(
      `snarkjs ended (${code}) in the step "${request.step}" without an answer; more memory may help. ${output.trim()}`,
    );
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
