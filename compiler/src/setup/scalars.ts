import { createHash } from "node:crypto";

import { SetupInputError } from "./errors.ts";
import { SCALAR_MODULUS, inverse, inverses, power, toScalar } from "./field.ts";
import type { LinearCombination, R1cs } from "./r1cs.ts";

/** The numbers that a Groth16 setup must forget. Whoever knows them can prove anything. */
export interface SetupSecrets {
  readonly tau: bigint;
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  readonly delta: bigint;
}

/** Discrete logarithms of a proving key's points, and the key's shape. */
export interface KeyScalars {
  /** log2 of the size of the evaluation domain. */
  readonly power: number;
  readonly a: readonly bigint[];
  readonly b: readonly bigint[];
  /** Of the private wires. */
  readonly c: readonly bigint[];
  /** Of the constant and the public wires. */
  readonly ic: readonly bigint[];
  /** Of the quotient, in the Lagrange basis of the odd points of the domain twice as large. */
  readonly h: readonly bigint[];
}

/** Largest domain that is set up here: 2^20 points. */
const MAX_POWER = 20;

/**
 * Derives the secrets of a development setup from a seed and the circuit's digest, the same for the same two.
 *
 * gamma is 1, as in every key that snarkjs makes.
 */
export function developmentSecrets(seed: Uint8Array, circuitDigest: Uint8Array): SetupSecrets {
  const draw = (label: string): bigint => {
    const hash = createHash("sha512").update(`assay development setup: ${label}\0`).update(circuitDigest).update(seed);
    // 512 bits reduced by a modulus of 254 bits: the bias is below 2^-250.
    return toScalar(BigInt(`0x${hash.digest("hex")}`));
  };
  return { tau: draw("tau"), alpha: draw("alpha"), beta: draw("beta"), gamma: 1n, delta: draw("delta") };
}

/** log2 of the domain that a circuit needs: its constraints and one row for each public wire and the constant. */
export function domainPower({ constraints, publics }: R1cs): number {
  return Math.max(1, Math.ceil(Math.log2(constraints.length + publics + 1)));
}

/**
 * Evaluates the circuit's polynomials at tau.
 *
 * As snarkjs does, a row `wire * 0 = 0` is added for the constant and every public wire, so that the polynomials of public
 * wires are linearly independent and a public word cannot be changed in a proof, even where no constraint uses it.
 *
 * @param root primitive root of unity of order 2^(power+1), the one that the prover's Fourier transform uses.
 * @throws {SetupInputError} when a secret is 0, tau is in the domain, or the circuit is larger than 2^20 rows.
 */
export function keyScalars(r1cs: R1cs, secrets: SetupSecrets, root: bigint): KeyScalars {
  const { tau, alpha, beta, gamma, delta } = secrets;
  for (const [name, value] of Object.entries(secrets) as [string, bigint][]) {
    if (value <= 0n || value >= SCALAR_MODULUS)
      throw new SetupInputError(`${name} is not in [1, r); take another seed`);
  }
  const log = domainPower(r1cs);
  if (log > MAX_POWER) {
    throw new SetupInputError(
      `the circuit has ${r1cs.constraints.length} constraints; a setup takes 2^${MAX_POWER} rows`,
    );
  }
  const double = lagrange(tau, root, log + 1);
  const basis = lagrange(tau, (root * root) % SCALAR_MODULUS, log);

  const zeros = (): bigint[] => new Array<bigint>(r1cs.wires).fill(0n);
  const [a, b, c] = [zeros(), zeros(), zeros()];
  const add = (target: bigint[], combination: LinearCombination, value: bigint): void => {
    for (const [wire, coefficient] of combination) {
      target[wire] = ((target[wire] as bigint) + coefficient * value) % SCALAR_MODULUS;
    }
  };
  for (const [row, constraint] of r1cs.constraints.entries()) {
    const value = basis[row] as bigint;
    add(a, constraint.a, value);
    add(b, constraint.b, value);
    add(c, constraint.c, value);
  }
  for (let wire = 0; wire <= r1cs.publics; wire++) {
    add(a, [[wire, 1n]], basis[r1cs.constraints.length + wire] as bigint);
  }

  const perGamma = inverse(gamma);
  const perDelta = inverse(delta);
  const joined = a.map(
    (value, wire) => (beta * value + alpha * (b[wire] as bigint) + (c[wire] as bigint)) % SCALAR_MODULUS,
  );
  return {
    power: log,
    a,
    b,
    c: joined.slice(r1cs.publics + 1).map((value) => (value * perDelta) % SCALAR_MODULUS),
    ic: joined.slice(0, r1cs.publics + 1).map((value) => (value * perGamma) % SCALAR_MODULUS),
    h: double.filter((_, index) => index % 2 === 1).map((value) => (value * perDelta) % SCALAR_MODULUS),
  };
}

/** Lagrange polynomials of the domain {root^i}, i below 2^log, at `tau`: root^i (tau^n - 1) / (n (tau - root^i)). */
export function lagrange(tau: bigint, root: bigint, log: number): bigint[] {
  const size = 1 << log;
  const points: bigint[] = [];
  for (let i = 0, point = 1n; i < size; i++, point = (point * root) % SCALAR_MODULUS) points.push(point);
  if (points[1] === 1n || ((points.at(-1) as bigint) * root) % SCALAR_MODULUS !== 1n) {
    throw new RangeError(`the root of unity is not of order 2^${log}`);
  }
  const vanishing = toScalar(power(tau, BigInt(size)) - 1n);
  if (vanishing === 0n) throw new SetupInputError("tau is in the evaluation domain; take another seed");
  const factor = (vanishing * inverse(BigInt(size))) % SCALAR_MODULUS;
  const differences = inverses(points.map((point) => toScalar(tau - point)));
  return points.map((point, i) => (((factor * point) % SCALAR_MODULUS) * (differences[i] as bigint)) % SCALAR_MODULUS);
}
