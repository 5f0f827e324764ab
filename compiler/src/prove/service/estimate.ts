import type { KeyFile } from "../backends/key-file.ts";
import type { ProofSystem } from "../backends/systems.ts";
import { witnessBytes } from "../backends/witness-file.ts";

/** A thread with its curve and what the garbage collector leaves; measured: 125 MB. */
const THREAD_BYTES = 140e6;

/**
 * Bytes for each row of the domain, and for each byte of the key. Measured, per row and with the key, on domains of 2^11 to
 * 2^14: 3.4 kB for Groth16, 10 kB for PLONK, 19 kB for fflonk.
 */
const COSTS: Readonly<Record<ProofSystem, { readonly row: number; readonly key: number }>> = {
  groth16: { row: 4_000, key: 2 },
  plonk: { row: 14_000, key: 1 },
  fflonk: { row: 24_000, key: 1 },
};

/**
 * Bytes that one proof is estimated to take at most: by the sizes of its key and witness, generously.
 *
 * Not bounded by it: a witness program that asks for more memory than its circuit needs, and programs from outside.
 */
export function proofBytes({
  system,
  bytes,
  domain,
  wires,
}: Pick<KeyFile, "system" | "bytes" | "domain" | "wires">): number {
  const { row, key } = COSTS[system];
  return THREAD_BYTES + row * domain + key * bytes + 4 * witnessBytes(wires);
}
