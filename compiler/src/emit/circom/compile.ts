import { createHash, randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import type { ZkBinding } from "@assay/sdk";

import type { IntegerGraph } from "../../graph/types.ts";
import { countConstraints, readR1cs } from "../../setup/r1cs.ts";
import { type CircuitManifest, digestFiles, readManifest } from "./artefacts.ts";
import { type BindingOptions, resolveBinding } from "./binding.ts";
import { CIRCOM_PACKAGE, runCircom } from "./circom.ts";
import { costsOf, type CircuitCosts } from "./costs.ts";
import { EMITTER_VERSION, emitCircom, HASHING_TEMPLATES } from "./program.ts";
import { interpolateTables } from "./tables.ts";

/** Folder of the hand-written templates. */
const LIBRARY = fileURLToPath(new URL("../../../../circuits/", import.meta.url));
/** Files of the npm package circomlib (GPL-3.0, a tool like circom itself) that `HASHING_TEMPLATES` include. */
const CIRCOMLIB = dirname(createRequire(import.meta.url).resolve("circomlib/package.json"));
const POSEIDON = ["poseidon.circom", "poseidon_constants.circom"] as const;

/** A step of a long piece of work; `done` of `total` steps are finished. */
export interface Progress {
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

/** Options of {@link compileCircuit}. */
export interface CompileOptions extends BindingOptions {
  /** Folder of the cache; each circuit gets a folder in it. Default `build/zkml` under the working directory. */
  readonly outDir?: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** A compiled circuit. */
export interface CompiledCircuit {
  /** Folder that holds everything below; named by a digest of program, templates and compiler. */
  readonly folder: string;
  readonly sourcePath: string;
  readonly r1csPath: string;
  readonly wasmPath: string;
  readonly symPath: string;
  /** Constraints at --O1; `total` is what proving pays for. */
  readonly constraints: { readonly nonLinear: number; readonly linear: number; readonly total: number };
  /** The same constraints by what they are for. */
  readonly costs: CircuitCosts;
  /** Number of public words. */
  readonly words: number;
  /** How they bind input and output; packed and public where it is left out. */
  readonly binding?: ZkBinding;
}

/**
 * Emits and compiles the circuit of a graph, or finds it in the cache. Safe to interrupt and to run twice at once: work
 * happens in a temporary folder that is renamed when complete. What is in the cache is compared with the digests that were
 * taken when it was made, and made again where it is damaged.
 *
 * @throws {GraphNotProvableError} when the graph breaks a rule that soundness rests on.
 * @throws {CompileOptionError} when the binding asked for cannot be.
 * @throws {CircomFailedError} when circom refuses the program.
 * @throws {ZkmlAbortedError} when `signal` ends it.
 */
export async function compileCircuit(graph: IntegerGraph, options: CompileOptions = {}): Promise<CompiledCircuit> {
  const { outDir = join("build", "zkml"), onProgress, signal } = options;
  const report = (step: string, done: number): void => onProgress?.({ step, done, total: 3 });
  report("emitting circom", 0);
  const polynomials = await interpolateTables(graph, {
    ...(signal === undefined ? {} : { signal }),
    onTable: (at, of) => report(`interpolating table ${at} of ${of}`, 0),
  });
  const { source, templates, layout } = emitCircom(graph, resolveBinding(graph, options), polynomials);
  const files = sourcesOf(templates);
  const hash = createHash("sha256").update(`${EMITTER_VERSION}\n${CIRCOM_PACKAGE}\n${source}`);
  for (const { name, path } of files) hash.update(name).update(await readFile(path));
  const folder = join(outDir, hash.digest("hex").slice(0, 32));

  const cached = await readManifest(folder);
  if (cached?.words === layout.words) {
    report("found in the cache", 3);
    return circuitIn(folder, cached);
  }

  const work = `${folder}.tmp-${process.pid}-${randomBytes(4).toString("hex")}`;
  await mkdir(outDir, { recursive: true });
  await removeStale(outDir);
  try {
    await mkdir(work);
    for (const { name, path } of files) {
      await mkdir(dirname(join(work, name)), { recursive: true });
      await copyFile(path, join(work, name));
    }
    await writeFile(join(work, "model.circom"), source);
    report("compiling constraints and witness program", 1);
    await runCircom(work, "model.circom", signal);
    await rename(join(work, "model_js", "model.wasm"), join(work, "model.wasm"));
    await rm(join(work, "model_js"), { recursive: true });
    report("counting constraints", 2);
    const r1cs = await readR1cs(join(work, "model.r1cs"));
    const manifest: CircuitManifest = {
      format: "assay.circuit/3",
      emitter: EMITTER_VERSION,
      circom: CIRCOM_PACKAGE,
      constraints: countConstraints(r1cs),
      costs: costsOf(r1cs, await readFile(join(work, "model.sym"), "utf8"), graph.nodes.length),
      words: layout.words,
      ...(templates.includes(HASHING_TEMPLATES[0]) ? { binding: layout.binding } : {}),
      files: await digestFiles(work),
    };
    await writeFile(join(work, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    // Whatever was found there is damaged, or another process finished the same circuit meanwhile; its result is the same.
    if ((await readManifest(folder))?.words !== layout.words) await rm(folder, { recursive: true, force: true });
    await rename(work, folder).catch(async (error: unknown) => {
      if ((await readManifest(folder)) === undefined) throw error;
    });
    report("compiled", 3);
    return circuitIn(folder, manifest);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function circuitIn(folder: string, { constraints, costs, words, binding }: CircuitManifest): CompiledCircuit {
  return {
    folder,
    sourcePath: join(folder, "model.circom"),
    r1csPath: join(folder, "model.r1cs"),
    wasmPath: join(folder, "model.wasm"),
    symPath: join(folder, "model.sym"),
    constraints,
    costs,
    words,
    ...(binding === undefined ? {} : { binding }),
  };
}

/** The files that a program includes, by the path it includes them under. */
export function sourcesOf(templates: readonly string[]): readonly { readonly name: string; readonly path: string }[] {
  const own = templates.map((name) => ({ name, path: join(LIBRARY, name) }));
  if (!templates.includes(HASHING_TEMPLATES[0])) return own;
  const poseidon = POSEIDON.map((file) => ({ name: `circomlib/${file}`, path: join(CIRCOMLIB, "circuits", file) }));
  return [...own, ...poseidon];
}

/** Removes what interrupted runs left more than an hour ago. */
async function removeStale(outDir: string): Promise<void> {
  for (const name of await readdir(outDir)) {
    // The name that `compileCircuit` gives; whatever else is in the folder is the caller's.
    if (!/^[0-9a-f]{32}\.tmp-\d+-[0-9a-f]{8}$/.test(name)) continue;
    const path = join(outDir, name);
    const info = await stat(path).catch(() => undefined);
    if (info !== undefined && Date.now() - info.mtimeMs > 3_600_000) await rm(path, { recursive: true, force: true });
  }
}
