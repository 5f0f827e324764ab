import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A compiled contract. */
export interface ContractArtifact {
  readonly abi: readonly object[];
  readonly bytecode: `0x${string}`;
  /** Length of the deployed code in bytes. */
  readonly deployedBytes: number;
}

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly abi: readonly object[];
            readonly evm: {
              readonly bytecode: { readonly object: string };
              readonly deployedBytecode: { readonly object: string };
            };
          }
        >
      >
    >
  >;
}

/**
 * Compiles a generated contract with the project's settings (see `hardhat.config.ts`). Imports are relative to
 * `contracts/generated/`. Cached under `build/test`; warnings are errors.
 */
export async function compileSolidity(source: string, name: string): Promise<ContractArtifact> {
  const key = createHash("sha256").update(`v1\n${name}\n${source}`);
  key.update(await readFile(join(ROOT, "contracts/interfaces/IZkVerifier.sol")));
  const cache = join(ROOT, "build/test/solidity", `${key.digest("hex").slice(0, 32)}.json`);
  const cached = await readFile(cache, "utf8").catch(() => undefined);
  if (cached !== undefined) return JSON.parse(cached) as ContractArtifact;

  const solc = require("solc") as { compile(input: string): string };
  const path = "contracts/generated/Verifier.sol";
  const sources = {
    [path]: { content: source },
    "contracts/interfaces/IZkVerifier.sol": {
      content: await readFile(join(ROOT, "contracts/interfaces/IZkVerifier.sol"), "utf8"),
    },
  };
  const settings = {
    evmVersion: "cancun",
    viaIR: true,
    optimizer: { enabled: true, runs: 1_000_000 },
    metadata: { bytecodeHash: "none" },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources, settings }))) as SolcOutput;
  const messages = (output.errors ?? []).filter(({ severity }) => severity !== "info").map((e) => e.formattedMessage);
  if (messages.length > 0) throw new Error(messages.join("\n"));
  const contract = output.contracts[path]?.[name];
  if (contract === undefined) throw new Error(`no contract ${name}`);
  const artifact: ContractArtifact = {
    abi: contract.abi,
    bytecode: `0x${contract.evm.bytecode.object}`,
    deployedBytes: contract.evm.deployedBytecode.object.length / 2,
  };
  await mkdir(join(ROOT, "build/test/solidity"), { recursive: true });
  await writeFile(cache, JSON.stringify(artifact));
  return artifact;
}
