import { readFile } from "node:fs/promises";

import { describeProvenance, type TensorSpec } from "@assay/compiler";
import { encodeManifest, type Manifest, type ManifestFile, type ManifestTensor } from "@assay/sdk";

import type { BlobStore } from "../shared/blobs/store.ts";
import { MODEL_FILES, type ModelFolder, modelFile, requireSetup } from "./model-folder.ts";

export interface ManifestOptions {
  readonly name: string;
  readonly description?: string;
  /** SPDX expression, or where the licence's text is. */
  readonly licence: string;
  /** Whether the version takes zk proofs: then circuit and keys are listed, too. */
  readonly zkml: boolean;
}

/** A manifest whose files are kept, and its digest: what `publishVersion` registers. */
export interface StoredManifest {
  readonly manifest: Manifest;
  /** SHA-256 of the canonical bytes, under which they are kept. */
  readonly digest: string;
}

/**
 * Makes the manifest of a model folder and keeps it, with every file that it lists, in `store`.
 * @throws {OperatorError} when zk proofs are wanted and the folder has no keys.
 * @throws {ManifestError} when a name or text is not allowed.
 */
export async function storeModel(
  store: BlobStore,
  folder: ModelFolder,
  options: ManifestOptions,
): Promise<StoredManifest> {
  const setup = options.zkml ? requireSetup(folder).setup : undefined;
  const roles: ReadonlyArray<readonly [keyof typeof MODEL_FILES, ManifestFile["role"]]> = [
    ["model", "model"],
    ["graph", "graph"],
    ["runtime", "runtime"],
    ...(setup === undefined
      ? []
      : ([
          ["circuit", "circuit"],
          ["witness", "witness"],
          ["provingKey", "proving-key"],
          ["verifyingKey", "verifying-key"],
        ] as const)),
  ];
  const files: ManifestFile[] = [];
  for (const [file, role] of roles) {
    const bytes = new Uint8Array(await readFile(modelFile(folder.folder, file)));
    files.push({ path: MODEL_FILES[file], sha256: await store.put(bytes), bytes: bytes.length, role });
  }
  const manifest: Manifest = {
    format: "assay.manifest/1",
    name: options.name,
    description: options.description ?? "",
    licence: options.licence,
    files,
    graphDigest: folder.graphDigest,
    input: manifestTensor(folder.graph.input),
    output: manifestTensor(folder.graph.output),
    ...(setup === undefined
      ? {}
      : {
          zk: {
            verifyingKeyHash: setup.manifest.verifyingKeyHash,
            setup: setup.manifest.setup,
            constraints: folder.circuit.constraints.total,
            words: folder.circuit.words,
            provenance: describeProvenance(setup.manifest),
          },
        }),
  };
  return { manifest, digest: await store.put(encodeManifest(manifest)) };
}

function manifestTensor({ name, dtype, dims, range, scale, zeroPoint }: TensorSpec): ManifestTensor {
  const interval = { min: range.min.toString(), max: range.max.toString() };
  return { name, dtype, dims: [...dims], range: interval, scale, zeroPoint };
}
