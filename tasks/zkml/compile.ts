import { join } from "node:path";

import { compileCircuit, compileOnnx, type CompileReport, graphDigest, serialiseGraph } from "@assay/compiler";
import { writeCompiled } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { FILE_LIMITS, readBounded } from "../shared/files.ts";
import { integer, invalid, required } from "../shared/options.ts";
import { fields, rows, toJson } from "../shared/report.ts";
import { readData } from "../shared/values.ts";

interface Arguments {
  readonly json: boolean;
  readonly model: string | undefined;
  readonly calibration: string | undefined;
  readonly name: string | undefined;
  readonly out: string | undefined;
  readonly weightBits: string | undefined;
  readonly activationBits: string | undefined;
}

/** ONNX file -> graph, runtime model, circuit, report; see docs/tasks.md for the folder. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const model = await readBounded(required(args, "model", "an ONNX file"), FILE_LIMITS.model, "an ONNX file");
  const { inputs, labels } = await readData(required(args, "calibration", "a JSON file of real inputs"));
  const { name, weightBits, activationBits } = args;
  const compiled = compileOnnx(model, {
    calibration: inputs,
    ...(labels === undefined ? {} : { calibrationLabels: labels }),
    ...(name === undefined ? {} : { name }),
    ...(weightBits === undefined ? {} : { weightBits: integer("weightBits", weightBits, 4, 16) }),
    ...(activationBits === undefined ? {} : { activationBits: integer("activationBits", activationBits, 2, 8) }),
  });
  const { graph, report } = compiled;
  if (args.out === undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(graph.name)) {
    invalid("name", graph.name, "a name that can be a folder's, or the folder itself with --out");
  }
  const folder = args.out ?? join(hre.config.paths.root, "build", "models", graph.name);
  const circuit = await progress("compiling the circuit", (note) =>
    compileCircuit(graph, {
      outDir: join(hre.config.paths.root, "build", "zkml"),
      onProgress: ({ step, done, total }) => note(`${step} (${done} of ${total})`),
    }),
  );
  await writeCompiled(folder, {
    model,
    graph,
    graphJson: serialiseGraph(graph),
    runtimeOnnx: compiled.runtimeOnnx,
    report: `${toJson(report)}\n`,
    circuit,
  });
  const data = {
    folder,
    name: graph.name,
    graphDigest: graphDigest(graph),
    constraints: circuit.constraints,
    words: circuit.words,
    report,
  };
  return { data, text: show(data) };
});

function show(data: {
  folder: string;
  graphDigest: string;
  constraints: { total: number };
  words: number;
  report: CompileReport;
}): string {
  const { layers, calibration, input, output } = data.report;
  const table = rows(
    ["layer", "inputs", "outputs", "weights", "shift", "accumulator bits"],
    layers.map(({ name, inputs, outputs, requantise, accumulatorBits }) => [
      name,
      inputs,
      outputs,
      inputs * outputs,
      requantise?.shift ?? "-",
      accumulatorBits,
    ]),
  );
  const accuracy =
    calibration.integerAccuracy === undefined
      ? "-"
      : `float ${percent(calibration.floatAccuracy ?? 0)}, integer ${percent(calibration.integerAccuracy)}`;
  const rest = fields([
    ["folder", data.folder],
    ["graph digest", data.graphDigest],
    [
      "input",
      `${input.dtype} ${input.dims.join(" x ")} in [${input.range.min}, ${input.range.max}], scale ${input.scale}`,
    ],
    ["output", `${output.dtype} ${output.dims.join(" x ")} in [${output.range.min}, ${output.range.max}]`],
    ["constraints", data.constraints.total],
    ["public words", data.words],
    [
      "agreement with the float model",
      `${percent(calibration.agreement)} of ${calibration.samples} calibration inputs`,
    ],
    ["accuracy on calibration inputs", accuracy],
  ]);
  return `${table}\n${rest}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
