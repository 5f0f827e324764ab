import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { emitCircom, TEMPLATES } from "../../compiler/src/emit/circom/program.ts";
import type { IntegerGraph } from "../../compiler/src/graph/types.ts";
import { interpret } from "../../compiler/src/interpret/interpret.ts";
import { loadWitnessProgram, type WitnessProgram } from "../../compiler/src/prove/witness.ts";
import { wordsOf } from "../../compiler/src/prove/words.ts";
import { signed } from "./determined.ts";
import { encodeTensor } from "./random-graphs.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CIRCOM = createRequire(import.meta.url).resolve("circom2/cli.js");

export const CONTEXT = Uint8Array.from({ length: 31 }, (_, i) => 7 * i + 3);

/** The circuit of a graph as the template `G<at>`, with the graph's output as an output signal besides. */
function templateOf(graph: IntegerGraph, at: number): string {
  const { source } = emitCircom(graph);
  const start = /^(?:function \w+\(|template Model\()/m.exec(source)?.index ?? -1;
  const end = source.indexOf("\ncomponent main ");
  const node = graph.nodes.findIndex(({ output }) => output === graph.output.name);
  const close = source.lastIndexOf("}", end);
  if (start < 0 || close < start || node < 0)
    throw new Error("the emitter's program has another form than this expects");
  const size = graph.widths[graph.output.name] as number;
  const result = `    signal output result[${size}];\n    for (var i = 0; i < ${size}; i++) {\n        result[i] <== t${node}[i];\n    }\n`;
  let text = `${source.slice(start, close)}${result}}\n`.replace("template Model()", `template G${at}()`);
  for (const [, name = ""] of text.matchAll(/^function (\w+)\(/gm)) {
    text = text.replaceAll(new RegExp(`\\b${name}\\(`, "g"), `g${at}_${name}(`);
  }
  return text;
}

function batchSource(graphs: readonly IntegerGraph[]): string {
  const ports = graphs.map(({ input, output, widths }, at) => {
    const words = wordsOf(
      CONTEXT,
      encodeTensor(input, zeros(widths[input.name])),
      encodeTensor(output, zeros(widths[output.name])),
    );
    return [
      `    signal input w${at}[${words.length}];`,
      `    signal input x${at}[${widths[input.name] as number}];`,
      `    signal output y${at}[${widths[output.name] as number}] <== G${at}()(w${at}, x${at});`,
    ];
  });
  return [
    "pragma circom 2.2.0;",
    ...TEMPLATES.map((template) => `include "${template}";`),
    ...graphs.map(templateOf),
    "template Batch() {",
    ...ports.flat(),
    "}",
    "component main = Batch();",
    "",
  ].join("\n");
}

const zeros = (count = 0): bigint[] => new Array<bigint>(count).fill(0n);

/** Many graphs' circuits in one program, compiled to its witness program alone: what a start of circom costs is shared. */
export class CircuitBatch {
  readonly graphs: readonly IntegerGraph[];
  readonly #program: WitnessProgram;

  private constructor(graphs: readonly IntegerGraph[], program: WitnessProgram) {
    this.graphs = graphs;
    this.#program = program;
  }

  static async compile(graphs: readonly IntegerGraph[]): Promise<CircuitBatch> {
    const work = join(ROOT, "build", "test", `batch-${process.pid}-${randomBytes(4).toString("hex")}`);
    try {
      for (const template of TEMPLATES) {
        await mkdir(dirname(join(work, template)), { recursive: true });
        await copyFile(join(ROOT, "circuits", template), join(work, template));
      }
      await writeFile(join(work, "batch.circom"), batchSource(graphs));
      await runCircom(work);
      return new CircuitBatch(graphs, await loadWitnessProgram(await readFile(join(work, "batch_js", "batch.wasm"))));
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  /**
   * What each circuit makes of its input, from the witness. The public words, which the circuits compare with what they
   * make, are `claims`, or where there are none what the interpreter gives.
   *
   * @throws {WitnessStoppedError} when a circuit refuses its words.
   */
  outputs(inputs: readonly (readonly bigint[])[], claims: readonly (readonly bigint[])[] = []): number[][] {
    const signals: Record<string, readonly bigint[]> = {};
    for (const [at, graph] of this.graphs.entries()) {
      const x = inputs[at] as readonly bigint[];
      const y = claims[at] ?? interpret(graph, x.map(Number)).output.map(BigInt);
      signals[`w${at}`] = wordsOf(CONTEXT, encodeTensor(graph.input, x), encodeTensor(graph.output, y));
      signals[`x${at}`] = x;
    }
    const witness = this.#program.calculate(signals);
    // Wire 0 is the constant; then main's outputs, as they are declared.
    let start = 1;
    return this.graphs.map(({ output, widths }) => {
      const from = start;
      start += widths[output.name] as number;
      return witness.slice(from, start).map((value) => Number(signed(value)));
    });
  }
}

/** --O0: no constraints are written, and what simplification does to them is tested where forgeries are. */
async function runCircom(folder: string): Promise<void> {
  const child = spawn(process.execPath, [CIRCOM, "batch.circom", "--wasm", "--O0"], { cwd: folder });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.on("close", resolve).on("error", reject));
  if (code !== 0 || !text.includes("Everything went okay"))
    throw new Error(`circom refused a batch: ${text.slice(-2_000)}`);
}
