import { createHash } from "node:crypto";
import { copyFile, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import {
  type CompiledCircuit,
  graphDigest,
  type IntegerGraph,
  parseGraph,
  readCeremonyKey,
  readSetup,
  type Setup,
} from "@assay/compiler";
import { z } from "zod";

import { makeFolder } from "../shared/folder.ts";
import { OperatorError, OperatorErrorCode } from "./errors.ts";

/** Files of a model folder, by what they are. The names are the paths in the manifest, too. */
export const MODEL_FILES = {
  model: "model.onnx",
  graph: "graph.json",
  runtime: "runtime.onnx",
  report: "report.json",
  source: "circuit/model.circom",
  circuit: "circuit/model.r1cs",
  witness: "circuit/model.wasm",
  circuitInfo: "circuit/circuit.json",
  provingKey: "setup/model.zkey",
  verifyingKey: "setup/verifying-key.json",
  setupInfo: "setup/setup.json",
  solidity: "verifier/Verifier.sol",
  verifier: "verifier/Verifier.json",
} as const;

/** Most bytes of one file of a model folder. */
export const MAX_MODEL_FILE_BYTES = 1024 * 1024 * 1024;

const circuitInfo = z.strictObject({
  format: z.literal("assay.circuit-info/1"),
  graphDigest: z.string().regex(/^0x[0-9a-f]{64}$/),
  constraints: z.strictObject({ nonLinear: z.number(), linear: z.number(), total: z.number() }),
  words: z.number().int().min(1).max(5_000),
  // Left out when packed and public.
  binding: z
    .strictObject({
      mode: z.enum(["packed", "fingerprint"]),
      input: z.enum(["public", "committed"]),
      output: z.enum(["public", "committed"]),
    })
    .optional(),
});
const verifierArtifact = z.strictObject({
  format: z.literal("assay.verifier/1"),
  contractName: z.string().min(1).max(200),
  graphDigest: z.string().regex(/^0x[0-9a-f]{64}$/),
  verifyingKeyHash: z.string().regex(/^0x[0-9a-f]{64}$/),
  setup: z.enum(["development", "ceremony"]),
  compiler: z.strictObject({ version: z.string().max(100), settings: z.record(z.string(), z.unknown()) }),
  abi: z.array(z.record(z.string(), z.unknown())).max(1_000),
  // 24,576 bytes are what a chain takes; creation code is longer by the constructor.
  bytecode: z
    .string()
    .max(200_000)
    .regex(/^0x([0-9a-f]{2})+$/, "hexadecimal bytecode"),
});

/** A compiled `IZkVerifier` for one model and setup. */
export type VerifierArtifact = z.infer<typeof verifierArtifact>;

/** What `zkml compile` and `zkml setup` leave in a folder. */
export interface ModelFolder {
  readonly folder: string;
  readonly graph: IntegerGraph;
  readonly graphDigest: string;
  readonly circuit: Omit<CompiledCircuit, "costs">;
  /** After `zkml setup` only. */
  readonly setup?: Setup;
  /** After `zkml setup` only. */
  readonly verifier?: VerifierArtifact;
}

const SETUP = "zkml setup";
const FINALISE = "zkml ceremony finalise";

/** Path of a file of the folder. */
export function modelFile(folder: string, file: keyof typeof MODEL_FILES): string {
  return join(folder, MODEL_FILES[file]);
}

/** Writes what compiling made. A setup that was there belonged to another circuit or the same; `readModelFolder` tells. */
export async function writeCompiled(
  folder: string,
  files: {
    readonly model: Uint8Array;
    readonly graph: IntegerGraph;
    readonly graphJson: string;
    readonly runtimeOnnx: Uint8Array;
    readonly report: string;
    readonly circuit: CompiledCircuit;
  },
): Promise<void> {
  const { circuit } = files;
  const info: z.infer<typeof circuitInfo> = {
    format: "assay.circuit-info/1",
    graphDigest: graphDigest(files.graph),
    constraints: { ...circuit.constraints },
    words: circuit.words,
    ...(circuit.binding === undefined ? {} : { binding: { ...circuit.binding } }),
  };
  await put(modelFile(folder, "model"), files.model);
  await put(modelFile(folder, "runtime"), files.runtimeOnnx);
  await put(modelFile(folder, "report"), files.report);
  await copy(circuit.sourcePath, modelFile(folder, "source"));
  await copy(circuit.r1csPath, modelFile(folder, "circuit"));
  await copy(circuit.wasmPath, modelFile(folder, "witness"));
  await put(modelFile(folder, "circuitInfo"), `${JSON.stringify(info, null, 2)}\n`);
  // Last, because it is what makes the folder a model's.
  await put(modelFile(folder, "graph"), files.graphJson);
}

/**
 * Puts a setup into the folder, with the compiled verifier, in place of one that was there. All of it is written beside
 * the old one before anything is replaced; `setup.json`, which is what makes it a setup, goes first and comes last. So
 * whenever this ends, the folder holds the old setup, none, or the new one, and never a mixture that is taken for one.
 */
export async function writeSetup(
  folder: string,
  files: { readonly setup: Setup; readonly solidity: string; readonly verifier: VerifierArtifact },
): Promise<void> {
  const info = modelFile(folder, "setupInfo");
  const places = (["provingKey", "verifyingKey", "solidity", "verifier"] as const).map((file) =>
    modelFile(folder, file),
  );
  const [provingKey = "", verifyingKey = "", solidity = "", verifier = ""] = places;
  await stageCopy(files.setup.zkeyPath, provingKey);
  await stageCopy(files.setup.verifyingKeyPath, verifyingKey);
  await stage(solidity, files.solidity);
  await stage(verifier, `${JSON.stringify(files.verifier, null, 2)}\n`);
  await stageCopy(join(files.setup.folder, "setup.json"), info);
  await rm(info, { force: true });
  for (const place of [...places, info]) await rename(`${place}.partial`, place);
}

/**
 * Reads a model folder and checks that its parts belong together: graph and circuit, circuit and setup, setup and
 * verifier. Not checked here: that the circuit computes the graph (compile the model again and compare).
 * @throws {OperatorError} naming the file that is missing or does not fit, and the task that makes it again.
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const compiled = await readCompiled(folder);
  const setup = await readSetup(join(folder, "setup"));
  if (setup === undefined) return compiled;
  const r1cs = createHash("sha256")
    .update(await bytes(folder, "circuit", "zkml compile"))
    .digest("hex");
  if (setup.manifest.r1csDigest !== `0x${r1cs}`) throw unfit(folder, "setupInfo", "is of another circuit", SETUP);
  const verifier = parse(verifierArtifact, await text(folder, "verifier", SETUP), folder, "verifier");
  if (verifier.graphDigest !== compiled.graphDigest || verifier.verifyingKeyHash !== setup.manifest.verifyingKeyHash) {
    throw unfit(folder, "verifier", "is of another graph or setup", SETUP);
  }
  const { manifest } = setup;
  if (verifier.setup !== manifest.setup) {
    throw unfit(folder, "verifier", `says ${verifier.setup} and setup.json ${manifest.setup}`, SETUP);
  }
  if (manifest.setup === "ceremony") {
    const key = await bytes(folder, "provingKey", FINALISE);
    if (`0x${createHash("sha256").update(key).digest("hex")}` !== manifest.zkeyDigest) {
      throw unfit(folder, "provingKey", "is not the one that setup.json names", FINALISE);
    }
  }
  return { ...compiled, setup, verifier };
}

/**
 * That the proving key's own record has the contributions that the ceremony's manifest names: for those who publish it.
 * Whether they were made from the circuit and the powers of tau, `zkml ceremony verify` says.
 * @throws {OperatorError | CeremonyFileError} when it has others, or is no ceremony's key.
 */
export async function requireCeremonyKey({ folder, setup }: ModelFolder): Promise<void> {
  if (setup?.manifest.setup !== "ceremony") return;
  const { contributions } = await readCeremonyKey(modelFile(folder, "provingKey"));
  const hashes = new Set(contributions.map(({ hash }) => hash));
  if (!setup.manifest.contributions.every(({ hash }) => hashes.has(hash))) {
    throw unfit(folder, "provingKey", "has other contributions than setup.json names", FINALISE);
  }
}

/**
 * What `zkml compile` left in a folder, whatever setup lies beside it: for those who make a new one.
 * @throws {OperatorError} naming the file that is missing or does not fit.
 */
export async function readCompiled(folder: string): Promise<ModelFolder> {
  const graph = parseGraph(await text(folder, "graph", "zkml compile"));
  const digest = graphDigest(graph);
  const info = parse(circuitInfo, await text(folder, "circuitInfo", "zkml compile"), folder, "circuitInfo");
  if (info.graphDigest !== digest) throw unfit(folder, "circuitInfo", "is of another graph", "zkml compile");
  const circuit: Omit<CompiledCircuit, "costs"> = {
    folder: join(folder, "circuit"),
    sourcePath: modelFile(folder, "source"),
    r1csPath: modelFile(folder, "circuit"),
    wasmPath: modelFile(folder, "witness"),
    symPath: join(folder, "circuit", "model.sym"),
    constraints: info.constraints,
    words: info.words,
    ...(info.binding === undefined ? {} : { binding: info.binding }),
  };
  return { folder, graph, graphDigest: digest, circuit };
}

/** The folder's setup and verifier; throws where `zkml setup` was not run. */
export function requireSetup(folder: ModelFolder): { readonly setup: Setup; readonly verifier: VerifierArtifact } {
  const { setup, verifier } = folder;
  if (setup !== undefined && verifier !== undefined) return { setup, verifier };
  throw new OperatorError(
    OperatorErrorCode.ModelFolder,
    `${folder.folder} has no keys yet; run \`npx hardhat zkml setup --dir ${folder.folder} --dev\`.`,
  );
}

async function bytes(folder: string, file: keyof typeof MODEL_FILES, task: string): Promise<Uint8Array> {
  const path = modelFile(folder, file);
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || !info.isFile()) throw unfit(folder, file, "is missing", task);
  if (info.size > MAX_MODEL_FILE_BYTES) throw unfit(folder, file, `is over ${MAX_MODEL_FILE_BYTES} bytes`, task);
  return new Uint8Array(await readFile(path));
}

async function text(folder: string, file: keyof typeof MODEL_FILES, task: string): Promise<string> {
  return new TextDecoder().decode(await bytes(folder, file, task));
}

function parse<T>(schema: z.ZodType<T>, json: string, folder: string, file: keyof typeof MODEL_FILES): T {
  try {
    return schema.parse(JSON.parse(json));
  } catch {
    throw unfit(folder, file, "is damaged", file === "verifier" ? SETUP : "zkml compile");
  }
}

function unfit(folder: string, file: keyof typeof MODEL_FILES, what: string, task: string): OperatorError {
  const path = modelFile(folder, file);
  const command = task === SETUP ? `${task} --dir ${folder} --dev` : task;
  return new OperatorError(
    OperatorErrorCode.ModelFolder,
    `${path} ${what}; run \`npx hardhat ${command}\` (again) for it.`,
  );
}

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await stage(path, content);
  await rename(`${path}.partial`, path);
}

async function copy(from: string, to: string): Promise<void> {
  await stageCopy(from, to);
  await rename(`${to}.partial`, to);
}

/** Writes what is to be at `path` beside it. */
async function stage(path: string, content: string | Uint8Array): Promise<void> {
  await makeFolder(dirname(path));
  await writeFile(`${path}.partial`, content);
}

async function stageCopy(from: string, to: string): Promise<void> {
  await makeFolder(dirname(to));
  await copyFile(from, `${to}.partial`);
}
