// The digits model that the demo and the figures run, built as a user would build his own.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { compileCircuit, compileOnnx, graphDigest, serialiseGraph, setupDevelopment } from "@assay/compiler";
import { type ModelFolder, readModelFolder, writeCompiled, writeSetup } from "@assay/nodes/operator";
import hre from "hardhat";

import { buildVerifier } from "../../tasks/shared/compile-verifier.ts";
import { soliditySettings } from "../../tasks/shared/solidity-settings.ts";
import { ROOT } from "../checks/files.ts";

const HOME = join(ROOT, "vectors", "models", "digits");
const FOLDER = join(ROOT, "build", "models", "digits");
/** Public, so that everybody who builds gets the same keys; whoever knows it can forge proofs. */
const SEED = "assay development setup of the digits model";

/** A handwritten digit, 8 x 8 greys of 0 to 16. */
export interface DigitImage {
  readonly row: number;
  readonly label: number;
  readonly pixels: readonly number[];
}

/** The images that neither training nor calibration has seen. */
export async function heldOutImages(): Promise<readonly DigitImage[]> {
  return await readImages("held-out.json");
}

/** Compiles the model, its circuit, keys and verifier; what was built before is taken from `build/`. */
export async function buildDigits(onStep: (step: string) => void): Promise<ModelFolder> {
  onStep("quantising the model");
  const model = new Uint8Array(await readFile(join(HOME, "model.onnx")));
  const calibration = await readImages("calibration.json");
  const compiled = compileOnnx(model, { name: "digits", calibration: calibration.map(({ pixels }) => pixels) });
  const circuit = await compileCircuit(compiled.graph, {
    outDir: join(ROOT, "build", "zkml"),
    onProgress: ({ step }) => onStep(step),
  });
  await writeCompiled(FOLDER, {
    model,
    graph: compiled.graph,
    graphJson: serialiseGraph(compiled.graph),
    runtimeOnnx: compiled.runtimeOnnx,
    report: `${JSON.stringify(compiled.report, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value))}\n`,
    circuit,
  });
  const setup = await setupDevelopment(circuit.r1csPath, {
    seed: SEED,
    outDir: join(ROOT, "build", "setup"),
    onProgress: ({ step }) => onStep(step),
  });
  const before = await readModelFolder(FOLDER).catch(() => undefined);
  // A verifier that was built before there were bindings is no IZkVerifier any more.
  const current = before?.verifier?.abi.some(({ name }) => name === "binding") === true;
  if (current && before.verifier?.verifyingKeyHash === setup.manifest.verifyingKeyHash) return before;
  onStep("compiling the verifier");
  const digest = graphDigest(compiled.graph);
  const built = await buildVerifier(
    { graph: compiled.graph, graphDigest: digest, circuit },
    setup,
    soliditySettings(hre),
  );
  await writeSetup(FOLDER, { setup, ...built });
  return await readModelFolder(FOLDER);
}

async function readImages(file: string): Promise<readonly DigitImage[]> {
  const { images } = JSON.parse(await readFile(join(HOME, file), "utf8")) as { images: readonly DigitImage[] };
  return images;
}
