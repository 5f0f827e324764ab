import type { Progress } from "../../emit/circom/compile.ts";
import { readR1cs } from "../r1cs.ts";
import { domainPower } from "../scalars.ts";
import { hashFile } from "./files.ts";
import { findPtau, type PtauSource } from "./find-ptau.ts";
import type { Ptau } from "./ptau.ts";

/** The circuit that a ceremony is for, and where its powers of tau come from. */
export interface CeremonyCircuit {
  readonly r1csPath: string;
  readonly ptau?: PtauSource;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** A circuit's file, read and hashed, with powers of tau for it. */
export interface OpenCircuit {
  readonly r1csPath: string;
  /** SHA-256 of the file, in lower-case hex with 0x. */
  readonly r1csDigest: `0x${string}`;
  readonly wires: number;
  readonly publics: number;
  /** log2 of the domain. */
  readonly power: number;
  readonly ptau: Ptau;
}

/**
 * Reads a circuit whole, so that snarkjs gets no file that is malformed, and finds powers of tau for it.
 *
 * @throws {R1csInvalidError} when the constraints cannot be read.
 * @throws what {@link findPtau} throws.
 */
export async function openCircuit({ r1csPath, ptau = {}, onProgress, signal }: CeremonyCircuit): Promise<OpenCircuit> {
  const r1cs = await readR1cs(r1csPath);
  const power = domainPower(r1cs);
  const source = {
    ...ptau,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  };
  return {
    r1csPath,
    r1csDigest: `0x${await hashFile(r1csPath, "sha256")}`,
    wires: r1cs.wires,
    publics: r1cs.publics,
    power,
    ptau: await findPtau(power, source),
  };
}
