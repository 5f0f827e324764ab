import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";

import { zKey } from "snarkjs";

import type { CompiledCircuit } from "../emit/circom/compile.ts";
import { publicLayout } from "../emit/circom/layout.ts";
import { weightInputs } from "../emit/circom/private-weights.ts";
import type { IntegerGraph } from "../graph/types.ts";
import { borrowCurve, returnCurve } from "../setup/curve.ts";
import { readKeyFile, type KeyFile } from "./backends/key-file.ts";
import { findProgram } from "./backends/run-program.ts";
import { parseSystemKey, type SystemKey } from "./backends/system-key.ts";
import type { ProofSystem } from "./backends/systems.ts";
import { ArtefactMismatchError, ExternalProgramError, ProvingKeyError } from "./errors.ts";
import { isOpen, openStatement } from "./open-statement.ts";
import type { ProofRequest, Statement } from "./statement.ts";
import { loadWitnessProgram, WitnessStoppedError } from "./witness.ts";

/** What a prover is made from. */
export interface ProverModel<S extends ProofSystem = "groth16"> {
  /** Edges; and, where they are private, the weights with their salt. */
  readonly graph: Pick<IntegerGraph, "input" | "output"> & Partial<Pick<IntegerGraph, "nodes" | "weightsSalt">>;
  readonly circuit: Pick<CompiledCircuit, "wasmPath" | "words" | "binding">;
  readonly zkeyPath: string;
  /** Of which the proving key is. Default: `groth16`. */
  readonly system?: S;
  /** The key that every proof must hold under. Default: the one inside of the proving key, which shows less. */
  readonly verifyingKey?: SystemKey;
  /** The circuit's native witness program, made by circom's C++ output; in place of the WebAssembly one. */
  readonly witnessBinary?: string;
  /** Path of a rapidsnark prover, or `rapidsnark` to find it on PATH; Groth16 only. Default: snarkjs. */
  readonly rapidsnark?: string;
}

/** A model whose files were looked at. */
export interface OpenedModel {
  readonly key: KeyFile;
  readonly verifyingKey: SystemKey;
  readonly program: WebAssemblyModule;
  readonly witnessBinary?: string;
  readonly rapidsnark?: string;
  readonly statement: (request: ProofRequest) => Statement;
}

type WiresOf = (program: WebAssemblyModule) => Promise<number>;

const wiresHere: WiresOf = async (program) => (await loadWitnessProgram(program)).size;

/** Largest witness program that is loaded, in bytes. */
const MAX_PROGRAM_BYTES = 1 << 28;

/**
 * Looks at all files of a model.
 *
 * Not checked: that the proving key is the circuit's where shapes agree; its proofs would not hold, and are not handed out.
 *
 * @param wiresOf asks a witness program for its wires; by default in this thread, which it can hold up as long as it likes
 * @throws {ArtefactMismatchError} when graph, circuit and keys do not belong together.
 * @throws {ProvingKeyError} when a key is damaged or of another proof system or curve.
 * @throws {ExternalProgramError} when a program that was named is not there.
 */
export async function openModel(model: ProverModel<ProofSystem>, wiresOf: WiresOf = wiresHere): Promise<OpenedModel> {
  const { graph, circuit, zkeyPath, system = "groth16" } = model;
  const layout = publicLayout(graph, circuit.binding);
  if (layout.words !== circuit.words) {
    throw new ArtefactMismatchError(
      `the circuit has ${circuit.words} public words, the graph ${layout.words}; compile again`,
    );
  }
  if (model.rapidsnark !== undefined && system !== "groth16") {
    throw new ExternalProgramError(`rapidsnark makes Groth16 proofs only, not ${system}; leave it out`);
  }
  // Hashes of the SDK, and all that comes with it, only for circuits that bind by them.
  const statementOf = isOpen(layout.binding) ? openStatement : (await import("./statement.ts")).statementOf;
  const key = await readKeyFile(zkeyPath, system);
  const program = await loadModule(circuit.wasmPath, wiresOf);
  if (key.publics !== circuit.words || program.wires !== key.wires) {
    throw new ArtefactMismatchError(
      `the proving key is for ${key.publics} public words and ${key.wires} wires, the circuit has ${circuit.words} and ` +
        `${program.wires}; set up again`,
    );
  }
  const weights = weightInputs(graph);
  const verifyingKey = model.verifyingKey ?? (await innerKey(zkeyPath));
  if (verifyingKey.system !== system || verifyingKey.publics !== key.publics) {
    throw new ArtefactMismatchError(
      `the verifying key is for ${verifyingKey.system} with ${verifyingKey.publics} public words, the proving key for ` +
        `${system} with ${key.publics}; set up again`,
    );
  }
  return {
    key,
    verifyingKey,
    program: program.module,
    ...(model.witnessBinary === undefined ? {} : { witnessBinary: await findProgram(model.witnessBinary) }),
    ...(model.rapidsnark === undefined ? {} : { rapidsnark: await findProgram(model.rapidsnark) }),
    statement: (request) => {
      const { inputs, words } = statementOf(layout, request);
      return { inputs: { ...inputs, ...weights }, words };
    },
  };
}

/** SHA-256 of programs by which compiled ones are found again while somebody holds them. */
const compiled = new Map<string, WeakRef<WebAssemblyModule>>();

async function loadModule(
  path: string,
  wiresOf: WiresOf,
): Promise<{ readonly module: WebAssemblyModule; readonly wires: number }> {
  const fail = (why: string, cause?: unknown): never => {
    throw new ArtefactMismatchError(`${path}: ${why}; compile the circuit again`, { cause });
  };
  const absent = (cause?: unknown): never => fail("there is no witness program", cause);
  const info = await stat(path).catch(absent);
  if (!info.isFile()) absent();
  if (info.size > MAX_PROGRAM_BYTES) fail(`${info.size} bytes; at most ${MAX_PROGRAM_BYTES} are loaded`);
  const bytes = await readFile(path).catch(absent);
  const digest = createHash("sha256").update(bytes).digest("hex");
  try {
    const module = compiled.get(digest)?.deref() ?? (await WebAssembly.compile(new Uint8Array(bytes)));
    const wires = await wiresOf(module);
    compiled.set(digest, new WeakRef(module));
    return { module, wires };
  } catch (cause) {
    if (
      cause instanceof WebAssembly.CompileError ||
      cause instanceof WebAssembly.LinkError ||
      cause instanceof WebAssembly.RuntimeError ||
      cause instanceof RangeError ||
      cause instanceof TypeError ||
      cause instanceof WitnessStoppedError
    )
      return fail("is not a witness program of circom for BN254", cause);
    throw cause;
  }
}

/** The verifying key inside of a proving key. */
export async function innerKey(zkeyPath: string): Promise<SystemKey> {
  await borrowCurve("one");
  try {
    return parseSystemKey(await zKey.exportVerificationKey(zkeyPath));
  } catch (cause) {
    if (cause instanceof ProvingKeyError) throw cause;
    throw new ProvingKeyError(`${zkeyPath}: holds no verifying key: ${(cause as Error).message}; set up again`, {
      cause,
    });
  } finally {
    await returnCurve();
  }
}
