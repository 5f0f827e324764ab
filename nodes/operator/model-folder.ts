import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import {
  type CompiledCircuit,
  graphDigest,
  type IntegerGraph,
  parseGraph,
  readSetup,
  type Setup,
} from "@assay/compiler";
import { z } from "zod";

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
  readonly circuit: CompiledCircuit;
  /** After `zkml setup` only. */
  readonly setup?: Setup;
  /** After `zkml setup` only. */
  readonly verifier?: VerifierArtifact;
}

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

/** Copies a setup into the folder, with the compiled verifier. */
export async function writeSetup(
  folder: string,
  files: { readonly setup: Setup; readonly solidity: string; readonly verifier: VerifierArtifact },
): Promise<void> {
  await copy(files.setup.zkeyPath, modelFile(folder, "provingKey"));
  await copy(files.setup.verifyingKeyPath, modelFile(folder, "verifyingKey"));
  await put(modelFile(folder, "solidity"), files.solidity);
  await put(modelFile(folder, "verifier"), `${JSON.stringify(files.verifier, null, 2)}\n`);
  await copy(join(files.setup.folder, "setup.json"), modelFile(folder, "setupInfo"));
}

/**
 * Reads a model folder and checks that its parts belong together: graph and circuit, circuit and setup, setup and
 * verifier. Not checked here: that the circuit computes the graph (compile the model again and compare).
 * @throws {OperatorError} naming the file that is missing or does not fit, and the task that makes it again.
 */
export async function readModelFolder(folder: string): Promise<ModelFolder> {
  const graph = parseGraph(await text(folder, "graph", "zkml compile"));
  const digest = graphDigest(graph);
  const info = parse(circuitInfo, await text(folder, "circuitInfo", "zkml compile"), folder, "circuitInfo");
  if (info.graphDigest !== digest) throw unfit(folder, "circuitInfo", "is of another graph", "zkml compile");
  const circuit: CompiledCircuit = {
    folder: join(folder, "circuit"),
    sourcePath: modelFile(folder, "source"),
    r1csPath: modelFile(folder, "circuit"),
    wasmPath: modelFile(folder, "witness"),
    symPath: join(folder, "circuit", "model.sym"),
    constraints: info.constraints,
    words: info.words,
  };
  const setup = await readSetup(join(folder, "setup"));
  if (setup === undefined) return { folder, graph, graphDigest: digest, circuit };
  const r1cs = createHash("sha256")
    .update(await bytes(folder, "circuit", "zkml compile"))
    .digest("hex");
  if (setup.manifest.r1csDigest !== `0x${r1cs}`)
    throw unfit(folder, "setupInfo", "is of another circuit", "zkml setup");
  const verifier = parse(verifierArtifact, await text(folder, "verifier", "zkml setup"), folder, "verifier");
  if (verifier.graphDigest !== digest || verifier.verifyingKeyHash !== setup.manifest.verifyingKeyHash) {
    throw unfit(folder, "verifier", "is of another graph or setup", "zkml setup");
  }
  return { folder, graph, graphDigest: digest, circuit, setup, verifier };
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
    throw unfit(folder, file, "is damaged", file === "verifier" ? "zkml setup" : "zkml compile");
  }
}

function unfit(folder: string, file: keyof typeof MODEL_FILES, what: string, task: string): OperatorError {
  const path = modelFile(folder, file);
  return new OperatorError(
    OperatorErrorCode.ModelFolder,
    `${path} ${what}; run \`npx hardhat ${task}\` (again) for it.`,
  );
}

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.partial`, content);
  await rename(`${path}.partial`, path);
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, `${to}.partial`);
  await rename(`${to}.partial`, to);
}
