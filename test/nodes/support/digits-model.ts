import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { compileCircuit } from "../../../compiler/src/emit/circom/compile.ts";
import { publicLayout } from "../../../compiler/src/emit/circom/layout.ts";
import { emitVerifier } from "../../../compiler/src/emit/solidity/verifier.ts";
import { graphDigest, serialiseGraph } from "../../../compiler/src/index.ts";
import { setupDevelopment } from "../../../compiler/src/setup/development.ts";
import { DirectoryBlobStore } from "../../../nodes/shared/index.ts";
import {
  encodeManifest,
  encodeTensor,
  type Manifest,
  type ManifestFile,
  type ManifestTensor,
  verifyingKeyHash,
} from "../../../sdk/src/index.ts";
import { compileDigits, heldOut } from "../../support/digits.ts";
import { compileSolidity, type ContractArtifact } from "../../support/solidity.ts";

/** The digits model as a publisher would prepare it. */
export interface PreparedModel {
  /** Folder with `sha256/<hex>`. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly manifestDigest: string;
  /** Digest by role. */
  readonly digests: Readonly<Record<string, string>>;
  readonly verifier: ContractArtifact | undefined;
}

/** Compiles the digits model and puts all of it into a fresh blob folder. */
export async function prepareDigits({ zkml = false } = {}): Promise<PreparedModel> {
  const { graph, runtimeOnnx } = compileDigits();
  const folder = await mkdtemp(join(tmpdir(), "assay-blobs-"));
  const blobs = new DirectoryBlobStore(folder);
  const digests: Record<string, string> = {};
  const files: ManifestFile[] = [];
  const add = async (role: ManifestFile["role"], path: string, bytes: Uint8Array): Promise<void> => {
    const sha256 = await blobs.put(bytes);
    digests[role] = sha256;
    files.push({ path, sha256, bytes: bytes.length, role });
  };
  await add("graph", "graph.json", new TextEncoder().encode(serialiseGraph(graph)));
  await add("runtime", "runtime.onnx", runtimeOnnx);
  let zk: Manifest["zk"];
  let verifier: ContractArtifact | undefined;
  if (zkml) {
    const circuit = await compileCircuit(graph);
    const setup = await setupDevelopment(circuit.r1csPath, { outDir: "build/zkml/setup", seed: "assay test" });
    await add("witness", "circuit.wasm", new Uint8Array(await readFile(circuit.wasmPath)));
    await add("proving-key", "model.zkey", new Uint8Array(await readFile(setup.zkeyPath)));
    await add("verifying-key", "verifying-key.json", new Uint8Array(await readFile(setup.verifyingKeyPath)));
    zk = {
      verifyingKeyHash: verifyingKeyHash(JSON.parse(await readFile(setup.verifyingKeyPath, "utf8"))),
      setup: "development",
      constraints: circuit.constraints.total,
      words: circuit.words,
      provenance: "made by the tests",
    };
    const layout = publicLayout(graph);
    const source = emitVerifier({
      name: "DigitsVerifier",
      verifyingKey: setup.verifyingKey,
      setup: "development",
      graphDigest: graphDigest(graph),
      inputBytes: layout.input.byteLength,
      outputBytes: layout.output.byteLength,
    });
    verifier = await compileSolidity(source, "DigitsVerifier");
  }
  const edge = ({ name, dtype, dims, range, scale, zeroPoint }: typeof graph.input): ManifestTensor => {
    return { name, dtype, dims: [...dims], range: { min: `${range.min}`, max: `${range.max}` }, scale, zeroPoint };
  };
  const manifest: Manifest = {
    format: "assay.manifest/1",
    name: "digits",
    description: "Handwritten digits, 8x8, for tests.",
    licence: "CC-BY-4.0",
    files,
    graphDigest: graphDigest(graph),
    input: edge(graph.input),
    output: edge(graph.output),
    ...(zk !== undefined && { zk }),
  };
  const manifestDigest = await blobs.put(encodeManifest(manifest));
  return { folder, manifest, manifestDigest, digests, verifier };
}

/** Canonical input of held-out image number `index`. */
export function imageInput(index: number, spec: ManifestTensor): Uint8Array {
  const { pixels } = heldOut[index]!;
  return encodeTensor({ dtype: "u8", dims: spec.dims, data: pixels.map(BigInt) });
}
