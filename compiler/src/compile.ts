import { randomBytes } from "node:crypto";

import { publicLayout } from "./emit/circom/layout.ts";
import { privateBounds } from "./emit/circom/private-bounds.ts";
import { emitRuntime } from "./emit/runtime/runtime.ts";
import { batchGraph, MAX_BATCH } from "./graph/batch.ts";
import { hull } from "./graph/bounds.ts";
import { clampToTables } from "./graph/clamp-to-tables.ts";
import type { IntegerGraph } from "./graph/types.ts";
import { importOnnx, type ImportOptions } from "./onnx/import.ts";
import { fold } from "./program/fold.ts";
import type { Program } from "./program/types.ts";
import { quantiseBest } from "./quantise/best.ts";
import { checkBudget, searchWidths, type Budget, type BudgetResult } from "./quantise/budget.ts";
import { outputDtype } from "./quantise/edges.ts";
import { BatchTooLargeError, CompileOptionError } from "./quantise/errors.ts";
import { knobsOf } from "./quantise/knobs.ts";
import { bitsOf } from "./quantise/narrow.ts";
import type { LabelledData, QuantiseOptions } from "./quantise/options.ts";
import { type LayerReport, quantise, type Quantised } from "./quantise/quantise.ts";
import { syntheticInputs } from "./quantise/synthetic.ts";
import type { BudgetOptions } from "./quantise/turns.ts";
import { type ConstraintEstimate, estimateConstraints } from "./report/constraints.ts";
import { estimateCost } from "./report/costs.ts";
import { compare, type CompileReport, type Comparison } from "./report.ts";

export interface CompileOptions extends Omit<QuantiseOptions, "calibration">, ImportOptions {
  /**
   * Real inputs like those that the model will see; they set the scales. Without them the compiler makes some up, from -1 to
   * 1, and inputs outside of what it made up are refused.
   */
  readonly calibration?: QuantiseOptions["calibration"];
  /** The graph's name, part of its digest; default the name in the file. 1 to 128 characters. */
  readonly name?: string;
  /**
   * Inputs that the graph takes at once, and one proof is for: 1 (default) to 64. Calibration and evaluation data are of
   * single inputs still. A batch of a model whose batch dimension is open can be had with `dims` too, and is the same then.
   */
  readonly batch?: number;
  /**
   * `constant` (default): weights are constants of the circuit, for everyone to see. `committed`: they are private inputs,
   * and the circuit holds for those under one commitment only. The graph is a secret then.
   */
  readonly weights?: "constant" | "committed";
  /** 31 bytes under which private weights are committed to. Default random ones: then every compilation gives another graph. */
  readonly weightsSalt?: Uint8Array;
  /** Labels of the calibration inputs, for the report's accuracy. */
  readonly calibrationLabels?: readonly number[];
  /** Data that calibration has not seen, with labels or without, for the report and for a budget. */
  readonly evaluation?: Pick<LabelledData, "inputs"> & Partial<LabelledData>;
}

export interface CompiledModel {
  readonly graph: IntegerGraph;
  readonly report: CompileReport;
  /** ONNX file for ONNX Runtime that computes what the graph computes, bit for bit. */
  readonly runtimeOnnx: Uint8Array;
}

/** A model that was read, before it is quantised. */
interface Loaded {
  readonly program: Program;
  readonly bound: Readonly<Record<string, number>>;
  readonly calibration: QuantiseOptions["calibration"];
}

/** Reads a model and what it is to be calibrated with. */
function loadModel(bytes: Uint8Array, options: CompileOptions): Loaded {
  const { program: imported, bound } = importOnnx(bytes, options);
  const name = options.name ?? (imported.name === "" ? "model" : imported.name.slice(0, 128).toWellFormed());
  if (name.length < 1 || name.length > 128)
    throw new CompileOptionError("name", name.slice(0, 40), "1 to 128 characters");
  const { batch = 1 } = options;
  if (!Number.isInteger(batch) || batch < 1 || batch > MAX_BATCH)
    throw new CompileOptionError("batch", batch, `a whole number from 1 to ${MAX_BATCH}`);
  checkWeights(options, batch);
  const program = fold({ ...imported, name });
  return { program, bound, calibration: options.calibration ?? syntheticInputs(program) };
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
  return compileLoaded(loadModel(bytes, options), options);
}

function checkWeights({ weights = "constant", weightsSalt }: CompileOptions, batch: number): void {
  if (weights !== "constant" && weights !== "committed")
    throw new CompileOptionError("weights", JSON.stringify(weights), `"constant" or "committed"`);
  if (weights === "committed" && batch > 1) throw new CompileOptionError("batch", batch, "1 with committed weights");
  if (weightsSalt !== undefined && (weights === "constant" || weightsSalt.length !== 31))
    throw new CompileOptionError("weightsSalt", `${weightsSalt.length} bytes`, "31 bytes, with committed weights");
}

/** The graph with its weights private, and an output type that holds what any weights of their widths can make. */
function withPrivateWeights(graph: IntegerGraph, salt: Uint8Array): IntegerGraph {
  const hidden: IntegerGraph = { ...clampToTables(graph), weightsSalt: `0x${Buffer.from(salt).toString("hex")}` };
  const dtype = outputDtype(hull(privateBounds(hidden).get(graph.output.name) ?? []));
  return { ...hidden, output: { ...graph.output, dtype } };
}

/** Most constraints of a batch's circuit: what keys are made for here. */
const MAX_BATCH_CONSTRAINTS = 2 ** 20;

/** A graph for `batch` inputs with what its circuit will have; an `estimate` for one may be known. */
function batched(
  graph: IntegerGraph,
  batch: number,
  estimate = estimateConstraints(graph),
): { readonly graph: IntegerGraph; readonly constraints: ConstraintEstimate } {
  if (batch === 1) return { graph, constraints: estimate };
  const least = batch * (estimate.input + estimate.nodes.reduce((sum, each) => sum + each, 0));
  if (least > MAX_BATCH_CONSTRAINTS) throw new BatchTooLargeError(batch, least, MAX_BATCH_CONSTRAINTS);
  const made = batchGraph(graph, batch);
  return { graph: made, constraints: estimateConstraints(made) };
}

function concealed(graph: IntegerGraph, salt: Uint8Array) {
  const hidden = withPrivateWeights(graph, salt);
  return { graph: hidden, constraints: estimateConstraints(hidden) };
}

/** The layers of a batch: those for one input, and the nodes that order the inputs or outputs of a model with several. */
function batchedLayers({ nodes, input, output, widths, ranges }: IntegerGraph, layers: readonly LayerReport[]) {
  const known = new Map(layers.map((layer) => [layer.name, layer]));
  return nodes.map(({ name, op, output: made }, at): LayerReport => {
    const [elements, range] = [widths[made]!, ranges[made]!];
    const layer = known.get(name);
    if (layer !== undefined) return { ...layer, elements };
    const { scale } = at === 0 ? input : output;
    return { name, op, source: "batch", elements, scale, range, bits: bitsOf(range) };
  });
}

/**
 * As `compileOnnx`, for a model that was read.
 *
 * @param search whether scales other than powers of two are looked for
 * @param precise whether a model that is far off may take more constraints
 */
function compileLoaded(
  { program, bound, calibration }: Loaded,
  options: CompileOptions,
  search = true,
  precise = search,
): CompiledModel {
  const seen = {
    inputs: calibration,
    ...(options.calibrationLabels === undefined ? {} : { labels: options.calibrationLabels }),
  };
  const { batch = 1 } = options;
  const {
    quantised,
    distance,
    constraints: single,
  } = quantiseBest(
    program,
    { ...options, calibration },
    (made) => compare(program, made, seen, "calibration"),
    search,
    precise,
  );
  const { graph, constraints } =
    options.weights === "committed"
      ? concealed(quantised.graph, options.weightsSalt ?? randomBytes(31))
      : batched(quantised.graph, batch, single);
  const report: CompileReport = {
    input: graph.input,
    output: graph.output,
    bound,
    layers: batch === 1 ? quantised.layers : batchedLayers(graph, quantised.layers),
    constraints,
    cost: estimateCost(constraints.total, publicLayout(graph).words),
    calibration: distance,
    ...(options.evaluation === undefined
      ? {}
      : { evaluation: compare(program, quantised, options.evaluation, "evaluation") }),
  };
  return { graph, report, runtimeOnnx: emitRuntime(graph) };
}

/** Of a {@link compileWithin}. */
export interface CompileWithinOptions extends CompileOptions, BudgetOptions {
  readonly budget: Budget;
  /** Constraints that the circuit has beside those of the graph, as of a fingerprint; they count against the budget. */
  readonly otherConstraints?: number;
}

/**
 * Compiles an ONNX model with the widths that meet a budget; see `searchWidths`. Errors are those on the evaluation data,
 * where it is given, else on the calibration data. Constraints are counted from the graph, those of a batch for all its inputs.
 *
 * @throws {BudgetUnmetError | CompileOptionError | ZkmlAbortedError} and as `compileOnnx`.
 */
export async function compileWithin(
  bytes: Uint8Array,
  options: CompileWithinOptions,
): Promise<CompiledModel & { readonly search: BudgetResult }> {
  const { budget, otherConstraints = 0, batch = 1 } = options;
  checkBudget(budget);
  const loaded = loadModel(bytes, options);
  const { program, calibration } = loaded;
  const data = options.evaluation ?? { inputs: calibration };
  const measured = (quantised: Quantised) => {
    const made = compare(program, quantised, data, options.evaluation === undefined ? "calibration" : "evaluation");
    const { constraints } =
      options.weights === "committed"
        ? concealed(quantised.graph, new Uint8Array(31))
        : batched(quantised.graph, batch);
    return { ...sharesOf(made), constraints: constraints.total + otherConstraints };
  };
  const search = await searchWidths(
    knobsOf(program, options),
    (bitsOf) => measured(quantise(program, { ...options, calibration, bitsOf: joined(options.bitsOf ?? {}, bitsOf) })),
    budget,
    options,
  );
  const chosen = { ...options, bitsOf: joined(options.bitsOf ?? {}, search.bitsOf) };
  const model = compileLoaded(loaded, chosen, true, false);
  const { error } = sharesOf(model.report.evaluation ?? model.report.calibration);
  // The scales are searched for after the widths, on the calibration data alone.
  const kept = "error" in budget ? error <= budget.error : true;
  return { ...(kept ? model : compileLoaded(loaded, chosen, false)), search };
}

/** Widths of the caller's and of a search, which leaves the caller's as they are. */
function joined(
  given: NonNullable<QuantiseOptions["bitsOf"]>,
  found: BudgetResult["bitsOf"],
): NonNullable<QuantiseOptions["bitsOf"]> {
  const whole = (wanted: NonNullable<QuantiseOptions["bitsOf"]>[string]) =>
    typeof wanted === "number" ? { weights: wanted, results: wanted } : wanted;
  const names = new Set([...Object.keys(given), ...Object.keys(found)]);
  return Object.fromEntries(
    Array.from(names, (name) => {
      const own = Object.hasOwn(given, name) ? whole(given[name]!) : {};
      return [name, { ...(Object.hasOwn(found, name) ? found[name] : {}), ...own }];
    }),
  );
}

/** Greatest and mean error as shares of the range. */
function sharesOf({ meanAbsoluteError, maxAbsoluteError, relativeError }: Comparison) {
  const share = maxAbsoluteError > 0 ? relativeError / maxAbsoluteError : 0;
  return { error: relativeError, meanError: meanAbsoluteError * share };
}
