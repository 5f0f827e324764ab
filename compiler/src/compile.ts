import { emitRuntime } from "./emit/runtime/runtime.ts";
import type { IntegerGraph } from "./graph/types.ts";
import { importOnnx, type ImportOptions } from "./onnx/import.ts";
import { fold } from "./program/fold.ts";
import { CompileOptionError } from "./quantise/errors.ts";
import type { LabelledData, QuantiseOptions } from "./quantise/options.ts";
import { quantise } from "./quantise/quantise.ts";
import { syntheticInputs } from "./quantise/synthetic.ts";
import { compare, type CompileReport } from "./report.ts";

export interface CompileOptions extends Omit<QuantiseOptions, "calibration">, ImportOptions {
  /**
   * Real inputs like those that the model will see; they set the scales. Without them the compiler makes some up, from -1 to
   * 1, and inputs outside of what it made up are refused.
   */
  readonly calibration?: QuantiseOptions["calibration"];
  /** The graph's name, part of its digest; default the name in the file. 1 to 128 characters. */
  readonly name?: string;
  /** Labels of the calibration inputs, for the report's accuracy. */
  readonly calibrationLabels?: readonly number[];
  /** Data that calibration has not seen, for the report. */
  readonly evaluation?: LabelledData;
}

export interface CompiledModel {
  readonly graph: IntegerGraph;
  readonly report: CompileReport;
  /** ONNX file for ONNX Runtime that computes what the graph computes, bit for bit. */
  readonly runtimeOnnx: Uint8Array;
}

/**
 * Compiles an ONNX model to integers. The same bytes and options give the same graph and the same runtime file.
 *
 * The integer model is another model than the float one: see `report` for how far they differ.
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { compileOnnx, graphDigest } from "@assay/compiler";
 * const { images } = JSON.parse(await readFile("vectors/models/digits/calibration.json", "utf8"));
 * const calibration = images.map(({ pixels }) => pixels);
 * const { graph } = compileOnnx(await readFile("vectors/models/digits/model.onnx"), { name: "digits", calibration });
 * console.log(graphDigest(graph));
 * ```
 * @throws {AssayError} ASY-ONNX-*, ASY-GRAPH-* or ASY-QUANT-*; docs/errors/compiler.md.
 */
export function compileOnnx(bytes: Uint8Array, options: CompileOptions): CompiledModel {
  const { program: imported, bound } = importOnnx(bytes, options);
  const name = options.name ?? (imported.name === "" ? "model" : imported.name.slice(0, 128).toWellFormed());
  if (name.length < 1 || name.length > 128)
    throw new CompileOptionError("name", name.slice(0, 40), "1 to 128 characters");
  const program = fold({ ...imported, name });
  const calibration = options.calibration ?? syntheticInputs(program);
  const quantised = quantise(program, { ...options, calibration });
  const { graph, layers } = quantised;
  const seen = {
    inputs: calibration,
    ...(options.calibrationLabels === undefined ? {} : { labels: options.calibrationLabels }),
  };
  const report: CompileReport = {
    input: graph.input,
    output: graph.output,
    bound,
    layers,
    calibration: compare(program, quantised, seen, "calibration"),
    ...(options.evaluation === undefined
      ? {}
      : { evaluation: compare(program, quantised, options.evaluation, "evaluation") }),
  };
  return { graph, report, runtimeOnnx: emitRuntime(graph) };
}
