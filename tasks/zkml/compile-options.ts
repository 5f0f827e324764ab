import { BudgetUnmetError, compileOnnx, compileWithin } from "@assay/compiler";
import type {
  Budget,
  BudgetProgress,
  BudgetResult,
  CompileOptions,
  IntegerGraph,
  CompiledCircuit,
  CompiledModel,
} from "@assay/compiler";

import { integer, invalid } from "../shared/options.ts";

type BitsOf = NonNullable<CompileOptions["bitsOf"]>;

/** Times that a search is made again for constraints that only the circuit has. */
const MOST_SEARCHES = 3;

/** `/conv1/Conv=6,/relu/Relu=8/5` as bits by node: of weights and results alike, or of weights and then of results. */
export function readBitsOf(text: string | undefined): BitsOf {
  const pairs = (text ?? "").split(",").filter((pair) => pair !== "");
  const made: [string, BitsOf[string]][] = pairs.map((pair) => {
    const [, name, first, second] = /^(.{1,512})=([0-9]{1,9})(?:\/([0-9]{1,9}))?$/s.exec(pair) ?? [];
    if (name === undefined || first === undefined) return invalid("bitsOf", pair, "node=bits or node=weights/results");
    const weights = integer("bitsOf", first, 4, 16);
    return [name, second === undefined ? weights : { weights, results: integer("bitsOf", second, 4, 16) }];
  });
  return Object.fromEntries(made);
}

/** `constant` or `committed`. */
export function readWeights(text: string): NonNullable<CompileOptions["weights"]> {
  return text === "constant" || text === "committed" ? text : invalid("weights", text, "constant or committed");
}

/** `constraints=50000` or `error=0.01`. */
export function readBudget(text: string): Budget {
  const [, kind, value = ""] = /^(constraints|error)=([0-9]{1,9}(?:\.[0-9]{1,9})?)$/.exec(text) ?? [];
  const number = Number(value);
  if (kind === "constraints" && Number.isInteger(number) && number >= 1) return { constraints: number };
  if (kind === "error" && number > 0 && number <= 1) return { error: number };
  return invalid("budget", text, "constraints=N with N from 1, or error=X with X above 0 and at most 1, as 0.01");
}

/** A model with its circuit, and how its widths were found where they were looked for. */
export interface Compiled {
  readonly compiled: CompiledModel;
  readonly circuit: CompiledCircuit;
  readonly search?: BudgetResult;
}

/**
 * Compiles model and circuit; with a budget, until the circuit itself meets it: what binds input and output is known only
 * from the circuit, and is taken off the budget then.
 *
 * @throws {BudgetUnmetError} when it does not.
 */
export async function compileFor(
  model: Uint8Array,
  options: CompileOptions,
  budget: Budget | undefined,
  tools: {
    readonly circuitOf: (graph: IntegerGraph) => Promise<CompiledCircuit>;
    readonly searching: <T>(work: (onProgress: (progress: BudgetProgress) => void) => Promise<T>) => Promise<T>;
  },
): Promise<Compiled> {
  if (budget === undefined) {
    const compiled = compileOnnx(model, options);
    return { compiled, circuit: await tools.circuitOf(compiled.graph) };
  }
  let [otherConstraints, evaluations] = [0, 0];
  for (let tries = 1; ; tries++) {
    const { search, ...compiled } = await tools.searching((onProgress) =>
      compileWithin(model, { ...options, budget, otherConstraints, onProgress }),
    );
    evaluations += search.evaluations;
    const circuit = await tools.circuitOf(compiled.graph);
    const { total } = circuit.constraints;
    if ("error" in budget || total <= budget.constraints) return { compiled, circuit, search };
    const { error } = search;
    if (tries === MOST_SEARCHES) throw new BudgetUnmetError(budget, { constraints: total, error }, evaluations);
    otherConstraints = total - compiled.report.constraints.total;
  }
}
