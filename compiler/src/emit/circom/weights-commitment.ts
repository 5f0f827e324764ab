import { chainStart, poseidonChain } from "@assay/sdk";

import type { IntegerGraph } from "../../graph/types.ts";
import { packedWeights, type Salted, weightGroups, weightWordCount } from "./private-weights.ts";

/**
 * What a circuit with private weights is bound to: Poseidon of the graph's salt and its weights. It hides the weights from
 * who does not know the salt. `undefined` where weights are constants.
 */
export function weightsCommitment(graph: Salted): bigint | undefined {
  if (graph.weightsSalt === undefined) return undefined;
  return poseidonChain("weights", [BigInt(graph.weightsSalt), ...weightGroups(graph).flatMap(packedWeights)]);
}

/** Lines that prove weights to be in range and under the commitment; they come before all nodes. */
export function weightChecks(graph: IntegerGraph): readonly string[] {
  const groups = weightGroups(graph);
  const words = groups.reduce((sum, group) => sum + weightWordCount(group), 0);
  const lines = [
    "",
    "    // weights: private, in range, and under the commitment",
    `    signal weightChain[${words + 1}];`,
    "    weightChain[0] <== weightsSalt;",
  ];
  let at = 1;
  for (const [index, group] of groups.entries()) {
    const { from, bits, values, node, kind } = group;
    const count = weightWordCount(group);
    lines.push(
      `    // ${kind} of node ${node}`,
      `    component w${index} = PrivateWeights(${values.length}, ${bits});`,
      `    for (var i = 0; i < ${values.length}; i++) {`,
      `        w${index}.weight[i] <== weights[i + ${from}];`,
      "    }",
      `    for (var k = 0; k < ${count}; k++) {`,
      `        weightChain[k + ${at}] <== w${index}.words[k];`,
      "    }",
    );
    at += count;
  }
  return [
    ...lines,
    `    signal weightHash <== PoseidonChain(${words + 1}, ${chainStart("weights", words + 1)})(weightChain);`,
    `    weightHash === ${weightsCommitment(graph)};`,
  ];
}
