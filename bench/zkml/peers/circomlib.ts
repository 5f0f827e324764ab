import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { compileCircuit, compileOnnx } from "../../../compiler/src/index.ts";
import { ROOT } from "../../../scripts/checks/files.ts";
import { NETWORKS } from "../../../scripts/figures/models/networks.ts";
import { messageOf, runProcess } from "./process.ts";

const HERE = import.meta.dirname;
const CIRCOM = createRequire(import.meta.url).resolve("circom2/cli.js");
/** Counts that others published of the same networks; that of the CNN has batch normalisation, that of LeNet-5 no ArgMax. */
const REPORTED: Readonly<Record<string, number>> = { mlp784: 44_499, mnistcnn: 1_965_828, lenet5: 2_703_268 };

/** Products of one network on both sides. */
export interface Counts {
  readonly network: string;
  /** Theirs over ours. */
  readonly ratio: number;
  readonly ours: { readonly nonLinear: number; readonly total: number };
  readonly theirs: { readonly nonLinear: number; readonly linear?: number; readonly how: "measured" | "reported" };
  readonly why?: string;
}

/** Counts of circomlib-ml's templates put together as the network is, at --O1 like ours. */
async function counted(network: string, seconds: number): Promise<{ nonLinear: number; linear: number }> {
  // circom's WebAssembly sees only what is under its working directory.
  const out = join("node_modules", ".counts");
  await mkdir(join(HERE, out), { recursive: true });
  const command = [process.execPath, CIRCOM, `circom/${network}.circom`, "--r1cs", "--O1", "-o", out] as const;
  const text = stripVTControlCharacters(await runProcess([...command], { cwd: HERE, seconds }));
  const [nonLinear, linear] = ["non-linear", "linear"].map((kind) =>
    Number(new RegExp(`^${kind} constraints: (\\d+)$`, "m").exec(text)?.[1] ?? NaN),
  ) as [number, number];
  if (!text.includes("Everything went okay") || Number.isNaN(nonLinear + linear)) throw new Error("circom refused it");
  return { nonLinear, linear };
}

/** Our circuit of each network beside circomlib-ml's: compiled here and now, or what was published, and why. */
export async function compareCircomlib(
  options: { readonly seconds: number; readonly small: boolean; readonly install: () => Promise<void> },
  onStep: (step: string) => void,
): Promise<Counts[]> {
  const refused = await options.install().then(
    () => undefined,
    (error: unknown) => `circomlib-ml could not be installed: ${messageOf(error)}`,
  );
  if (refused !== undefined) onStep(refused);
  const results: Counts[] = [];
  for (const [network, make] of Object.entries(NETWORKS)) {
    onStep(`${network}: our circuit`);
    const { onnx, calibration } = make();
    const { graph } = compileOnnx(onnx, { name: network, calibration });
    const { constraints } = await compileCircuit(graph, { outDir: join(ROOT, "build", "zkml"), binding: "packed" });
    const ours = { nonLinear: constraints.nonLinear, total: constraints.total };
    const skip = refused ?? (options.small && network !== "mlp784" ? "left out by --quick" : undefined);
    onStep(`${network}: circomlib-ml's circuit${skip === undefined ? "" : `: ${skip}`}`);
    const made = skip ?? (await counted(network, options.seconds).catch(messageOf));
    const theirs =
      typeof made === "string"
        ? ({ nonLinear: REPORTED[network] ?? NaN, how: "reported" } as const)
        : ({ ...made, how: "measured" } as const);
    const why = typeof made === "string" ? { why: made } : {};
    results.push({ network, ratio: theirs.nonLinear / ours.nonLinear, ours, theirs, ...why });
  }
  return results;
}
