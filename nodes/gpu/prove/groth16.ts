import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createGroth16Prover } from "@assay/compiler";

import type { OpenProver } from "./types.ts";

/**
 * Opens snarkjs's prover for a model. The verified bytes go through a folder that only this process reads and that is
 * gone when this returns, because the prover takes paths.
 */
export const openGroth16Prover: OpenProver = async (graph, { provingKey, witness, words }, binding) => {
  // mkdtemp makes the folder with mode 700.
  const folder = await mkdtemp(join(tmpdir(), "assay-prover-"));
  try {
    const wasmPath = join(folder, "circuit.wasm");
    const zkeyPath = join(folder, "circuit.zkey");
    await writeFile(wasmPath, witness);
    await writeFile(zkeyPath, provingKey);
    return await createGroth16Prover({ graph, circuit: { wasmPath, words, binding }, zkeyPath });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
