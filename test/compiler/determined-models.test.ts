import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import {
  compileCircuit,
  compileOnnx,
  encodeInput,
  interpret,
  publicLayout,
  statementOf,
  type IntegerGraph,
} from "../../compiler/src/index.ts";
import { CircuitTester } from "../support/circuit.ts";
import { jumps, movable } from "../support/free-signals.ts";
import { encodeTensor } from "../support/random-graphs.ts";
import { Random } from "../support/random.ts";

const HOME = fileURLToPath(new URL("../../vectors/models/", import.meta.url));
const outDir = fileURLToPath(new URL("../../build/test/zkml", import.meta.url));
const TRIALS = 2_000;

/** What may have another value because no output depends on it; as in circom-dags.test.ts. */
const FREE = /^main\.InInterval_[^.]*\.digit\[|\.(?:within(?:\[\d+\])?|quotient|remainder|room)\.digit\[|\.lift$/;

async function open(name: string) {
  const onnx = await readFile(join(HOME, name, "model.onnx"));
  const data = JSON.parse(await readFile(join(HOME, name, "calibration.json"), "utf8")) as {
    inputs?: number[][];
    images?: { pixels: number[] }[];
  };
  const rows = data.inputs ?? data.images?.map(({ pixels }) => pixels) ?? [];
  const { graph } = compileOnnx(onnx, { name, calibration: rows });
  const compiled = await compileCircuit(graph, { outDir });
  return { graph, compiled, rows, circuit: await CircuitTester.files(join(compiled.folder, "model")) };
}

function statement(graph: IntegerGraph, binding: Parameters<typeof publicLayout>[1], row: readonly number[]) {
  const x = encodeInput(graph.input, row);
  const { output } = interpret(graph, x);
  return statementOf(publicLayout(graph, binding), {
    context: Uint8Array.from({ length: 31 }, (_, at) => at + 1),
    input: encodeTensor(graph.input, x.map(BigInt)),
    output: encodeTensor(graph.output, output.map(BigInt)),
  }).inputs;
}

describe("circuits of the committed models: input and context determine every signal that something reads", () => {
  for (const name of readdirSync(HOME).filter((each) => existsSync(join(HOME, each, "model.onnx")))) {
    it(`${name}: no signal can move or jump, but those on which no output depends`, async function () {
      this.timeout(300_000);
      const { graph, compiled, rows, circuit } = await open(name);
      // With a fingerprint the context is the point at which the words are taken.
      const given = circuit.signals.filter(
        (signal) => /^main\.(?:x\[|words\[|\w+Salt$)/.test(signal) && fixedWord(signal),
      );
      for (const [at, row] of [rows[0]!, rows.at(-1)!].entries()) {
        const witness = circuit.witness(statement(graph, compiled.binding, row));
        circuit.expectAccepted(witness, name);
        const free = [
          ...movable(circuit, witness, given),
          ...jumps(circuit, witness, given, new Random(at + 1), TRIALS),
        ].filter((signal) => !FREE.test(signal));
        expect([...new Set(free)], `row ${at}`).to.deep.equal([]);
      }
      /** Word 0 is the context where words are packed; of a fingerprint word 1 is its point. */
      function fixedWord(signal: string): boolean {
        if (!signal.startsWith("main.words[")) return true;
        return signal === (compiled.binding?.mode === "fingerprint" ? "main.words[1]" : "main.words[0]");
      }
    });
  }
});
