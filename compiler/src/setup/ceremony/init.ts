import type { CeremonyCircuit } from "./circuit.ts";
import { openCircuit } from "./circuit.ts";
import { CeremonyFailedError } from "./errors.ts";
import { writeNew } from "./files.ts";
import type { Ptau } from "./ptau.ts";
import { runStep } from "./steps.ts";
import { readCeremonyKey } from "./zkey-file.ts";

/** A ceremony that has begun. */
export interface CeremonyStart {
  /** Key number 0, for the first contributor. Anybody can make it again, byte for byte; its delta is 1, so it protects nothing. */
  readonly path: string;
  /** snarkjs's digest of that key, which every later key carries; lower-case hex. */
  readonly circuitHash: string;
  readonly r1csDigest: `0x${string}`;
  readonly ptau: Ptau;
}

/**
 * Begins a ceremony: makes the key that the first contributor takes.
 *
 * @throws {R1csInvalidError} when the constraints cannot be read.
 * @throws {CircuitTooLargeError} when the circuit needs more powers of tau than there are.
 * @throws {CeremonyInputError} when `out` exists.
 */
export async function initCeremony(circuit: CeremonyCircuit, out: string): Promise<CeremonyStart> {
  const { onProgress, signal } = circuit;
  return await writeNew(out, async (work) => {
    const { r1csPath, r1csDigest, ptau } = await openCircuit(circuit);
    const answer = await runStep(
      { step: "new", r1cs: r1csPath, ptau: ptau.path, to: work },
      {
        onStep: (step) => onProgress?.({ step, done: 0, total: 1 }),
        ...(signal === undefined ? {} : { signal }),
      },
    );
    if (!answer.ok) {
      throw new CeremonyFailedError(`${r1csPath} with ${ptau.path}: ${answer.why}; compile the circuit again`);
    }
    const { circuitHash } = await readCeremonyKey(work);
    return { path: out, circuitHash, r1csDigest, ptau };
  });
}
