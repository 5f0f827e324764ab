import { readFile, stat } from "node:fs/promises";

import { R1csInvalidError } from "./errors.ts";
import { SCALAR_MODULUS } from "./field.ts";

/** A sum of wires with coefficients, each in [1, r). */
export type LinearCombination = readonly (readonly [wire: number, coefficient: bigint])[];

/** a * b = c over the scalar field. */
export interface Constraint {
  readonly a: LinearCombination;
  readonly b: LinearCombination;
  readonly c: LinearCombination;
}

/** A constraint system as circom writes it. Wire 0 is the constant 1, then public outputs, then public inputs. */
export interface R1cs {
  readonly wires: number;
  /** Number of public wires, the constant not counted. */
  readonly publics: number;
  readonly constraints: readonly Constraint[];
}

/** Largest file that is read, in bytes. */
const MAX_BYTES = 1 << 30;

/**
 * Reads an `.r1cs` file of circom (version 1 of the format, BN254 only).
 *
 * @throws {R1csInvalidError} when the file is missing, larger than 1 GiB, cut short, or of another form or field.
 */
export async function readR1cs(path: string): Promise<R1cs> {
  return parseR1cs(await readR1csBytes(path), path);
}

/**
 * The bytes of an `.r1cs` file.
 *
 * @throws {R1csInvalidError} when there is no such file, or it is larger than 1 GiB.
 */
export async function readR1csBytes(path: string): Promise<Buffer> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile() !== true) throw new R1csInvalidError(`${path}: is not a file; compile the circuit again`);
  if (info.size > MAX_BYTES) throw new R1csInvalidError(`${path}: ${info.size} bytes; at most ${MAX_BYTES} are read`);
  return await readFile(path);
}

/** Parses the bytes of an `.r1cs` file; `name` is for messages. */
export function parseR1cs(bytes: Uint8Array, name = "r1cs"): R1cs {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fail = (why: string): never => {
    throw new R1csInvalidError(`${name}: ${why}; compile the circuit again with circom 2`);
  };
  const need = (at: number, length: number, end = bytes.length): void => {
    if (at + length > end) fail(`cut short at byte ${at}`);
  };

  need(0, 12);
  if (view.getUint32(0) !== 0x72316373) fail("does not begin with r1cs");
  if (view.getUint32(4, true) !== 1) fail(`version ${view.getUint32(4, true)} of the format is not known`);
  const sections = new Map<number, { start: number; end: number }>();
  const count = view.getUint32(8, true);
  let at = 12;
  for (let i = 0; i < count; i++) {
    need(at, 12);
    const length = Number(view.getBigUint64(at + 4, true));
    need(at + 12, length);
    sections.set(view.getUint32(at, true), { start: at + 12, end: at + 12 + length });
    at += 12 + length;
  }

  const header = sections.get(1) ?? fail("has no header section");
  const body = sections.get(2) ?? fail("has no constraint section");
  need(header.start, 64, header.end);
  if (view.getUint32(header.start, true) !== 32) fail("its field elements are not 32 bytes long");
  if (element(view, header.start + 4) !== SCALAR_MODULUS) fail("its field is not that of BN254");
  const field = (index: number): number => view.getUint32(header.start + 36 + 4 * index, true);
  const wires = field(0);
  const publics = field(1) + field(2);
  const length = view.getUint32(header.start + 60, true);
  if (publics >= wires) fail(`${publics} public wires of ${wires}`);
  // A constraint takes at least three counts of four bytes.
  if (length * 12 > body.end - body.start) fail(`${length} constraints do not fit its ${body.end - body.start} bytes`);

  at = body.start;
  const combination = (): LinearCombination => {
    need(at, 4, body.end);
    const terms = view.getUint32(at, true);
    need(at + 4, terms * 36, body.end);
    at += 4;
    const result: [number, bigint][] = [];
    for (let i = 0; i < terms; i++, at += 36) {
      const wire = view.getUint32(at, true);
      const coefficient = element(view, at + 4);
      if (wire >= wires) fail(`wire ${wire} of ${wires}`);
      if (coefficient >= SCALAR_MODULUS) fail("a coefficient is not in the field");
      result.push([wire, coefficient]);
    }
    return result;
  };
  const constraints: Constraint[] = [];
  for (let i = 0; i < length; i++) constraints.push({ a: combination(), b: combination(), c: combination() });
  return { wires, publics, constraints };
}

/** Counts as circom does: a constraint without a product is linear. */
export function countConstraints({ constraints }: R1cs): { nonLinear: number; linear: number; total: number } {
  const linear = constraints.filter(({ a, b }) => a.length === 0 || b.length === 0).length;
  return { nonLinear: constraints.length - linear, linear, total: constraints.length };
}

function element(view: DataView, at: number): bigint {
  return (
    view.getBigUint64(at, true) |
    (view.getBigUint64(at + 8, true) << 64n) |
    (view.getBigUint64(at + 16, true) << 128n) |
    (view.getBigUint64(at + 24, true) << 192n)
  );
}
