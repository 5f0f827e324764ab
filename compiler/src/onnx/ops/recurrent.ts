import type { ProgramBuilder } from "../../program/builder.ts";
import type { Value } from "../../program/types.ts";
import { OnnxAttributeError } from "../errors.ts";
import { permute } from "./layout.ts";
import { constantOperand, unsupported } from "./operands.ts";
import { activate, readSequence, type Direction, type Sequence } from "./recurrent-inputs.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";
import { gatherAll } from "./wiring.ts";

/** What a network remembers from one step to the next; undefined where it is all zeros. */
interface State {
  readonly hidden: Value | undefined;
  readonly cell: Value | undefined;
}

/** One step. `gates` has, by gate, what the input alone adds up to, biases included: [batch][size] each. */
type Cell = (gates: readonly Value[], before: State) => { readonly hidden: Value; readonly cell?: Value };

interface Shape {
  readonly batch: number;
  readonly size: number;
}

/** left + right, either of which may be missing because it is zero. */
function plus(builder: ProgramBuilder, left: Value, right: Value | undefined): Value {
  if (right === undefined) return left;
  const terms = [
    [1, left],
    [1, right],
  ] as const;
  return builder.linear(terms, 0);
}

/** to + share * (from - to): `from` where share is 1, `to` where it is 0. */
function blend(builder: ProgramBuilder, share: Value, from: Value | undefined, to: Value): Value {
  if (from === undefined) {
    const rest = builder.linear([[-1, share]], 1);
    return builder.multiply(rest, to);
  }
  const step = [
    [1, from],
    [-1, to],
  ] as const;
  return plus(builder, to, builder.multiply(share, builder.linear(step, 0)));
}

/** Columns of [rows][gates * size], gate by gate. */
function split(builder: ProgramBuilder, whole: Value, gates: number, from: number, { batch, size }: Shape): Value[] {
  return Array.from({ length: gates }, (_, gate) => {
    const index = Int32Array.from({ length: batch * size }, (_at, k) => {
      return from + Math.floor(k / size) * gates * size + gate * size + (k % size);
    });
    return builder.gather([whole], index, [batch, size]);
  });
}

/** What the hidden state adds to each of the gates from `first` to `last` - 1. */
function recur(
  builder: ProgramBuilder,
  state: Value | undefined,
  { weights }: Direction,
  [first, last]: readonly [number, number],
  shape: Shape,
  biased = false,
): (Value | undefined)[] {
  const gates = last - first;
  const { batch, size } = shape;
  const bias = biased ? weights.recurrentBias.slice(first * size, last * size) : new Float64Array(gates * size);
  if (state === undefined && !biased) return Array.from({ length: gates }, () => undefined);
  const from = state ?? builder.constant([batch, size], new Float64Array(batch * size));
  const rows = weights.recurrent.slice(first * size, last * size);
  return split(builder, builder.dense(from, batch, rows, bias, [batch, gates * size]), gates, 0, shape);
}

function rnnCell(builder: ProgramBuilder, direction: Direction, shape: Shape): Cell {
  const [f] = direction.activations;
  return ([input], { hidden }) => {
    const [recurrent] = recur(builder, hidden, direction, [0, 1], shape);
    return { hidden: activate(builder, plus(builder, input!, recurrent), f!) };
  };
}

/** Gates z (update), r (reset), h (new state). `after` resets what the state adds to h, else the state before that. */
function gruCell(builder: ProgramBuilder, direction: Direction, shape: Shape, after: boolean): Cell {
  const [f, g] = direction.activations;
  return ([z, r, h], { hidden }) => {
    const [updated, reset] = recur(builder, hidden, direction, [0, 2], shape);
    const update = activate(builder, plus(builder, z!, updated), f!);
    const keep = activate(builder, plus(builder, r!, reset), f!);
    const kept = (value: Value | undefined) => (value === undefined ? undefined : builder.multiply(keep, value));
    const [added] = after
      ? recur(builder, hidden, direction, [2, 3], shape, true).map(kept)
      : recur(builder, kept(hidden), direction, [2, 3], shape);
    const made = activate(builder, plus(builder, h!, added), g!);
    return { hidden: blend(builder, update, hidden, made) };
  };
}

/** Gates i (input), o (output), f (forget), c (new cell). */
function lstmCell(builder: ProgramBuilder, direction: Direction, shape: Shape): Cell {
  const [f, g, h] = direction.activations;
  return (gates, before) => {
    const recurrent = recur(builder, before.hidden, direction, [0, 4], shape);
    const [input, output, forget, made] = gates.map((gate, at) => {
      return activate(builder, plus(builder, gate, recurrent[at]), at === 3 ? g! : f!);
    });
    const fresh = builder.multiply(input!, made!);
    const cell = plus(builder, fresh, before.cell === undefined ? undefined : builder.multiply(forget!, before.cell));
    return { hidden: builder.multiply(output!, activate(builder, cell, h!)), cell };
  };
}

/** How one kind of network reads its biases and steps. */
interface Kind {
  readonly gates: number;
  /** The gates whose recurrent bias the cell adds itself. */
  readonly apart: number;
  readonly cell: (direction: Direction) => Cell;
}

interface Unrolled {
  /** The hidden state after each step, in the order of the input. */
  readonly all: readonly Value[];
  readonly last: { readonly hidden: Value; readonly cell?: Value };
}

function unroll(builder: ProgramBuilder, sequence: Sequence, direction: Direction, kind: Kind): Unrolled {
  const { input, steps, batch, size } = sequence;
  const count = kind.gates * size;
  const { inputBias, recurrentBias } = direction.weights;
  const bias = inputBias.map((each, at) => each + (at < count - kind.apart * size ? recurrentBias[at]! : 0));
  // The input's share of all steps at once.
  const shares = builder.dense(input, steps * batch, direction.weights.input, bias, [steps * batch, count]);
  const cell = kind.cell(direction);
  const all: Value[] = [];
  let state: State = { hidden: direction.hidden, cell: direction.cell };
  for (let step = 0; step < steps; step++) {
    const at = direction.backwards ? steps - 1 - step : step;
    const { hidden, cell: kept } = cell(split(builder, shares, kind.gates, at * batch * count, sequence), state);
    all[at] = hidden;
    state = { hidden, cell: kept };
  }
  const { hidden, cell: kept } = state;
  return { all, last: kept === undefined ? { hidden: hidden! } : { hidden: hidden!, cell: kept } };
}

/** Values of [batch][size] as one of [...dims][batch][size], with the batch first if it is to be. */
function stack(builder: ProgramBuilder, parts: readonly Value[], dims: readonly number[], sequence: Sequence): Value {
  const { batch, size, batchFirst } = sequence;
  const count = parts.length * batch * size;
  const whole = gatherAll(
    builder,
    parts,
    Int32Array.from({ length: count }, (_, at) => at),
    [...dims, batch, size],
  );
  const axes = dims.map((_, axis) => axis);
  return batchFirst ? permute(builder, whole, [dims.length, ...axes, dims.length + 1]) : whole;
}

function run(context: OpContext, sequence: Sequence, kind: Kind): readonly Value[] {
  const { builder } = context;
  const { steps, directions } = sequence;
  const unrolled = directions.map((direction) => unroll(builder, sequence, direction, kind));
  const all = Array.from({ length: steps }, (_, step) => unrolled.map((each) => each.all[step]!)).flat();
  const ends = unrolled.map(({ last }) => last.hidden);
  const cells = unrolled.flatMap(({ last }) => last.cell ?? []);
  const outputs = [
    stack(builder, all, [steps, directions.length], sequence),
    stack(builder, ends, [directions.length], sequence),
  ];
  return cells.length === 0 ? outputs : [...outputs, stack(builder, cells, [directions.length], sequence)];
}

const rnn: Lowering = (context) => {
  const sequence = readSequence(context, 1, ["Tanh"]);
  return run(context, sequence, {
    gates: 1,
    apart: 0,
    cell: (direction) => rnnCell(context.builder, direction, sequence),
  });
};

const gru: Lowering = (context) => {
  const sequence = readSequence(context, 3, ["Sigmoid", "Tanh"]);
  const after = context.attributes.flag("linear_before_reset", false);
  return run(context, sequence, {
    gates: 3,
    apart: after ? 1 : 0,
    cell: (direction) => gruCell(context.builder, direction, sequence, after),
  });
};

const lstm: Lowering = (context) => {
  const sequence = readSequence(context, 4, ["Sigmoid", "Tanh", "Tanh"], 6);
  if (context.attributes.flag("input_forget", false)) {
    throw new OnnxAttributeError(context.node, "input_forget", "1", "only 0 is supported");
  }
  if (constantOperand(context, 7, "peepholes")?.every((each) => each === 0) === false) {
    throw unsupported(context, "peepholes are not supported; train without them");
  }
  return run(context, sequence, {
    gates: 4,
    apart: 0,
    cell: (direction) => lstmCell(context.builder, direction, sequence),
  });
};

/** Recurrent networks, unrolled: every step of the sequence is written out. Weights must be constant. */
export const recurrentOps: Operators = {
  RNN: { inputs: [3, 6], lower: rnn },
  GRU: { inputs: [3, 6], lower: gru },
  LSTM: { inputs: [3, 8], lower: lstm },
};
