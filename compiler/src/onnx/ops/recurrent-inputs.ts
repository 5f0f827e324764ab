import type { ProgramBuilder } from "../../program/builder.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { permute } from "./layout.ts";
import { bounded, boundedRounds, constantOperand, misfit, operand, typed, unsupported } from "./operands.ts";
import type { OpContext } from "./types.ts";

/** A function of one number, with the name that it has in reports. */
export interface Activation {
  readonly name: string;
  readonly apply: (value: number) => number;
}

const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  sigmoid: { name: "sigmoid", apply: (value) => 1 / (1 + Math.exp(-value)) },
  tanh: { name: "tanh", apply: Math.tanh },
  relu: { name: "relu", apply: (value) => Math.max(value, 0) },
};

export function activate(builder: ProgramBuilder, input: Value, { name, apply }: Activation): Value {
  return name === "relu" ? builder.clamp(input, 0, Infinity) : builder.table(input, name, apply);
}

/** Weights of one direction: one row for each gate and hidden unit. */
export interface Weights {
  readonly input: readonly Float64Array[];
  readonly recurrent: readonly Float64Array[];
  readonly inputBias: Float64Array;
  readonly recurrentBias: Float64Array;
}

/** What one direction works with. The state has [batch][hidden]; undefined where it is all zeros. */
export interface Direction {
  readonly backwards: boolean;
  readonly weights: Weights;
  readonly activations: readonly Activation[];
  readonly hidden: Value | undefined;
  readonly cell: Value | undefined;
}

/** A recurrent node, whatever its kind. */
export interface Sequence {
  /** [steps][batch][features]. */
  readonly input: Value;
  readonly steps: number;
  readonly batch: number;
  readonly size: number;
  /** Batch comes first in inputs and outputs. */
  readonly batchFirst: boolean;
  readonly directions: readonly Direction[];
}

function expectShape(context: OpContext, at: number, what: string, dims: readonly number[]): void {
  const found = context.inputs[at]?.dims;
  if (found === undefined || found.join() === dims.join()) return;
  throw misfit(context, `its ${what} has shape [${found.join(", ")}], [${dims.join(", ")}] is needed`);
}

function readActivations(context: OpContext, defaults: readonly string[], directions: number): Activation[][] {
  const { attributes, node } = context;
  const names = attributes.strings("activations") ?? Array.from({ length: directions }, () => defaults).flat();
  if (names.length !== defaults.length * directions) {
    const needed = `${defaults.length * directions} are needed`;
    throw new OnnxAttributeError(node, "activations", `${names.length} long`, needed);
  }
  for (const name of ["activation_alpha", "activation_beta"]) {
    if ((attributes.floats(name) ?? []).length === 0) continue;
    throw new OnnxAttributeError(node, name, "given", "Sigmoid, Tanh and Relu take no parameters");
  }
  const known = names.map((name) => {
    const lower = name.toLowerCase();
    if (Object.hasOwn(ACTIVATIONS, lower)) return ACTIVATIONS[lower]!;
    throw new OnnxAttributeError(node, "activations", JSON.stringify(name.slice(0, 40)), "use Sigmoid, Tanh or Relu");
  });
  return Array.from({ length: directions }, (_, at) => known.slice(at * defaults.length, (at + 1) * defaults.length));
}

function rowsOf(data: Float64Array, from: number, count: number, width: number): Float64Array[] {
  return Array.from({ length: count }, (_, row) => data.slice((from + row) * width, (from + row + 1) * width));
}

/** The state that each direction starts with. */
function readState(
  context: OpContext,
  at: number,
  what: string,
  { batch, size, batchFirst }: Pick<Sequence, "batch" | "size" | "batchFirst">,
  directions: number,
) {
  const { builder, inputs } = context;
  const given = inputs[at];
  if (given === undefined || given.constant?.every((each) => each === 0) === true) return [];
  expectShape(context, at, what, batchFirst ? [batch, directions, size] : [directions, batch, size]);
  typed(context, given, "real");
  const whole = batchFirst ? permute(builder, given, [1, 0, 2]) : given;
  const count = batch * size;
  return Array.from({ length: directions }, (_, each) => {
    return builder.gather(
      [whole],
      Int32Array.from({ length: count }, (_at, k) => each * count + k),
      [batch, size],
    );
  });
}

/**
 * Reads what RNN, GRU and LSTM have in common: shapes, weights, which must be constant, and initial states.
 *
 * @param gates how many rows of weights each hidden unit has
 * @param cells the input that holds the initial cell state, for an LSTM
 * @throws {OnnxUnsupportedOpError | OnnxAttributeError | OnnxShapeError} when the node asks for more, or does not fit.
 */
export function readSequence(context: OpContext, gates: number, defaults: readonly string[], cells?: number): Sequence {
  const { builder, attributes, node } = context;
  const input = typed(context, operand(context, 0), "real");
  if (attributes.has("clip")) throw new OnnxAttributeError(node, "clip", "given", "export without it");
  const direction = attributes.choice("direction", "forward", ["forward", "reverse", "bidirectional"]);
  const batchFirst = attributes.flag("layout", false);
  const directions = direction === "bidirectional" ? 2 : 1;
  operand(context, 1);
  const size = operand(context, 2).dims.at(-1) ?? 0;
  const asked = attributes.integer("hidden_size", size);
  if (asked !== size) throw new OnnxAttributeError(node, "hidden_size", String(asked), `its weights have ${size}`);
  if (input.dims.length !== 3) throw misfit(context, `its input has ${input.dims.length} dimensions`, "3 are needed");
  const width = input.dims[2]!;
  const [steps, batch] = batchFirst ? [input.dims[1]!, input.dims[0]!] : [input.dims[0]!, input.dims[1]!];
  const count = gates * size;
  expectShape(context, 1, "weights", [directions, count, width]);
  expectShape(context, 2, "recurrent weights", [directions, count, size]);
  expectShape(context, 3, "biases", [directions, 2 * count]);
  bounded(context, boundedRounds(context, steps) * batch * count * directions);
  const lengths = constantOperand(context, 4, "sequence lengths");
  if (lengths?.every((each) => each === steps) === false) {
    throw unsupported(context, "every sequence must be as long as the input; cut or pad them before");
  }
  const [inputs, recurrent] = [constantOperand(context, 1, "weights")!, constantOperand(context, 2, "weights")!];
  const biases = constantOperand(context, 3, "biases") ?? new Float64Array(directions * 2 * count);
  const activations = readActivations(context, defaults, directions);
  const hidden = readState(context, 5, "initial state", { batch, size, batchFirst }, directions);
  const cell =
    cells === undefined ? [] : readState(context, cells, "initial cell", { batch, size, batchFirst }, directions);
  return {
    input: batchFirst ? permute(builder, input, [1, 0, 2]) : input,
    ...{ steps, batch, size, batchFirst },
    directions: Array.from({ length: directions }, (_, at) => ({
      backwards: direction === "reverse" || at === 1,
      weights: {
        input: rowsOf(inputs, at * count, count, width),
        recurrent: rowsOf(recurrent, at * count, count, size),
        inputBias: biases.slice(at * 2 * count, (at * 2 + 1) * count),
        recurrentBias: biases.slice((at * 2 + 1) * count, (at + 1) * 2 * count),
      },
      activations: activations[at]!,
      hidden: hidden[at],
      cell: cell[at],
    })),
  };
}
