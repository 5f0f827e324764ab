// Runs in a thread of the proving service. Everything in a thread is single-threaded: the service's threads are the
// parallelism, and a thread that is killed leaves nothing running.
import "../../single-threaded.ts";

import type { SystemKey } from "../backends/system-key.ts";
import type { ProofSystem } from "../backends/systems.ts";
import type { Made } from "../pipeline.ts";
import type { CircuitInputs } from "../witness.ts";

/** What a thread is asked to do. */
export type WorkerTask =
  | { readonly kind: "witness"; readonly program: WebAssemblyModule; readonly inputs: CircuitInputs }
  | { readonly kind: "prove"; readonly system: ProofSystem; readonly zkeyPath: string; readonly witness: Uint8Array }
  | { readonly kind: "verify"; readonly key: SystemKey; readonly made: Made };

/** What it answers; an error keeps its code only this way. */
export type WorkerAnswer =
  | { readonly witness: Uint8Array }
  | { readonly made: Made }
  | { readonly holds: boolean }
  | { readonly stopped: string }
  | { readonly failed: string };

const { buildSingleCurve } = await import("../../setup/curve.ts");
// Where snarkjs looks for a curve before it builds one with threads.
Object.assign(globalThis, { curve_bn128: await buildSingleCurve() });
const { snarkjsProve, snarkjsVerify } = await import("../backends/snarkjs.ts");
const { ProverFailedError } = await import("../errors.ts");
const { loadWitnessProgram, WitnessStoppedError } = await import("../witness.ts");

/** Does one task. */
export async function work(task: WorkerTask): Promise<WorkerAnswer> {
  try {
    switch (task.kind) {
      case "witness": {
        const program = await loadWitnessProgram(task.program);
        return { witness: program.calculateFile(task.inputs) };
      }
      case "prove":
        return { made: await snarkjsProve(task.system, task.zkeyPath, task.witness) };
      case "verify":
        return { holds: await snarkjsVerify(task.key, task.made.words, task.made.proof) };
    }
  } catch (error) {
    if (error instanceof WitnessStoppedError) return { stopped: error.message };
    if (error instanceof ProverFailedError) return { failed: error.message };
    throw error;
  }
}
