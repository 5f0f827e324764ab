import { createHash, randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import {
  groth16Key,
  PROOF_SYSTEMS,
  type ProofSystem,
  readUniversal,
  type SystemKey,
  systemKeyHash,
  type UniversalSetup,
  type UniversalSystem,
} from "@assay/compiler";
import { type ModelFolder, requireSetup } from "@assay/nodes/operator";

import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { invalid } from "../shared/options.ts";

/** The keys of one proof system for a model. */
export interface Keys {
  readonly zkeyPath: string;
  readonly key: SystemKey;
  readonly hash: string;
}

/** The proof system of `--backend`. */
export function backendOf(value: string | undefined): ProofSystem {
  const system = PROOF_SYSTEMS.find((name) => name === (value ?? "groth16"));
  return system ?? invalid("backend", value ?? "", PROOF_SYSTEMS.join(", "));
}

/**
 * The model's keys for a proof system: Groth16's from `setup/`, the others' from a folder of their name.
 * @throws {OperatorError | TaskError} when there are none, or they are of another circuit.
 */
export async function keysOf(folder: ModelFolder, system: ProofSystem): Promise<Keys> {
  if (system === "groth16") {
    const { setup } = requireSetup(folder);
    return { zkeyPath: setup.zkeyPath, key: groth16Key(setup.verifyingKey), hash: setup.manifest.verifyingKeyHash };
  }
  const place = join(folder.folder, system);
  const again = `run \`npx hardhat zkml setup --dir ${folder.folder} --backend ${system} --dev\` for it`;
  const setup = await readUniversal(place);
  if (setup === undefined) throw new TaskError(TaskErrorCode.File, `${place} holds no ${system} keys; ${again}.`);
  const r1cs = createHash("sha256")
    .update(await readFile(folder.circuit.r1csPath))
    .digest("hex");
  if (setup.manifest.r1csDigest !== `0x${r1cs}` || setup.manifest.system !== system) {
    throw new TaskError(TaskErrorCode.FileContent, `${place} is of another circuit; ${again}.`);
  }
  return { zkeyPath: setup.zkeyPath, key: setup.verifyingKey, hash: systemKeyHash(setup.verifyingKey) };
}

/** Puts universal keys into the model's folder, in place of others; the folder holds the old ones, none, or the new ones. */
export async function putKeys(folder: ModelFolder, system: UniversalSystem, setup: UniversalSetup): Promise<string> {
  const place = join(folder.folder, system);
  const work = `${place}.tmp-${process.pid}-${randomBytes(4).toString("hex")}`;
  try {
    await mkdir(work, { recursive: true });
    for (const name of ["model.zkey", "verifying-key.json", "setup.json"]) {
      await copyFile(join(setup.folder, name), join(work, name));
    }
    await rm(place, { recursive: true, force: true });
    await rename(work, place);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return place;
}
