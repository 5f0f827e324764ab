import * as ort from "onnxruntime-node";

import { emitRuntime } from "../../compiler/src/emit/runtime/runtime.ts";
import type { IntegerGraph } from "../../compiler/src/graph/types.ts";
import { interpret } from "../../compiler/src/interpret/interpret.ts";
import { CircuitBatch } from "./circuit-batch.ts";
import { graphOf } from "./graphs.ts";
import { OPS, randomDag } from "./random-dags.ts";
import { legalInputs, randomIntegers } from "./random-graphs.ts";

/** Inputs for each graph: all least, all greatest, both alternations, and random ones. */
const INPUTS = 8;
/** Graphs in one circom program. */
export const BATCH = 50;

/** A graph of one to three kinds of ops; the same seed gives the same graph. */
export function smallDag(seed: number): IntegerGraph {
  const random = randomIntegers(seed ^ 0x5eed);
  const ops = Array.from({ length: random(1, 3) }, () => OPS[random(0, OPS.length - 1)]!);
  return randomDag({ seed, ops });
}

export const inputsOf = (graph: IntegerGraph, seed: number): bigint[][] => [...legalInputs(graph.input, INPUTS, seed)];

/** What ONNX Runtime makes of the emitted model. */
async function runtimeOutputs(graph: IntegerGraph, inputs: readonly (readonly bigint[])[]): Promise<number[][]> {
  const options = { executionProviders: ["cpu"], intraOpNumThreads: 1, logSeverityLevel: 4 } as const;
  const session = await ort.InferenceSession.create(emitRuntime(graph), options);
  const outputs: number[][] = [];
  for (const x of inputs) {
    const feed = new ort.Tensor("float32", Float32Array.from(x, Number), [1, x.length]);
    const made = await session.run({ [graph.input.name]: feed });
    // Adding 0 makes -0 the integer it stands for.
    outputs.push(Array.from(made[graph.output.name]?.data as ArrayLike<number | bigint>, (each) => Number(each) + 0));
  }
  await session.release();
  return outputs;
}

/** Where one of the three says something else. */
export interface Mismatch {
  readonly seed: number;
  readonly input: readonly bigint[];
  readonly interpreter: readonly number[];
  readonly runtime: readonly number[];
  /** The witness's output signals, or why there is no witness. */
  readonly witness: readonly number[] | string;
}

const same = (one: readonly number[], other: unknown) =>
  Array.isArray(other) && one.length === other.length && one.every((value, at) => value === other[at]);

/** Runs graphs three ways on each of their inputs. */
async function compareAll(
  graphs: readonly IntegerGraph[],
  inputs: readonly (readonly (readonly bigint[])[])[],
  seeds: readonly number[],
): Promise<Mismatch[]> {
  const compiled = CircuitBatch.compile(graphs).catch((error: Error) => error);
  const runtime: number[][][] = [];
  for (const [at, graph] of graphs.entries()) runtime.push(await runtimeOutputs(graph, inputs[at]!));
  const batch = await compiled;
  const found: Mismatch[] = [];
  for (let run = 0; run < INPUTS; run++) {
    const given = inputs.map((rows) => rows[run]!);
    let made: readonly (readonly number[])[] | string;
    try {
      if (batch instanceof Error) throw batch;
      made = batch.outputs(given);
    } catch (error) {
      made = error instanceof Error ? error.message : String(error);
    }
    for (const [at, graph] of graphs.entries()) {
      const interpreter = interpret(graph, given[at]!.map(Number)).output;
      const [witness, other] = [typeof made === "string" ? made : made[at]!, runtime[at]![run]!];
      if (same(interpreter, other) && same(interpreter, witness)) continue;
      found.push({ seed: seeds[at]!, input: given[at]!, interpreter, runtime: other, witness });
    }
  }
  return found;
}

/**
 * Interpreter, ONNX Runtime and witness on a batch of random graphs. One circuit that refuses its witness refuses all of its
 * program, so then each graph of the batch is tried alone.
 */
export async function compareBatch(seeds: readonly number[]): Promise<Mismatch[]> {
  const graphs = seeds.map(smallDag);
  const inputs = graphs.map((graph, at) => inputsOf(graph, seeds[at]!));
  const found = await compareAll(graphs, inputs, seeds);
  if (!found.some(({ witness }) => typeof witness === "string")) return found;
  const alone: Mismatch[] = [];
  for (const [at, seed] of seeds.entries()) alone.push(...(await compareAll([graphs[at]!], [inputs[at]!], [seed])));
  return alone;
}

/** The first nodes of a graph that still differ for its input, as a graph that a test can keep. */
export async function reduced({ seed, input }: Mismatch): Promise<IntegerGraph> {
  const whole = smallDag(seed);
  for (let count = 1; count < whole.nodes.length; count++) {
    const part = graphOf(`${whole.name}, ${count} nodes`, whole.input, whole.nodes.slice(0, count));
    const rows = Array.from({ length: INPUTS }, () => input);
    if ((await compareAll([part], [rows], [seed])).length > 0) return part;
  }
  return whole;
}
