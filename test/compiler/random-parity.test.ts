import { expect } from "chai";

import { verifyGraph } from "../../compiler/src/graph/verify.ts";
import { interpret } from "../../compiler/src/interpret/interpret.ts";
import { expectParity, extremes, randomInputs } from "../support/parity.ts";
import { OPS, randomDag } from "../support/random-dags.ts";
import { evaluate, legalInputs } from "../support/random-graphs.ts";
import { Random } from "../support/random.ts";

/** How many random graphs, and the seed of the first; each next graph has the next seed. */
const COUNT = Number(process.env["ASSAY_GRAPHS"] ?? 300);
const SEED = Number(process.env["ASSAY_SEED"] ?? 20_000);

describe("random graphs of every op", () => {
  const seeds = Array.from({ length: COUNT }, (_, at) => SEED + at);
  // Every tenth has all ops at once.
  const graphOf = (seed: number) => randomDag(seed % 10 === 0 ? { seed, ops: OPS } : { seed });

  it(`are valid, and the interpreter agrees with their definition: ${COUNT} from seed ${SEED}`, function () {
    this.timeout(60_000 + 100 * COUNT);
    const seen = new Set<string>();
    for (const seed of seeds) {
      const graph = graphOf(seed);
      verifyGraph(graph);
      for (const { op } of graph.nodes) seen.add(op);
      for (const input of legalInputs(graph.input, 10, seed)) {
        const { tensors } = interpret(graph, input);
        for (const [name, values] of evaluate(graph, input)) {
          expect(tensors[name], `${graph.name}: ${name} for [${input.join(", ")}]`).to.deep.equal(values.map(Number));
        }
      }
    }
    expect([...seen].sort(), "ops that came up").to.deep.equal([...OPS].sort());
  });

  it(`agree with ONNX Runtime on extremes and random inputs, every tensor: ${COUNT} from seed ${SEED}`, async function () {
    this.timeout(60_000 + 1_000 * COUNT);
    for (const seed of seeds) {
      const graph = graphOf(seed);
      await expectParity(graph, [...extremes(graph), ...randomInputs(graph, 10, new Random(seed))]);
    }
  });
});
