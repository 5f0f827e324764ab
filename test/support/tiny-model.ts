import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { compileCircuit } from "../../compiler/src/emit/circom/compile.ts";
import type { IntegerGraph } from "../../compiler/src/graph/types.ts";
import type { ProofRequest } from "../../compiler/src/prove/statement.ts";
import { setupDevelopment } from "../../compiler/src/setup/development.ts";
import { encodeTensor, evaluate, randomMlp, tensor } from "./random-graphs.ts";

/** Where tests keep what they build. */
export const BUILD = fileURLToPath(new URL("../../build/test/", import.meta.url));

/** A network of 4-3-3, small enough for any proof system in a test. */
export const tiny: IntegerGraph = randomMlp({
  seed: 21,
  input: tensor("pixels", "i8", [1, 4], -8n, 7n),
  hidden: [{ width: 3, shift: 4, clamp: { min: 0n, max: 15n } }],
  outputs: 3,
  output: "logits",
  weight: 9,
});

/** The statement that the tiny network answers `x` with what it answers. */
export function tinyRequest(x: readonly bigint[], context = new Uint8Array(31).fill(1)): ProofRequest {
  const output = evaluate(tiny, x).get("output") as readonly bigint[];
  return { context, input: encodeTensor(tiny.input, x), output: encodeTensor(tiny.output, output) };
}

/** Its circuit and Groth16 keys. */
export async function tinyFiles() {
  const circuit = await compileCircuit(tiny, { outDir: join(BUILD, "zkml") });
  const setup = await setupDevelopment(circuit.r1csPath, { seed: "prover", outDir: join(BUILD, "setup-prover") });
  return { graph: tiny, circuit, setup };
}

/** The error's code that `work` ends with; fails the test where it ends well. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => new Error("nothing was thrown"),
    (caught: unknown) => caught,
  );
  const { code, message } = error as { code?: string; message?: string };
  return code ?? `no code: ${message}`;
}
