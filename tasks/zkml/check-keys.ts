import { interpret, type ProofSystem, type Prover, verifyOffChain } from "@assay/compiler";
import type { ModelFolder } from "@assay/nodes/operator";
import { encodeTensor, PACKED_BINDING } from "@assay/sdk";

import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { commitPorts } from "./binding.ts";

/** What came of a setup. */
interface Keys {
  readonly folder: string;
  readonly verifyingKey: Parameters<typeof verifyOffChain>[0];
}

/**
 * Proves the lowest input, and sees the proof hold for its words and not for others. Closes the prover.
 *
 * @throws {TaskError} when it does not.
 */
export async function checkKeys(
  { graph, circuit }: ModelFolder,
  keys: Keys,
  prover: Prover<ProofSystem>,
): Promise<void> {
  const count = graph.input.dims.reduce((product, size) => product * size, 1);
  const lowest = Array.from({ length: count }, () => graph.input.range.min);
  const { output } = interpret(graph, lowest.map(Number));
  try {
    const input = encodeTensor({ dtype: graph.input.dtype, dims: graph.input.dims, data: lowest });
    const answer = encodeTensor({ dtype: graph.output.dtype, dims: graph.output.dims, data: output.map(BigInt) });
    const { salts } = commitPorts(circuit.binding ?? PACKED_BINDING, input, answer);
    const { words, proof } = await prover.prove({ context: new Uint8Array(31), input, output: answer, ...salts });
    const other = words.map((word, index) => (index === 0 ? word + 1n : word));
    const holds = await verifyOffChain(keys.verifyingKey, words, proof);
    if (holds && !(await verifyOffChain(keys.verifyingKey, other, proof))) return;
  } finally {
    await prover.close();
  }
  throw new TaskError(
    TaskErrorCode.NotVerified,
    `The keys of ${keys.folder} do not verify what they prove, or verify more; delete that folder and run the task again.`,
  );
}
