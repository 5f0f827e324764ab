import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { compileOnnx, compileWithin, type CompiledModel, type CompileOptions } from "../../compiler/src/compile.ts";
import { compileCircuit } from "../../compiler/src/emit/circom/compile.ts";
import { publicLayout } from "../../compiler/src/emit/circom/layout.ts";
import { batchGraph } from "../../compiler/src/graph/batch.ts";
import { LayerTooLargeError } from "../../compiler/src/graph/errors.ts";
import { parseGraph, serialiseGraph } from "../../compiler/src/graph/serialise.ts";
import type { IntegerGraph } from "../../compiler/src/graph/types.ts";
import { interpret } from "../../compiler/src/interpret/interpret.ts";
import { verifyOffChain } from "../../compiler/src/prove/proof.ts";
import { createGroth16Prover } from "../../compiler/src/prove/prover.ts";
import { statementOf } from "../../compiler/src/prove/statement.ts";
import { BatchTooLargeError, CompileOptionError } from "../../compiler/src/quantise/errors.ts";
import { encodeInput } from "../../compiler/src/quantise/input.ts";
import { setupDevelopment } from "../../compiler/src/setup/development.ts";
import { CircuitTester } from "../support/circuit.ts";
import { graphOf, smallGraph } from "../support/graphs.ts";
import { expectParity, extremes, randomInputs } from "../support/parity.ts";
import { OPS, randomDag } from "../support/random-dags.ts";
import { encodeTensor, tensor } from "../support/random-graphs.ts";
import { Random } from "../support/random.ts";

const root = fileURLToPath(new URL("../../build/test/", import.meta.url));
const outDir = join(root, "zkml");
const context = Uint8Array.from({ length: 31 }, (_, i) => 7 * i + 3);

/** How many random graphs, and the seed of the first. */
const COUNT = Number(process.env["ASSAY_GRAPHS"] ?? 60);
const SEED = Number(process.env["ASSAY_SEED"] ?? 50_000);

const model = (name: string) => {
  const folder = new URL(`../../vectors/models/${name}/`, import.meta.url);
  const data = JSON.parse(readFileSync(new URL("calibration.json", folder), "utf8")) as {
    inputs?: number[][];
    images?: { pixels: number[] }[];
  };
  const rows = data.inputs ?? data.images?.map(({ pixels }) => pixels) ?? [];
  return { bytes: readFileSync(new URL("model.onnx", folder)), rows: rows.slice(0, 24) };
};

/** Inputs of several, one after the other. */
const joined = (inputs: readonly (readonly number[])[]) => inputs.flat();

/** What each input alone gives, one after the other. */
const oneByOne = (graph: IntegerGraph, inputs: readonly (readonly number[])[]) =>
  inputs.flatMap((input) => Array.from(interpret(graph, input).output));

const part = (name: string, dims: readonly number[]) => ({ name, dims });

/** The graph of a model with one input and one output. */
const onePart = (graph: IntegerGraph): IntegerGraph => ({
  ...graph,
  inputParts: [part(graph.input.name, graph.input.dims)],
  outputParts: [part(graph.output.name, graph.output.dims)],
});

const requestOf = (graph: IntegerGraph, x: readonly number[], y: readonly number[]) => ({
  context,
  input: encodeTensor(graph.input, x.map(BigInt)),
  output: encodeTensor(graph.output, y.map(BigInt)),
});

describe("compiler: several inputs in one graph", () => {
  it(`gives what the inputs give alone, for graphs of every op: ${COUNT} from seed ${SEED}`, function () {
    this.timeout(60_000 + 1_000 * COUNT);
    const seen = new Set<string>();
    for (let seed = SEED; seed < SEED + COUNT; seed++) {
      const graph = onePart(randomDag(seed % 10 === 0 ? { seed, ops: OPS } : { seed }));
      for (const { op } of graph.nodes) seen.add(op);
      for (const count of [2, 3]) {
        const batch = batchGraph(graph, count);
        expect(batch.nodes.map(({ name }) => name)).to.deep.equal(graph.nodes.map(({ name }) => name));
        const inputs = [...extremes(graph).slice(0, 4), ...randomInputs(graph, 5, new Random(seed))];
        for (let from = 0; from + count <= inputs.length; from++) {
          const chosen = inputs.slice(from, from + count);
          const alone = chosen.map((input) => interpret(graph, input).tensors);
          const { tensors } = interpret(batch, joined(chosen));
          for (const [name, values] of Object.entries(tensors)) {
            const wanted = alone.flatMap((each) => Array.from(each[name] ?? []));
            expect(Array.from(values), `${graph.name}: ${name}`).to.deep.equal(wanted);
          }
        }
      }
    }
    expect([...seen].sort(), "ops that came up").to.deep.equal([...OPS].sort());
  });

  it("agrees with ONNX Runtime on every tensor", async function () {
    this.timeout(120_000);
    for (let seed = SEED; seed < SEED + Math.ceil(COUNT / 3); seed++) {
      const graph = batchGraph(randomDag(seed % 5 === 0 ? { seed, ops: OPS } : { seed }), 2 + (seed % 3));
      await expectParity(graph, [...extremes(graph).slice(0, 6), ...randomInputs(graph, 4, new Random(seed))]);
    }
  });

  it("is written and read as any other graph, and is itself for a batch of one", () => {
    const graph = smallGraph();
    const batch = batchGraph(graph, 3);
    expect([batch.input.dims, batch.output.dims]).to.deep.equal([[3, 2], [3]]);
    expect(batch.outputParts).to.deep.equal([{ name: "y", dims: [3] }]);
    expect(parseGraph(serialiseGraph(batch))).to.deep.equal(batch);
    expect(batchGraph(graph, 1)).to.equal(graph);
    expect(batchGraph(batch, 2).input.dims, "a batch of batches").to.deep.equal([2, 3, 2]);
  });

  it("keeps several inputs and outputs as parts, each for the whole batch", async () => {
    const one = graphOf("two", tensor("x", "u8", [3], 0n, 255n), [
      { op: "gather", name: "left", output: "l", inputs: ["x"], constants: [], index: [0] },
      { op: "gather", name: "right", output: "r", inputs: ["x"], constants: [], index: [1, 2] },
      { op: "sum", name: "total", output: "s", input: "r", width: 2 },
      { op: "gather", name: "joined", output: "y", inputs: ["s", "l"], constants: [7], index: [0, 1, 2] },
    ]);
    const parts = { inputParts: [part("a", [1]), part("b", [1, 2])], outputParts: [part("s", []), part("k", [1, 2])] };
    const batch = batchGraph({ ...one, ...parts }, 2);
    expect(batch.inputParts).to.deep.equal([part("a", [2]), part("b", [2, 2])]);
    expect(batch.outputParts).to.deep.equal([part("s", [2]), part("k", [2, 2])]);
    // a = 10, 20; b = (1, 2), (3, 4)
    expect(Array.from(interpret(batch, [10, 20, 1, 2, 3, 4]).output)).to.deep.equal([3, 7, 10, 7, 20, 7]);
    expect(parseGraph(serialiseGraph(batch))).to.deep.equal(batch);
    await expectParity(batch, randomInputs(batch, 5, new Random(1)));
  });

  it("refuses counts out of 1 to 64, and graphs that get too large, before they are made", () => {
    for (const count of [0, 65, 1.5, -1, NaN])
      expect(() => batchGraph(smallGraph(), count)).to.throw(CompileOptionError);
    const index = Array.from({ length: 2 ** 19 }, () => 0);
    const wide = graphOf("wide", tensor("x", "u8", [1], 0n, 1n), [
      { op: "gather", name: "many", output: "m", inputs: ["x"], constants: [], index },
      { op: "sum", name: "sum", output: "y", input: "m", width: 2 ** 19 },
    ]);
    expect(() => batchGraph(wide, 3)).to.throw(LayerTooLargeError, "many");
    expect(batchGraph(wide, 2).widths["m"]).to.equal(2 ** 20);
  });
});

describe("compiler: batch, an option", () => {
  const compile = (name: string, options: Omit<CompileOptions, "calibration">) => {
    const { bytes, rows } = model(name);
    return compileOnnx(bytes, { ...options, calibration: rows });
  };

  it("answers a model whose file says a batch of one as it answers its inputs alone", () => {
    const { rows } = model("digits");
    const [one, four] = [compile("digits", {}), compile("digits", { batch: 4 })];
    expect([four.graph.input.dims, four.graph.output.dims]).to.deep.equal([[4, 64], [4]]);
    const alone = rows.slice(0, 4).map((row) => encodeInput(one.graph.input, row));
    const together = encodeInput(four.graph.input, joined(rows.slice(0, 4)));
    expect(Array.from(interpret(four.graph, together).output)).to.deep.equal(oneByOne(one.graph, alone));
    expect(four.report.calibration).to.deep.equal(one.report.calibration);
    expect(four.report.layers.map(({ elements }) => elements)).to.deep.equal(
      one.report.layers.map(({ elements }) => 4 * elements),
    );
  });

  it("has the form that an open batch dimension gives, and the same classes", () => {
    const { bytes, rows } = model("torch-cnn");
    const batch = compile("torch-cnn", { batch: 2 });
    const pairs = rows.slice(1).map((row, at) => [...(rows[at] ?? []), ...row]);
    const open = compileOnnx(bytes, { calibration: pairs, dims: { batch: 2 } });
    expect([batch.graph.inputParts, batch.graph.input.dims]).to.deep.equal([open.graph.inputParts, [2, 1, 8, 8]]);
    expect([batch.graph.outputParts, batch.graph.output.dims]).to.deep.equal([open.graph.outputParts, [2, 10]]);
    const classes = ({ graph }: CompiledModel, pair: readonly number[]) => {
      const logits = Array.from(interpret(graph, encodeInput(graph.input, pair)).output);
      return [logits.slice(0, 10), logits.slice(10)].map((row) => row.indexOf(Math.max(...row)));
    };
    for (const pair of pairs) expect(classes(batch, pair)).to.deep.equal(classes(open, pair));
  });

  it("keeps labels and probabilities of a forest apart", async () => {
    const { rows } = model("xgboost-iris");
    const { graph, report } = compile("xgboost-iris", { batch: 3 });
    expect(graph.outputParts).to.deep.equal([part("label", [3]), part("probabilities", [3, 3])]);
    expect(report.layers.map(({ name }) => name)).to.deep.equal(graph.nodes.map(({ name }) => name));
    const one = compile("xgboost-iris", {}).graph;
    const chosen = [rows[0]!, rows[1]!, rows[9]!];
    const alone = chosen.map((row) => Array.from(interpret(one, encodeInput(one.input, row)).output));
    const together = Array.from(interpret(graph, encodeInput(graph.input, joined(chosen))).output);
    expect(together).to.deep.equal([...alone.map(([label]) => label), ...alone.flatMap((each) => each.slice(1))]);
    await expectParity(graph, [encodeInput(graph.input, joined(chosen)).slice()]);
  });

  it("refuses sizes out of 1 to 64, and more constraints than keys are made for", async () => {
    for (const batch of [0, 65, 2.5]) expect(() => compile("digits", { batch })).to.throw(CompileOptionError, "batch");
    const error = thrownBy(() => compile("torch-cnn", { batch: 64, bits: 16 }));
    expect(error).to.be.instanceOf(BatchTooLargeError);
    const { fits } = error as BatchTooLargeError;
    expect(compile("torch-cnn", { batch: fits, bits: 16 }).report.constraints.total).to.be.within(
      2 ** 19,
      1.1 * 2 ** 20,
    );
    const { bytes, rows } = model("digits");
    const budget = { constraints: 1 } as const;
    expect(await rejection(compileWithin(bytes, { calibration: rows, budget, batch: 65 }))).to.be.instanceOf(
      CompileOptionError,
    );
  });
});

const thrownBy = (body: () => unknown): unknown => {
  try {
    body();
  } catch (error) {
    return error;
  }
  return undefined;
};

const rejection = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("compiler: several inputs in one proof", () => {
  const { bytes, rows } = model("digits");
  const { graph } = compileOnnx(bytes, { calibration: rows, batch: 3 });
  const x = encodeInput(graph.input, joined(rows.slice(3, 6)));
  const y = Array.from(interpret(graph, x).output);

  it("binds every input to its own output, by a fingerprint", async function () {
    this.timeout(300_000);
    const circuit = await compileCircuit(graph, { outDir });
    const tester = await CircuitTester.files(join(circuit.folder, "model"));
    const layout = publicLayout(graph, circuit.binding);
    expect([circuit.words, circuit.binding?.mode]).to.deep.equal([3, "fingerprint"]);
    const honest = statementOf(layout, requestOf(graph, x, y));
    const witness = tester.witness(honest.inputs);
    expect(witness.slice(1, 4)).to.deep.equal(honest.words);
    tester.expectAccepted(witness, "honest");
    expect(new Set(y).size, "answers that differ").to.be.greaterThan(1);
    // Right answers at another input's place, and one wrong one.
    const swapped = [y[1]!, y[2]!, y[0]!];
    for (const wrong of [swapped, y.map((value, at) => (at === 2 ? (value + 1) % 10 : value))]) {
      const given = statementOf(layout, requestOf(graph, x, wrong));
      expect(() => tester.witness(given.inputs), wrong.join()).to.throw("does not hold");
    }
  });

  it("is proven at once", async function () {
    this.timeout(300_000);
    const circuit = await compileCircuit(graph, { outDir });
    const setup = await setupDevelopment(circuit.r1csPath, { seed: "batch", outDir: join(root, "setup-batch") });
    const prover = await createGroth16Prover({ graph, circuit, zkeyPath: setup.zkeyPath });
    try {
      const { words, proof } = await prover.prove(requestOf(graph, x, y));
      expect(await verifyOffChain(setup.verifyingKey, words, proof)).to.equal(true);
      const others = words.map((word, at) => (at === 0 ? word ^ 1n : word));
      expect(await verifyOffChain(setup.verifyingKey, others, proof)).to.equal(false);
    } finally {
      await prover.close();
    }
  });
});
