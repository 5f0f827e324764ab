import { expect } from "chai";
import * as ort from "onnxruntime-node";

import { emitRuntime } from "../../compiler/src/emit/runtime/runtime.ts";
import type { IntegerGraph, IntegerNode } from "../../compiler/src/graph/types.ts";
import { onnxModelType } from "../../compiler/src/onnx/schema.ts";
import { graphOf, interval, smallGraph } from "../support/graphs.ts";
import { OPS, randomDag } from "../support/random-dags.ts";
import { tensor } from "../support/random-graphs.ts";

async function run(graph: IntegerGraph, input: readonly number[]): Promise<ort.Tensor> {
  const session = await ort.InferenceSession.create(emitRuntime(graph), { logSeverityLevel: 4 });
  try {
    const feed = new ort.Tensor("float32", Float32Array.from(input), [1, input.length]);
    const results = await session.run({ [graph.input.name]: feed });
    return results[graph.output.name] as ort.Tensor;
  } finally {
    await session.release();
  }
}

describe("emit/runtime emitRuntime", () => {
  it("gives one label as int64 [1], and several as float32 [1, n]", async () => {
    const label = await run(smallGraph(), [3, 0]);
    expect([label.type, label.dims, label.data]).to.deep.equal(["int64", [1], BigInt64Array.of(1n)]);
    const argmax: IntegerNode = { op: "argmax", name: "n", input: "x", output: "y", width: 2 };
    const several = await run(graphOf("labels", tensor("x", "u8", [4], 0n, 9n), [argmax]), [1, 2, 4, 4]);
    expect([several.type, several.dims, several.data]).to.deep.equal(["float32", [1, 2], Float32Array.of(1, 0)]);
  });

  it("gives a label that another node reads as a number to both", async () => {
    const nodes: IntegerNode[] = [
      { op: "argmax", name: "a", input: "x", output: "y", width: 3 },
      { op: "onehot", name: "o", input: "y", output: "z", size: 3 },
    ];
    const graph = graphOf("label", tensor("x", "u8", [3], 0n, 9n), nodes);
    expect((await run(graph, [1, 2, 0])).data).to.deep.equal(Float32Array.of(0, 1, 0));
    const dims = [1];
    const inner = { ...graph, output: { ...graph.output, name: "y", dims, range: interval(0, 2) } };
    expect((await run(inner, [1, 2, 0])).data).to.deep.equal(Float32Array.of(1));
  });

  it("writes the same bytes for the same graph, with no operator that a library may compute inexactly", () => {
    const graph = randomDag({ seed: 1, ops: OPS });
    const bytes = emitRuntime(graph);
    expect(emitRuntime(structuredClone(graph))).to.deep.equal(bytes);
    const model = onnxModelType().decode(bytes) as unknown as { graph: { node: { op_type: string; name: string }[] } };
    const used = new Set(model.graph.node.map((node) => node.op_type));
    // Conv may become Winograd's method; a float Div need not round correctly; Pow, Exp and Gemm have no place here.
    const legal =
      "Add ArgMax Cast Clip Concat Div Equal Floor Gather Greater Identity Less MatMul Max Mul Pad ReduceMax ReduceSum " +
      "Reshape Sub Transpose";
    expect([...used].filter((op) => !legal.split(" ").includes(op))).to.deep.equal([]);
    const names = model.graph.node.map(({ name }) => name);
    expect(new Set(names).size, "names of operators").to.equal(names.length);
  });

  it("outlives a divisor of 0, which only input out of range can make", async () => {
    const nodes: IntegerNode[] = [{ op: "divide", name: "d", left: "x", right: "x", output: "y" }];
    const graph = graphOf("divide", tensor("x", "i8", [1], 1n, 9n), nodes);
    expect((await run(graph, [0])).data).to.have.length(1);
  });
});
