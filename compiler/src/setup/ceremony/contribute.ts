import { CeremonyFailedError, CeremonyInputError, CeremonyOrderError } from "./errors.ts";
import { writeNew } from "./files.ts";
import { type Contribution, MAX_BEACON_ITERATIONS, MIN_BEACON_ITERATIONS } from "./record.ts";
import { runStep, type StepOptions, type StepRequest } from "./steps.ts";
import { type CeremonyKey, readCeremonyKey } from "./zkey-file.ts";

/** Options of {@link contribute}. */
export interface ContributeOptions extends StepOptions {
  /** Who contributes: 1 to 64 characters, kept in the key for all to read. */
  readonly name: string;
  /** Any text, hashed together with 128 random bytes of the operating system. */
  readonly entropy?: string;
}

/** Options of {@link applyBeacon}. */
export interface BeaconOptions extends StepOptions {
  /** 32 bytes in hex that nobody knew or could choose when the last contribution was made. */
  readonly value: string;
  /** SHA-256 is applied 2^n times, n in [10, 24], so that a chooser of the value pays for every try. Default 10. */
  readonly iterations?: number;
  /** Where the value is from, 1 to 64 characters. Default "beacon". */
  readonly name?: string;
}

/** A key with one step more than the one before it. */
export interface CeremonyStep {
  readonly path: string;
  readonly circuitHash: string;
  /** From 1. */
  readonly index: number;
  readonly contribution: Contribution;
}

const MAX_NAME = 64;
const MAX_ENTROPY = 10_000;

/**
 * Adds a contribution with a secret that is forgotten when the process ends. One honest contributor makes the key safe.
 *
 * Not checked: that `from` follows from circuit and powers of tau; see `verifyCeremony`.
 *
 * @throws {CeremonyFileError} when `from` is cut short or damaged where that can be seen without circuit.
 * @throws {CeremonyOrderError} when a beacon has closed the ceremony.
 * @throws {CeremonyInputError} when the name cannot be used or `to` exists.
 */
export async function contribute(from: string, to: string, options: ContributeOptions): Promise<CeremonyStep> {
  const name = checkName(options.name);
  const { entropy = "" } = options;
  if (entropy.length > MAX_ENTROPY) throw new CeremonyInputError(`the entropy has over ${MAX_ENTROPY} characters`);
  return await addStep(from, to, options, async (work) => ({ step: "contribute", from, to: work, name, entropy }));
}

/**
 * Closes a ceremony with a value that is public and that no contributor could foresee, so that the last contributor could
 * not choose among keys.
 *
 * @throws {CeremonyInputError} when the value is not 32 bytes, iterations or name cannot be used, or `to` exists.
 * @throws {CeremonyOrderError} when nobody has contributed, or there is a beacon already.
 * @throws {CeremonyFileError} when `from` is cut short or damaged where that can be seen without circuit.
 */
export async function applyBeacon(from: string, to: string, options: BeaconOptions): Promise<CeremonyStep> {
  const { iterations = MIN_BEACON_ITERATIONS } = options;
  const name = checkName(options.name ?? "beacon");
  const value = options.value.replace(/^0x/, "").toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(value)) {
    throw new CeremonyInputError(
      `the beacon has ${/^[0-9a-f]*$/.test(value) ? `${value.length} hex digits` : "characters that are not hex digits"}; ` +
        "give 32 bytes, 64 digits",
    );
  }
  if (!Number.isInteger(iterations) || iterations < MIN_BEACON_ITERATIONS || iterations > MAX_BEACON_ITERATIONS) {
    throw new CeremonyInputError(
      `iterations is ${iterations}; give a whole number n from ${MIN_BEACON_ITERATIONS} to ${MAX_BEACON_ITERATIONS}, for 2^n hashes`,
    );
  }
  return await addStep(from, to, options, async (work, { contributions }) => {
    if (contributions.length === 0) {
      throw new CeremonyOrderError(
        `${from} has no contribution; a beacon is public, so with it alone everybody knows the secret: contribute first`,
      );
    }
    return { step: "beacon", from, to: work, name, value, iterations };
  });
}

async function addStep(
  from: string,
  to: string,
  options: StepOptions,
  request: (work: string, key: CeremonyKey) => Promise<StepRequest>,
): Promise<CeremonyStep> {
  return await writeNew(to, async (work) => {
    const before = await readCeremonyKey(from);
    if (before.contributions.some(({ kind }) => kind === "beacon")) {
      throw new CeremonyOrderError(
        `${from} is closed: a beacon ends a ceremony; take the key before the beacon, or begin a new ceremony`,
      );
    }
    const answer = await runStep(await request(work, before), options);
    if (!answer.ok) throw new CeremonyFailedError(`${from}: ${answer.why}; get the file again from whom it came`);
    const after = await readCeremonyKey(work);
    const contribution = after.contributions.at(-1);
    if (contribution?.hash !== answer.hash || after.contributions.length !== before.contributions.length + 1) {
      throw new CeremonyFailedError(`${from}: the step that snarkjs made is not in the key that it wrote; try again`);
    }
    return { path: to, circuitHash: after.circuitHash, index: after.contributions.length, contribution };
  });
}

function checkName(name: string): string {
  if (name.length >= 1 && name.length <= MAX_NAME && name.trim() === name && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name)) {
    return name;
  }
  throw new CeremonyInputError(
    `the name has ${name.length} characters, or some that cannot be shown; give 1 to ${MAX_NAME} printable ones`,
  );
}
