import { readFile } from "node:fs/promises";

import { describeProvenance, type TensorSpec } from "@assay/compiler";
import {
  encodeManifest,
  type Manifest,
  type ManifestEnclavePolicy,
  type ManifestFile,
  type ManifestTensor,
} from "@assay/sdk";

import type { BlobStore } from "../shared/blobs/store.ts";
import { OperatorError, OperatorErrorCode } from "./errors.ts";
import { MODEL_FILES, type ModelFolder, modelFile, requireSetup } from "./model-folder.ts";

export interface ManifestOptions {
  readonly name: string;
  readonly description?: string;
  /** SPDX expression, or where the licence's text is. */
  readonly licence: string;
  /** Whether the version takes zk proofs: then circuit and keys are listed, too. */
  readonly zkml: boolean;
  /** Policies that the owner accepts enclaves under; none named when left out or empty. */
  readonly enclavePolicies?: readonly ManifestEnclavePolicy[];
}

/** A manifest whose files are kept, and its digest: what `publishVersion` registers. */
export interface StoredManifest {
  readonly manifest: Manifest;
  /** SHA-256 of the canonical bytes, under which they are kept. */
  readonly digest: string;
}

/**
 * Makes the manifest of a model folder and keeps it, with every file that it lists, in `store`. Of a model with private
 * weights it lists nothing that has them: not the model, the graph or the runtime.
 * @throws {OperatorError} when zk proofs are wanted and the folder has no keys.
 * @throws {ManifestError} when a name or text is not allowed.
 */
export async function storeModel(
  store: BlobStore,
  folder: ModelFolder,
  options: ManifestOptions,
): Promise<StoredManifest> {
  const setup = options.zkml ? requireSetup(folder).setup : undefined;
  const secret = folder.graph.weightsSalt !== undefined;
  if (secret && setup === undefined) {
    throw new OperatorError(
      OperatorErrorCode.ModelFolder,
      `${folder.folder} has private weights, which nothing but a proof shows to be those of a version; publish it with zk proofs.`,
    );
  }
  const roles: ReadonlyArray<readonly [keyof typeof MODEL_FILES, ManifestFile["role"]]> = [
    ...(secret
      ? []
      : ([
          ["model", "model"],
          ["graph", "graph"],
          ["runtime", "runtime"],
        ] as const)),
    ...(setup === undefined
      ? []
      : ([
          ["circuit", "circuit"],
          ["witness", "witness"],
          ["provingKey", "proving-key"],
          ["verifyingKey", "verifying-key"],
        ] as const)),
  ];
  const named = options.enclavePolicies ?? [];
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
    output: manifestTensor(secret ? withoutRange(folder.graph.output) : folder.graph.output),
    ...(setup === undefined
      ? {}
      : {
          zk: {
            verifyingKeyHash: setup.manifest.verifyingKeyHash,
            setup: setup.manifest.setup,
            constraints: folder.circuit.constraints.total,
            words: folder.circuit.words,
            ...(folder.circuit.binding === undefined ? {} : { binding: { ...folder.circuit.binding } }),
            provenance: describeProvenance(setup.manifest),
          },
        }),
    ...(named.length === 0 ? {} : { enclavePolicies: [...named] }),
  };
  return { manifest, digest: await store.put(encodeManifest(manifest)) };
}

/** The range of an output tells of the weights; that of its type does not. */
function withoutRange(spec: TensorSpec): TensorSpec {
  const [, sign, bits] = /^([ui])(8|16|32)$/.exec(spec.dtype)!;
  const span = 1n << BigInt(bits!);
  return { ...spec, range: sign === "u" ? { min: 0n, max: span - 1n } : { min: -span / 2n, max: span / 2n - 1n } };
}

function manifestTensor({ name, dtype, dims, range, scale, zeroPoint }: TensorSpec): ManifestTensor {
  const interval = { min: range.min.toString(), max: range.max.toString() };
  return { name, dtype, dims: [...dims], range: interval, scale, zeroPoint };
}
