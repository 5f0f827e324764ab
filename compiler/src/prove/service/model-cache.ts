import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";

import { weightInputs } from "../../emit/circom/private-weights.ts";
import { hashFile } from "../../setup/ceremony/files.ts";
import type { ProofSystem } from "../backends/systems.ts";
import { ArtefactMismatchError } from "../errors.ts";
import { openModel, type OpenedModel, type ProverModel } from "../model.ts";
import { wiresInThread } from "./wires.ts";

/** A model to open, with the digest of its graph where the caller has it. */
export type CachedModel = ProverModel<ProofSystem> & { readonly graphDigest?: string };

interface Entry {
  readonly opened: Promise<OpenedModel>;
  users: number;
}

/** Opened models by the digests of their graph and files, as long as somebody holds them. */
export class ModelCache {
  readonly #entries = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  /** Opens a model, or takes it where the same bytes are open. `release` gives it back; the last one drops it. */
  async open(model: CachedModel): Promise<{ readonly opened: OpenedModel; readonly release: () => void }> {
    const name = await address(model);
    const found = this.#entries.get(name);
    const entry = found ?? { opened: openModel(model, wiresInThread), users: 0 };
    if (found === undefined) this.#entries.set(name, entry);
    entry.users++;
    const release = (): void => {
      entry.users--;
      if (entry.users === 0) this.#entries.delete(name);
    };
    try {
      return { opened: await entry.opened, release };
    } catch (error) {
      release();
      throw error;
    }
  }
}

/** The content of a model's artefacts. Paths count too: a proving key is read where it was opened. */
async function address(model: CachedModel): Promise<string> {
  const { graph, circuit, zkeyPath, system, verifyingKey, witnessBinary, rapidsnark, graphDigest } = model;
  for (const path of [zkeyPath, circuit.wasmPath]) {
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile() !== true) throw new ArtefactMismatchError(`${path}: is not a file; compile and set up again`);
  }
  const ports = [graph.input, graph.output].map(({ name, dtype, dims, range }) => [
    name,
    dtype,
    dims,
    String(range.min),
    String(range.max),
  ]);
  const parts = [
    graphDigest ?? null,
    ports,
    // Private weights are in no file of these.
    Object.entries(weightInputs(graph)).map(([name, values]) => [name, values.join()]),
    circuit.words,
    circuit.binding ?? null,
    system ?? null,
    zkeyPath,
    await hashFile(zkeyPath, "sha256"),
    await hashFile(circuit.wasmPath, "sha256"),
    verifyingKey?.json ?? null,
    witnessBinary ?? null,
    rapidsnark ?? null,
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
