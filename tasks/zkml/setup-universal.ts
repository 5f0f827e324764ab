import { randomBytes } from "node:crypto";
import { join } from "node:path";

import {
  createProver,
  setupUniversal,
  systemKeyHash,
  type UniversalSetupOptions,
  type UniversalSystem,
} from "@assay/compiler";

import type { Tools } from "../shared/action.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { compiledDir } from "../shared/model-dir.ts";
import { fields, type View } from "../shared/report.ts";
import { putKeys } from "./backend.ts";
import { checkKeys } from "./check-keys.ts";

/** Options of `zkml setup` that matter for PLONK and fflonk. */
export interface UniversalArguments {
  readonly dir: string | undefined;
  readonly dev: boolean;
  readonly seed: string | undefined;
  readonly ptau: string | undefined;
  readonly unpinnedPtau: boolean;
}

/** Keys for PLONK or fflonk; proves one input and verifies it before anything is written. */
export async function setupUniversalKeys(
  system: UniversalSystem,
  args: UniversalArguments,
  { hre, progress }: Tools,
): Promise<View> {
  const folder = await compiledDir(args);
  const tau = powersOf(args);
  const setup = await progress(`setting up ${system} keys`, async (note) =>
    setupUniversal(folder.circuit.r1csPath, {
      system,
      tau,
      outDir: join(hre.config.paths.root, "build", "setup"),
      graphDigest: folder.graphDigest as `0x${string}`,
      onProgress: ({ step, done, total }) => note(`${step} (${Math.floor((100 * done) / total)} %)`),
    }),
  );
  await progress("checking the keys with a proof", async () => {
    const { graph, circuit } = folder;
    const { zkeyPath, verifyingKey } = setup;
    await checkKeys(folder, setup, await createProver({ graph, circuit, system, zkeyPath, verifyingKey }));
  });
  const place = await putKeys(folder, system, setup);
  const data = {
    folder: place,
    backend: system,
    setup: setup.manifest.setup,
    verifyingKeyHash: systemKeyHash(setup.verifyingKey),
    graphDigest: folder.graphDigest,
    words: folder.circuit.words,
    onChain: false,
    verified: true,
  };
  const text = fields([
    ["folder", place],
    [
      "backend",
      `${system}: proofs are checked off chain; a deployment needs Groth16 keys (zkml setup without --backend)`,
    ],
    ["setup", setup.manifest.setup === "development" ? "development (its maker can forge proofs)" : "powers of tau"],
    ["verifying key", data.verifyingKeyHash],
    ["checked", "a proof of the lowest input verifies, and not for another context"],
  ]);
  return { data, text };
}

function powersOf({ dev, seed, ptau, unpinnedPtau }: UniversalArguments): UniversalSetupOptions["tau"] {
  if (ptau !== undefined && !dev) return { ptau: { path: ptau, unpinned: unpinnedPtau } };
  if (ptau === undefined && dev) return { seed: seed ?? randomBytes(32) };
  throw new TaskError(
    TaskErrorCode.OptionMissing,
    "give either --dev, which makes development keys and says that you know that whoever makes them can forge proofs, or " +
      "--ptau with a ceremony's powers of tau.",
  );
}
