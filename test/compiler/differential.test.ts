import { expect } from "chai";

import { serialiseGraph } from "../../compiler/src/graph/serialise.ts";
import { interpret } from "../../compiler/src/interpret/interpret.ts";
import { CircuitBatch } from "../support/circuit-batch.ts";
import { BATCH, compareBatch, inputsOf, reduced, smallDag } from "../support/differential.ts";
import { OPS } from "../support/random-dags.ts";

/** How many random graphs, and the seed of the first; `npm run fuzz:circuits` takes 2,000 from a fresh seed. */
const COUNT = Number(process.env["ASSAY_DIFFERENTIAL"] ?? 150);
const SEED = Number(process.env["ASSAY_SEED"] ?? 700_000);

const seedsFrom = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);

describe("differential fuzzing", () => {
  it(`interpreter, ONNX Runtime and witness agree on ${COUNT} random graphs from seed ${SEED}`, async function () {
    this.timeout(60_000 + 2_000 * COUNT);
    for (let from = SEED; from < SEED + COUNT; from += BATCH) {
      const [first] = await compareBatch(seedsFrom(from, Math.min(BATCH, SEED + COUNT - from)));
      if (first === undefined) continue;
      const { seed, input, interpreter, runtime, witness } = first;
      const what = [
        `seed ${seed} for [${input.join(", ")}]: interpreter [${interpreter.join(", ")}], ONNX Runtime [${runtime.join(", ")}],`,
        `witness ${typeof witness === "string" ? witness : `[${witness.join(", ")}]`}; the first nodes that show it:`,
        serialiseGraph(await reduced(first)),
      ];
      expect.fail(what.join("\n"));
    }
  });

  it("takes every op", () => {
    const seen = new Set(seedsFrom(SEED, 500).flatMap((seed) => smallDag(seed).nodes.map(({ op }) => op)));
    expect([...seen].sort()).to.deep.equal([...OPS].sort());
  });

  it("can fail: each circuit of a batch refuses a wrong output, and its signals show the right one", async function () {
    this.timeout(120_000);
    const graphs = seedsFrom(SEED, 12).map(smallDag);
    const batch = await CircuitBatch.compile(graphs);
    const inputs = graphs.map((graph) => inputsOf(graph, SEED).at(-1)!);
    const right = graphs.map((graph, at) => interpret(graph, inputs[at]!.map(Number)).output);
    expect(batch.outputs(inputs)).to.deep.equal(right);
    const claims = right.map((values) => values.map(BigInt));
    for (const [at, values] of claims.entries()) {
      const wrong = values.map((value, element) => (element === values.length - 1 ? value ^ 1n : value));
      const claimed = claims.map((each, other) => (other === at ? wrong : each));
      expect(() => batch.outputs(inputs, claimed), graphs[at]!.name).to.throw("a constraint does not hold");
    }
  });
});
