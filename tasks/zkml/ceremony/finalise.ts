import { join } from "node:path";

import { finaliseCeremony, type Setup } from "@assay/compiler";
import { writeSetup } from "@assay/nodes/operator";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import { action } from "../../shared/action.ts";
import { buildVerifier } from "../../shared/compile-verifier.ts";
import { compiledDir } from "../../shared/model-dir.ts";
import { invalid, required } from "../../shared/options.ts";
import { fields } from "../../shared/report.ts";
import { soliditySettings } from "../../shared/solidity-settings.ts";
import { type CircuitArguments, circuitOf } from "./circuit.ts";
import { showPtau } from "./show.ts";

interface Arguments extends CircuitArguments {
  readonly json: boolean;
  readonly zkey: string | undefined;
  readonly out: string | undefined;
  readonly withoutBeacon: boolean;
}

/** Makes the key of a closed ceremony a model's, or a setup of its own where there is only a circuit. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const zkey = required(args, "zkey", "the key that the beacon made");
  if (args.dir !== undefined && args.out !== undefined) invalid("out", args.out, "it with --constraints only");
  const outDir = args.out ?? join(hre.config.paths.root, "build", "setup");
  const model = args.dir === undefined ? undefined : await compiledDir(args);
  const setup = await progress("checking the ceremony", (note) =>
    finaliseCeremony(circuitOf(args, hre, note), zkey, {
      outDir,
      withoutBeacon: args.withoutBeacon,
      ...(model === undefined ? {} : { graphDigest: model.graphDigest as `0x${string}` }),
    }),
  );
  if (model !== undefined) await progress("compiling the verifier", () => addVerifier(hre, model, setup));
  const { manifest } = setup;
  // What finaliseCeremony wrote.
  if (manifest.setup !== "ceremony") throw new TypeError("not a ceremony's manifest");
  const folder = model?.folder ?? setup.folder;
  const data = { folder, ...manifest };
  const text = fields([
    ["folder", folder],
    ["setup", `ceremony of ${manifest.contributions.length}, ${manifest.beacon === undefined ? "no " : ""}beacon`],
    ["verifying key", manifest.verifyingKeyHash],
    ["powers of tau", showPtau(manifest.ptau)],
    ["verifier", model === undefined ? "not written; give --dir for one" : "for any network"],
  ]);
  return { data, text };
});

async function addVerifier(
  hre: HardhatRuntimeEnvironment,
  model: Awaited<ReturnType<typeof compiledDir>>,
  setup: Setup,
): Promise<void> {
  const built = await buildVerifier(model, setup, soliditySettings(hre));
  await writeSetup(model.folder, { setup, ...built });
}
