import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
  compileCircuit,
  type CompiledCircuit,
  type CompileReport,
  type Comparison,
  drawReport,
  estimateCost,
  graphDigest,
  serialiseGraph,
  weightsCommitment,
} from "@assay/compiler";
import { writeCompiled } from "@assay/nodes/operator";
import { PACKED_BINDING, type ZkBinding } from "@assay/sdk";
import { toBeHex } from "ethers";

import { action } from "../shared/action.ts";
import { FILE_LIMITS, readBounded } from "../shared/files.ts";
import { integer, invalid, required } from "../shared/options.ts";
import { fields, rows, toJson } from "../shared/report.ts";
import { readData } from "../shared/values.ts";
import { type BindingArguments, readBinding } from "./binding.ts";
import { compileFor, readBitsOf, readBudget, readWeights } from "./compile-options.ts";

interface Arguments extends BindingArguments {
  readonly json: boolean;
  readonly file: string | undefined;
  readonly model: string | undefined;
  readonly calibration: string | undefined;
  readonly name: string | undefined;
  readonly out: string | undefined;
  readonly weightBits: string | undefined;
  readonly activationBits: string | undefined;
  readonly bits: string | undefined;
  readonly bitsOf: string | undefined;
  readonly budget: string | undefined;
  readonly evaluation: string | undefined;
  readonly dim: string | undefined;
  readonly batch: string | undefined;
  readonly weights: string | undefined;
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
  const { name, weightBits, activationBits, bits } = args;
  const dims = readDims(args.dim);
  const binding = readBinding(args);
  const budget = args.budget === undefined ? undefined : readBudget(args.budget);
  const options = {
    ...(inputs === undefined ? {} : { calibration: inputs }),
    dims,
    bitsOf: readBitsOf(args.bitsOf),
    ...(labels === undefined ? {} : { calibrationLabels: labels }),
    ...(args.evaluation === undefined ? {} : { evaluation: await readData(args.evaluation) }),
    ...(name === undefined ? {} : { name }),
    ...(args.weights === undefined ? {} : { weights: readWeights(args.weights) }),
    ...(args.batch === undefined ? {} : { batch: integer("batch", args.batch, 1, 64) }),
    ...(bits === undefined ? {} : { bits: integer("bits", bits, 4, 16) }),
    ...(weightBits === undefined ? {} : { weightBits: integer("weightBits", weightBits, 4, 16) }),
    ...(activationBits === undefined ? {} : { activationBits: integer("activationBits", activationBits, 2, 12) }),
  };
  const { compiled, circuit, search } = await compileFor(model, options, budget, {
    circuitOf: (made) => {
      if (args.out === undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(made.name)) {
        invalid("name", made.name, "a name that can be a folder's, or the folder itself with --out");
      }
      return progress("compiling the circuit", (note) =>
        compileCircuit(made, {
          ...binding,
          outDir: join(hre.config.paths.root, "build", "zkml"),
          onProgress: ({ step, done, total }) => note(`${step} (${done} of ${total})`),
        }),
      );
    },
    searching: (work) =>
      progress("looking for widths", (note) =>
        work(({ evaluations, most, constraints, error }) =>
          note(`try ${evaluations} of at most ${most}: ${constraints} constraints, error ${percent(error)}`),
        ),
      ),
  });
  const { graph } = compiled;
  // The circuit's own counts in place of those from the graph.
  const { total } = circuit.constraints;
  const report = {
    ...compiled.report,
    constraints: { ...circuit.costs, total },
    cost: estimateCost(total, circuit.words),
    ...(search === undefined ? {} : { search }),
  };
  const folder = args.out ?? join(hre.config.paths.root, "build", "models", graph.name);
  await writeCompiled(folder, {
    model,
    graph,
    graphJson: serialiseGraph(graph),
    runtimeOnnx: compiled.runtimeOnnx,
    report: `${toJson(report)}\n`,
    circuit,
  });
  const picture = join(folder, "report.svg");
  await writeFile(`${picture}.partial`, drawReport({ title: graph.name, ...report }));
  await rename(`${picture}.partial`, picture);
  const commitment = weightsCommitment(graph);
  const data = {
    folder,
    name: graph.name,
    graphDigest: graphDigest(graph),
    constraints: circuit.constraints,
    costs: circuit.costs,
    elements: graph.widths[graph.input.name] ?? 0,
    words: circuit.words,
    binding: circuit.binding ?? PACKED_BINDING,
    ...(commitment === undefined ? {} : { weightsCommitment: toBeHex(commitment, 32) }),
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
  binding: ZkBinding;
  weightsCommitment?: string;
  report: CompileReport;
}): string {
  const { layers, calibration, evaluation, input, output } = data.report;
  const table = rows(
    ["node", "from", "elements", "bits", "unit", "error", "constraints"],
    [
      ["input", "", data.elements, "", input.scale, "", data.costs.input],
      ...layers.map(({ name, source, elements, bits, scale, error }, at) => [
        name,
        source.slice(0, 40),
        elements,
        bits,
        Number(scale.toPrecision(6)),
        error === undefined ? "" : percent(error),
        data.costs.nodes[at] ?? 0,
      ]),
      ["public words", "", data.words, 248, "", "", data.costs.words],
    ],
  );
  const rest = fields([
    ["folder", data.folder],
    ["graph digest", data.graphDigest],
    [
      "input",
      `${input.dtype} ${input.dims.join(" x ")} in [${input.range.min}, ${input.range.max}], scale ${input.scale}`,
    ],
    ["output", `${output.dtype} ${output.dims.join(" x ")} in [${output.range.min}, ${output.range.max}]`],
    ["constraints", data.constraints.total],
    ...(data.weightsCommitment === undefined
      ? []
      : [["weights", `private, under ${data.weightsCommitment}; publish nothing of this folder by hand`] as const]),
    ["public words", `${data.words}, ${data.binding.mode}; input ${data.binding.input}, output ${data.binding.output}`],
    [
      "agreement with the float model",
      `${percent(calibration.agreement)} of ${calibration.samples} calibration inputs`,
    ],
    ["accuracy on calibration inputs", accuracyOf(calibration)],
    ...(evaluation === undefined
      ? []
      : [
          [
            "agreement on evaluation inputs",
            `${percent(evaluation.agreement)} of ${evaluation.samples}, greatest error ${percent(evaluation.relativeError)}`,
          ] as const,
          ["accuracy on evaluation inputs", accuracyOf(evaluation)] as const,
        ]),
    ["proving, estimated", `${data.report.cost.provingSeconds.toPrecision(2)} s on two cores`],
    [
      "verifying, estimated",
      `${data.report.cost.verificationGas} gas, ${data.report.cost.transactionGas} as a transaction`,
    ],
    ["picture", "report.svg"],
    [
      "greatest error on calibration inputs",
      `${calibration.maxAbsoluteError.toPrecision(3)}, ${percent(calibration.relativeError)} of the range`,
    ],
  ]);
  return `${table}\n${rest}`;
}

function accuracyOf({ floatAccuracy, integerAccuracy }: Comparison): string {
  if (floatAccuracy === undefined || integerAccuracy === undefined) return "-";
  return `float ${percent(floatAccuracy)}, integer ${percent(integerAccuracy)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
