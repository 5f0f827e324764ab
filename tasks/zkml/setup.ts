import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { createGroth16Prover, setupDevelopment } from "@assay/compiler";
import { writeSetup } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { buildVerifier } from "../shared/compile-verifier.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { compiledDir } from "../shared/model-dir.ts";
import { fields } from "../shared/report.ts";
import { soliditySettings } from "../shared/solidity-settings.ts";
import { backendOf } from "./backend.ts";
import { checkKeys } from "./check-keys.ts";
import { setupUniversalKeys } from "./setup-universal.ts";

interface Arguments {
  readonly json: boolean;
  readonly dir: string | undefined;
  readonly dev: boolean;
  readonly seed: string | undefined;
  readonly backend: string | undefined;
  readonly ptau: string | undefined;
  readonly unpinnedPtau: boolean;
}

/** Keys and verifier of a compiled model; proves one input and verifies it before anything is written. */
export default action<Arguments>(async (args, tools) => {
  const { hre, progress } = tools;
  const system = backendOf(args.backend);
  if (system !== "groth16") return await setupUniversalKeys(system, args, tools);
  if (args.ptau !== undefined || args.unpinnedPtau) {
    throw new TaskError(
      TaskErrorCode.OptionInvalid,
      "--ptau is for --backend plonk or fflonk; Groth16 keys from powers of tau come from `npx hardhat zkml ceremony`.",
    );
  }
  if (!args.dev) {
    throw new TaskError(
      TaskErrorCode.OptionMissing,
      "--dev is missing; this makes development keys, and --dev says that you know that whoever makes them can forge " +
        "proofs. Keys for live networks come from `npx hardhat zkml ceremony`.",
    );
  }
  const folder = await compiledDir(args);
  const { setup, built } = await progress("setting up keys", async (note) => {
    const made = await setupDevelopment(folder.circuit.r1csPath, {
      seed: args.seed ?? randomBytes(32),
      outDir: join(hre.config.paths.root, "build", "setup"),
      onProgress: ({ step, done, total }) => note(`${step} (${Math.floor((100 * done) / total)} %)`),
    });
    note("compiling the verifier");
    return { setup: made, built: await buildVerifier(folder, made, soliditySettings(hre)) };
  });
  await progress("checking the keys with a proof", async () => {
    const { graph, circuit } = folder;
    await checkKeys(folder, setup, await createGroth16Prover({ graph, circuit, zkeyPath: setup.zkeyPath }));
  });
  await writeSetup(folder.folder, { setup, ...built });
  const data = {
    folder: folder.folder,
    setup: setup.manifest.setup,
    verifyingKeyHash: setup.manifest.verifyingKeyHash,
    graphDigest: folder.graphDigest,
    words: folder.circuit.words,
    verifierBytes: (built.verifier.bytecode.length - 2) / 2,
    verified: true,
  };
  const text = fields([
    ["folder", data.folder],
    ["setup", `${data.setup} (its maker can forge proofs; local chains only)`],
    ["verifying key", data.verifyingKeyHash],
    ["verifier", `${data.verifierBytes} bytes of creation code`],
    ["checked", "a proof of the lowest input verifies, and not for another context"],
  ]);
  return { data, text };
});
