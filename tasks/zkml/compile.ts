import { join } from "node:path";

import {
  compileCircuit,
  compileOnnx,
  type CompiledCircuit,
  type CompileReport,
  graphDigest,
  serialiseGraph,
} from "@assay/compiler";
import { writeCompiled } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { FILE_LIMITS, readBounded } from "../shared/files.ts";
import { integer, invalid, required } from "../shared/options.ts";
import { fields, rows, toJson } from "../shared/report.ts";
import { readData } from "../shared/values.ts";

interface Arguments {
  readonly json: boolean;
  readonly file: string | undefined;
  readonly model: string | undefined;
  readonly calibration: string | undefined;
  readonly name: string | undefined;
  readonly out: string | undefined;
  readonly weightBits: string | undefined;
  readonly activationBits: string | undefined;
  readonly dim: string | undefined;
}

const MADE_UP =
  "\nNo --calibration was given: the scales are for made-up inputs from -1 to 1, and others are refused. Give real inputs.";

/** `batch=1,length=16` as sizes by name. */
function readDims(text: string | undefined): Record<string, number> {
  const pairs = (text ?? "").split(",").filter((pair) => pair !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, size] = /^([^=]{1,100})=([0-9]{1,9})$/.exec(pair) ?? [];
      if (name === undefined || size === undefined) return invalid("dim", pair, "name=size, several with commas");
      return [name, integer("dim", size, 1, 1_000_000)] as const;
    }),
  );
}

/** ONNX file -> graph, runtime model, circuit, report; see docs/tasks.md for the folder. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const model = await readBounded(
    args.file ?? required(args, "model", "an ONNX file"),
    FILE_LIMITS.model,
    "an ONNX file",
  );
  const { inputs, labels } =
    args.calibration === undefined ? { inputs: undefined, labels: undefined } : await readData(args.calibration);
  const { name, weightBits, activationBits } = args;
  const dims = readDims(args.dim);
  const compiled = compileOnnx(model, {
    ...(inputs === undefined ? {} : { calibration: inputs }),
    dims,
    ...(labels === undefined ? {} : { calibrationLabels: labels }),
    ...(name === undefined ? {} : { name }),
    ...(weightBits === undefined ? {} : { weightBits: integer("weightBits", weightBits, 4, 16) }),
    ...(activationBits === undefined ? {} : { activationBits: integer("activationBits", activationBits, 2, 12) }),
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
    costs: circuit.costs,
    elements: graph.widths[graph.input.name] ?? 0,
    words: circuit.words,
    report,
  };
  return {
    data: { ...data, calibrated: inputs !== undefined },
    text: `${show(data)}${inputs === undefined ? MADE_UP : ""}`,
  };
});

function show(data: {
  folder: string;
  graphDigest: string;
  constraints: { total: number };
  costs: CompiledCircuit["costs"];
  elements: number;
  words: number;
  report: CompileReport;
}): string {
  const { layers, calibration, input, output } = data.report;
  const table = rows(
    ["node", "from", "elements", "bits", "unit", "constraints"],
    [
      ["input", "", data.elements, "", input.scale, data.costs.input],
      ...layers.map(({ name, source, elements, bits, scale }, at) => [
        name,
        source.slice(0, 40),
        elements,
        bits,
        scale,
        data.costs.nodes[at] ?? 0,
      ]),
      ["public words", "", data.words, 248, "", data.costs.words],
    ],
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
    [
      "greatest error on calibration inputs",
      `${calibration.maxAbsoluteError.toPrecision(3)}, ${percent(calibration.relativeError)} of the range`,
    ],
  ]);
  return `${table}\n${rest}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
