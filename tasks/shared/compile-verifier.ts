import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { emitVerifier, publicLayout, weightsCommitment } from "@assay/compiler";
import type { Setup, VerifierOptions } from "@assay/compiler";
import type { ModelFolder, VerifierArtifact } from "@assay/nodes/operator";

import { TaskError, TaskErrorCode } from "./error.ts";

const PROJECT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const CONTRACT = "Groth16Verifier";
const SOURCE = "Verifier.sol";
const INTERFACE = "contracts/interfaces/IZkVerifier.sol";

/** Settings of the Solidity compiler, as `hardhat.config.ts` has them. */
export type SolidityCompilerSettings = Readonly<Record<string, unknown>>;

interface SolcOutput {
  readonly errors?: ReadonlyArray<{ readonly severity: string; readonly formattedMessage: string }>;
  readonly contracts?: Record<
    string,
    Record<
      string,
      { readonly abi: VerifierArtifact["abi"]; readonly evm: { readonly bytecode: { readonly object: string } } }
    >
  >;
}

/**
 * Writes the Solidity verifier of a setup and compiles it with the compiler and the settings of the project.
 * @param settings `solidity` settings of the Hardhat configuration.
 */
export async function buildVerifier(
  {
    graph,
    graphDigest,
    circuit,
  }: Pick<ModelFolder, "graph" | "graphDigest"> & { readonly circuit: Pick<ModelFolder["circuit"], "binding"> },
  setup: Setup,
  settings: SolidityCompilerSettings,
): Promise<{ readonly solidity: string; readonly verifier: VerifierArtifact }> {
  const layout = publicLayout(graph, circuit.binding);
  const commitment = weightsCommitment(graph);
  const options = {
    verifyingKey: setup.verifyingKey,
    setup: setup.manifest.setup,
    graphDigest: graphDigest as `0x${string}`,
    inputBytes: layout.input.publishedBytes,
    outputBytes: layout.output.publishedBytes,
    binding: layout.binding,
    ...(commitment === undefined ? {} : { weightsCommitment: commitment }),
  };
  return compileVerifier(options, setup.manifest.verifyingKeyHash, settings);
}

/** The same for a key of any circuit. */
export function compileVerifier(
  options: Omit<VerifierOptions, "name" | "interfacePath">,
  verifyingKeyHash: string,
  settings: SolidityCompilerSettings,
): { readonly solidity: string; readonly verifier: VerifierArtifact } {
  const solidity = emitVerifier({ ...options, name: CONTRACT, interfacePath: `./${INTERFACE}` });
  const solc = createRequire(import.meta.url)("solc") as {
    version(): string;
    compile(input: string, callbacks: object): string;
  };
  const input = {
    language: "Solidity",
    sources: { [SOURCE]: { content: solidity } },
    settings: { ...settings, outputSelection: { [SOURCE]: { [CONTRACT]: ["abi", "evm.bytecode.object"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport })) as SolcOutput;
  const error = output.errors?.find(({ severity }) => severity === "error");
  const compiled = output.contracts?.[SOURCE]?.[CONTRACT];
  if (error !== undefined || compiled === undefined) {
    throw new TaskError(
      TaskErrorCode.FileContent,
      `The generated verifier does not compile: ${error?.formattedMessage ?? "no output"}; report this with the model's graph.json.`,
    );
  }
  return {
    solidity,
    verifier: {
      format: "assay.verifier/1",
      contractName: CONTRACT,
      graphDigest: options.graphDigest,
      verifyingKeyHash,
      setup: options.setup,
      compiler: { version: solc.version(), settings: { ...settings } },
      abi: compiled.abi,
      bytecode: `0x${compiled.evm.bytecode.object}`,
    },
  };
}

/** Only the one interface that a verifier implements. */
function readImport(path: string): { contents: string } | { error: string } {
  if (path !== INTERFACE) return { error: `${path} is not what a generated verifier imports` };
  return { contents: readFileSync(join(PROJECT, INTERFACE), "utf8") };
}
