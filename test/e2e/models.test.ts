// Models as PyTorch, scikit-learn and XGBoost export them (vectors/models), from the file to a proof.
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";
import * as ort from "onnxruntime-node";

import {
  compileCircuit,
  compileOnnx,
  createGroth16Prover,
  encodeInput,
  interpret,
  setupDevelopment,
  verifyOffChain,
  wordsOf,
  type CompiledModel,
  type IntegerGraph,
} from "../../compiler/src/index.ts";
import { CircuitTester } from "../support/circuit.ts";
import { expectParity, randomInputs } from "../support/parity.ts";
import { encodeTensor } from "../support/random-graphs.ts";
import { Random } from "../support/random.ts";

const HOME = new URL("../../vectors/models/", import.meta.url);
const outDir = fileURLToPath(new URL("../../build/test/zkml", import.meta.url));
const context = Uint8Array.from({ length: 31 }, (_, at) => 11 * at + 5);

interface Model {
  readonly name: string;
  /** Of the input in the file, the batch included. */
  readonly dims: readonly number[];
  /** The output that holds the class itself; without one, the greatest output is the class. */
  readonly label?: string;
  /** Most constraints: a rise is worth a look. */
  readonly constraints: number;
}

const MODELS: readonly Model[] = [
  { name: "torch-cnn", dims: [1, 1, 8, 8], constraints: 9_500 },
  { name: "sklearn-forest", dims: [1, 13], label: "label", constraints: 1_800 },
  { name: "xgboost-iris", dims: [1, 4], label: "label", constraints: 800 },
];

interface Calibration {
  readonly inputs: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

const bytesOf = ({ name }: Model) => Uint8Array.from(readFileSync(new URL(`${name}/model.onnx`, HOME)));

function calibrationOf({ name }: Model): Calibration {
  return JSON.parse(readFileSync(new URL(`${name}/calibration.json`, HOME), "utf8")) as Calibration;
}

function greatest(values: readonly number[]): number {
  return values.reduce((best, value, at) => (value > (values[best] ?? -Infinity) ? at : best), 0);
}

/** Elements of the output `name`, or of all outputs. */
function partOf({ outputParts }: IntegerGraph, values: readonly number[], name: string | undefined): number[] {
  let from = 0;
  for (const part of outputParts) {
    const to = from + part.dims.reduce((product, size) => product * size, 1);
    if (part.name === name) return values.slice(from, to);
    from = to;
  }
  return [...values];
}

/** The classes that the exported file gives in ONNX Runtime, in floats. */
async function floatClasses(
  { dims, label }: Model,
  bytes: Uint8Array,
  inputs: Calibration["inputs"],
): Promise<number[]> {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  const classes: number[] = [];
  for (const row of inputs) {
    const feed = new ort.Tensor("float32", Float32Array.from(row), [...dims]);
    const results = await session.run({ [session.inputNames[0] ?? ""]: feed });
    const made = results[label ?? session.outputNames[0] ?? ""]?.data as ArrayLike<number | bigint>;
    const values = Array.from(made, Number);
    classes.push(label === undefined ? greatest(values) : (values[0] ?? NaN));
  }
  await session.release();
  return classes;
}

function integerClasses({ label }: Model, graph: IntegerGraph, inputs: Calibration["inputs"]): number[] {
  return inputs.map((row) => {
    const { output } = interpret(graph, encodeInput(graph.input, row));
    const values = partOf(graph, output, label);
    return label === undefined ? greatest(values) : (values[0] ?? NaN) * graph.output.scale;
  });
}

const share = (left: readonly number[], right: readonly number[]) =>
  left.filter((value, at) => value === right[at]).length / left.length;

function statement(graph: IntegerGraph, x: readonly number[], change = 0) {
  const output = interpret(graph, x).output.map((value, at) => BigInt(value) + (at === 0 ? BigInt(change) : 0n));
  const big = x.map(BigInt);
  return { x: big, input: encodeTensor(graph.input, big), output: encodeTensor(graph.output, output) };
}

describe("models of other tools", function () {
  this.timeout(60_000);

  for (const model of MODELS) {
    describe(model.name, () => {
      const { inputs, labels } = calibrationOf(model);
      let compiled: CompiledModel;
      let graph: IntegerGraph;

      before("compile", () => {
        compiled = compileOnnx(bytesOf(model), { name: model.name, calibration: inputs });
        ({ graph } = compiled);
      });

      it("gives the class that ONNX Runtime gives the exported file, for 95 % of the calibration inputs", async () => {
        const [floats, integers] = [
          await floatClasses(model, bytesOf(model), inputs),
          integerClasses(model, graph, inputs),
        ];
        expect(share(floats, integers), "agreement").to.be.at.least(0.95);
        expect(share(integers, labels), "accuracy").to.be.at.least(0.95);
      });

      it("gives the same integers in ONNX Runtime and in the interpreter", async () => {
        const some = inputs.slice(0, 8).map((row) => encodeInput(graph.input, row));
        await expectParity(graph, [...some, ...randomInputs(graph, 8, new Random(17))]);
      });

      it("gives the same integers in the circuit, and no others", async () => {
        const circuit = await compileCircuit(graph, { outDir, binding: "packed" });
        expect(circuit.constraints.total).to.be.at.most(model.constraints);
        const tester = await CircuitTester.files(join(circuit.folder, "model"));
        const some = inputs.slice(0, 3).map((row) => encodeInput(graph.input, row));
        for (const values of [...some, ...randomInputs(graph, 3, new Random(18))]) {
          const { x, input, output } = statement(graph, values);
          const words = wordsOf(context, input, output);
          const witness = tester.witness({ words, x });
          expect(witness.slice(1, 1 + words.length)).to.deep.equal(words);
          tester.expectAccepted(witness, model.name);
        }
        const [honest, forged] = [statement(graph, some[0] ?? []), statement(graph, some[0] ?? [], 1)];
        const [right, wrong] = [honest, forged].map(({ input, output }) => wordsOf(context, input, output));
        const witness = tester.witness({ words: right ?? [], x: honest.x });
        const words = Object.fromEntries((wrong ?? []).map((word, at) => [`main.words[${at}]`, word]));
        tester.expectRefused(tester.edit(witness, words), "another output");
      });
    });
  }

  it("proves an answer of the forest, and refuses the proof for another answer", async () => {
    const model = MODELS[1] as Model;
    const { inputs } = calibrationOf(model);
    const { graph } = compileOnnx(bytesOf(model), { name: model.name, calibration: inputs });
    const circuit = await compileCircuit(graph, { outDir, binding: "packed" });
    const home = await mkdtemp(join(tmpdir(), "assay-models-"));
    try {
      const setup = await setupDevelopment(circuit.r1csPath, { seed: "models", outDir: home });
      const prover = await createGroth16Prover({ graph, circuit, zkeyPath: setup.zkeyPath });
      try {
        const values = encodeInput(graph.input, inputs[5] ?? []);
        const { input, output } = statement(graph, values);
        const { words, proof } = await prover.prove({ context, input, output });
        expect(await verifyOffChain(setup.verifyingKey, words, proof)).to.equal(true);
        const other = wordsOf(context, input, statement(graph, values, 1).output);
        expect(await verifyOffChain(setup.verifyingKey, other, proof), "another answer").to.equal(false);
      } finally {
        await prover.close();
      }
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
