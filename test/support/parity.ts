import { expect } from "chai";
import * as ort from "onnxruntime-node";

import { emitRuntime } from "../../compiler/src/emit/runtime/runtime.ts";
import type { IntegerGraph } from "../../compiler/src/graph/types.ts";
import { interpret } from "../../compiler/src/interpret/interpret.ts";
import type { Random } from "./random.ts";

/** All least, all greatest, each element alone at the greatest, and both alternations. */
export function extremes({ input, widths }: IntegerGraph): number[][] {
  const width = widths[input.name] as number;
  const [min, max] = [Number(input.range.min), Number(input.range.max)];
  const fill = (at: (index: number) => number) => Array.from({ length: width }, (_, index) => at(index));
  return [
    fill(() => min),
    fill(() => max),
    fill((index) => (index % 2 === 0 ? min : max)),
    fill((index) => (index % 2 === 0 ? max : min)),
    ...fill((index) => index).map((hot) => fill((index) => (index === hot ? max : min))),
  ];
}

/** `count` inputs, each element uniform over the input's range. */
export function randomInputs({ input, widths }: IntegerGraph, count: number, random: Random): number[][] {
  const [min, max] = [Number(input.range.min), Number(input.range.max)];
  return Array.from({ length: count }, () =>
    random.array(widths[input.name] as number, () => random.integer(min, max)),
  );
}

const OPTIONS = { executionProviders: ["cpu"], intraOpNumThreads: 1 };

/**
 * Runs ONNX Runtime on the emitted model and the interpreter, and compares every tensor bit for bit; then again without
 * the tensors in between, because ONNX Runtime merges other operators when nobody looks at them.
 */
export async function expectParity(graph: IntegerGraph, inputs: readonly (readonly number[])[]): Promise<void> {
  const made = graph.nodes.map((node) => node.output);
  for (const expose of [true, false]) {
    const session = await ort.InferenceSession.create(emitRuntime(graph, { expose }), OPTIONS);
    const tensors = expose ? made : [graph.output.name];
    expect([...session.outputNames].sort(), "tensors that are exposed").to.deep.equal([...tensors].sort());
    for (const input of inputs) {
      const feed = new ort.Tensor("float32", Float32Array.from(input), [1, input.length]);
      const results = await session.run({ [graph.input.name]: feed });
      const expected = interpret(graph, input).tensors;
      for (const tensor of tensors) {
        const got = Array.from(results[tensor]?.data as ArrayLike<number | bigint>, Number);
        // -0 and 0 are one integer.
        const same =
          got.length === expected[tensor]?.length && got.every((value, at) => value === expected[tensor]?.[at]);
        if (!same) expect(got, `${graph.name}: ${tensor} for [${input.join(", ")}]`).to.deep.equal(expected[tensor]);
      }
    }
    await session.release();
  }
}
