import { readFileSync, statSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const quoted = (path: string): string => JSON.stringify(join(ROOT, path));

/**
 * Writes a program with rapidsnark's arguments that proves with snarkjs, and then does `after`, in which `answer` is
 * `{ proof, publicSignals }`, and `proof` and `words` are the files to write.
 */
export async function proverProgram(folder: string, name: string, { before = "", change = "" } = {}): Promise<string> {
  const body = `
    const [, , zkey, witness, proof, words] = process.argv;
    ${before}
    const { groth16 } = await import(${quoted("node_modules/snarkjs/main.js")});
    const answer = await groth16.prove(zkey, witness);
    ${change}
    writeFileSync(proof, JSON.stringify(answer.proof));
    writeFileSync(words, JSON.stringify(answer.publicSignals));
    process.exit(0);
  `;
  return await program(folder, name, body);
}

/** Writes a program with the arguments of circom's native witness programs, which runs the circuit's WebAssembly. */
export async function witnessProgram(
  folder: string,
  name: string,
  wasmPath: string,
  { before = "", change = "" } = {},
): Promise<string> {
  const body = `
    const [, , input, output] = process.argv;
    ${before}
    const { loadWitnessProgram } = await import(${quoted("compiler/src/prove/witness.ts")});
    const program = await loadWitnessProgram(readFileSync(${JSON.stringify(wasmPath)}));
    const named = Object.entries(JSON.parse(readFileSync(input, "utf8")));
    let file;
    try {
      file = program.calculateFile(Object.fromEntries(named.map(([key, values]) => [key, values.map(BigInt)])));
    } catch {
      console.error("Failed assert in template/function Main line 1. Followed trace of components: main");
      process.abort();
    }
    ${change}
    writeFileSync(output, file);
  `;
  return await program(folder, name, body);
}

/** Writes a program that may be run. */
export async function program(folder: string, name: string, body: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.mjs`);
  const imports =
    'import { readFileSync, writeFileSync, appendFileSync, mkdirSync, rmSync, symlinkSync } from "node:fs";\nimport { dirname } from "node:path";\nimport { spawn } from "node:child_process";\n';
  await writeFile(path, `#!${process.execPath}\n${imports}${body}`);
  await chmod(path, 0o755);
  return path;
}

/** Aborts as soon as there is something in the file at `path`: when a program has come so far. */
export function abortWhenWritten(path: string, stop: AbortController): void {
  const look = setInterval(() => {
    if (statSync(path, { throwIfNoEntry: false })?.size !== undefined && readFileSync(path).length > 0) {
      clearInterval(look);
      stop.abort();
    }
  }, 20);
}
