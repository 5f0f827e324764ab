import { expect } from "chai";

import {
  OnnxAttributeError,
  OnnxDtypeError,
  OnnxShapeError,
  OnnxTooLargeError,
  OnnxUnsupportedOpError,
} from "../../../compiler/src/onnx/errors.ts";
import { recurrentOps } from "../../../compiler/src/onnx/ops/recurrent.ts";
import { elementCount } from "../../../compiler/src/program/geometry.ts";
import { runProgram } from "../../../compiler/src/program/run.ts";
import { compare, fixed, integer, lists, lower, real, refuses, type Case, type Input } from "../../support/lowering.ts";
import { attribute } from "../../support/onnx-builder.ts";
import { Random } from "../../support/random.ts";

const GATES: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };
const [STEPS, BATCH, WIDTH, SIZE] = [4, 2, 3, 5];

describe("Recurrent networks as steps", () => {
  const random = new Random(7);
  const weights = (...dims: number[]): Input => {
    return fixed(
      "real",
      dims,
      random.array(elementCount(dims), () => Math.fround(random.normal() / 2)),
    );
  };

  interface Options {
    readonly direction?: string;
    readonly bias?: boolean;
    readonly states?: (dims: readonly number[]) => Input;
    readonly more?: readonly Record<string, unknown>[];
    readonly x?: Input;
  }

  /** A node of the operator with all outputs. */
  function network(op: string, { direction = "forward", bias = true, states, more = [], x }: Options = {}): Case {
    const directions = direction === "bidirectional" ? 2 : 1;
    const rows = GATES[op]! * SIZE;
    const state = () => states?.([directions, BATCH, SIZE]);
    const inputs = [
      x ?? real(STEPS, BATCH, WIDTH),
      weights(directions, rows, WIDTH),
      weights(directions, rows, SIZE),
      bias ? weights(directions, 2 * rows) : undefined,
      undefined,
      state(),
      ...(op === "LSTM" ? [state()] : []),
    ];
    const attributes = [attribute.integer("hidden_size", SIZE), lists.text("direction", direction), ...more];
    const outputs = op === "LSTM" ? (["real", "real", "real"] as const) : (["real", "real"] as const);
    return { op, inputs: inputs.slice(0, inputs.findLastIndex((each) => each !== undefined) + 1), attributes, outputs };
  }

  for (const op of ["RNN", "GRU", "LSTM"]) {
    for (const direction of ["forward", "reverse", "bidirectional"]) {
      it(`${op} ${direction} agrees with ONNX Runtime, with states and biases and without`, async () => {
        await compare(recurrentOps, network(op, { direction }), random, { rounds: 3 });
        await compare(recurrentOps, network(op, { direction, bias: false }), random, { rounds: 3 });
        const varying = network(op, { direction, states: (dims) => real(...dims) });
        await compare(recurrentOps, varying, random, { rounds: 3 });
        const constant = network(op, { direction, states: (dims) => weights(...dims) });
        await compare(recurrentOps, constant, random, { rounds: 3 });
        const zeros = network(op, {
          direction,
          states: (dims) =>
            fixed("real", dims, dims.length === 0 ? [] : Array.from({ length: elementCount(dims) }, () => 0)),
        });
        await compare(recurrentOps, zeros, random, { rounds: 3 });
      });
    }

    it(`${op} takes other activations`, async () => {
      const names: Readonly<Record<string, string[]>> = {
        RNN: ["Relu"],
        GRU: ["Tanh", "Relu"],
        LSTM: ["Sigmoid", "Relu", "Tanh"],
      };
      const more = [lists.texts("activations", names[op]!)];
      await compare(recurrentOps, network(op, { more }), random, { rounds: 3 });
      const twice = [lists.texts("activations", [...names[op]!, ...names[op]!.toReversed()])];
      await compare(recurrentOps, network(op, { direction: "bidirectional", more: twice }), random, { rounds: 3 });
    });

    it(`${op} with the batch first gives what it gives with the batch second`, () => {
      // ONNX Runtime has no layout 1.
      for (const direction of ["reverse", "bidirectional"]) {
        const directions = direction === "bidirectional" ? 2 : 1;
        const plain = network(op, { direction, states: (dims) => real(...dims) });
        const swap = (input: Input | undefined): Input | undefined => {
          if (input === undefined || input.data !== undefined) return input;
          return { ...input, dims: [input.dims[1]!, input.dims[0]!, input.dims[2]!] };
        };
        const first: Case = {
          ...plain,
          opset: 14,
          inputs: plain.inputs.map(swap),
          attributes: [...plain.attributes!, attribute.integer("layout", 1)],
        };
        const elements = plain.inputs.flatMap((input) => {
          return input === undefined || input.data !== undefined
            ? []
            : [{ dims: input.dims, data: random.array(elementCount(input.dims), () => random.normal()) }];
        });
        const swapped = elements.map(({ dims: [a, b, c], data }) => {
          return Array.from({ length: data.length }, (_, at) => {
            const [j, i, k] = [Math.floor(at / (a! * c!)), Math.floor(at / c!) % a!, at % c!];
            return data[(i * b! + j) * c! + k]!;
          });
        });
        const [one, two] = [lower(recurrentOps, plain), lower(recurrentOps, first)];
        const [left, right] = [
          runProgram(
            one,
            elements.map(({ data }) => data),
          ),
          runProgram(two, swapped),
        ];
        const order = [
          [2, 0, 1, 3],
          [1, 0, 2],
          [1, 0, 2],
        ];
        for (const [at, { value }] of one.outputs.entries()) {
          const other = two.outputs[at]!.value;
          const dims = order[at]!.map((axis) => value.dims[axis]!);
          expect(other.dims).to.deep.equal(dims);
          const data = left.get(value.id)!;
          const strides = value.dims.map((_, axis) => elementCount(value.dims.slice(axis + 1)));
          const moved = Array.from({ length: data.length }, (_, flat) => {
            const steps = dims.map((size, axis) => Math.floor(flat / elementCount(dims.slice(axis + 1))) % size);
            return data[steps.reduce((sum, coordinate, axis) => sum + coordinate * strides[order[at]![axis]!]!, 0)]!;
          });
          expect(Array.from(right.get(other.id)!), `${direction} output ${at}`).to.deep.equal(moved);
        }
        expect(two.outputs[1]!.value.dims).to.deep.equal([BATCH, directions, SIZE]);
      }
    });
  }

  it("GRU resets before or after the recurrent product", async () => {
    for (const direction of ["forward", "bidirectional"]) {
      for (const before of [0, 1]) {
        const more = [attribute.integer("linear_before_reset", before)];
        await compare(recurrentOps, network("GRU", { direction, more }), random, { rounds: 3 });
        await compare(recurrentOps, network("GRU", { direction, more, bias: false }), random, { rounds: 3 });
        const states = (dims: readonly number[]) => real(...dims);
        await compare(recurrentOps, network("GRU", { direction, more, states }), random, { rounds: 3 });
      }
    }
  });

  it("takes a sequence of one step, lengths that are whole, and peepholes of zeros", async () => {
    await compare(recurrentOps, network("LSTM", { x: real(1, BATCH, WIDTH) }), random);
    const each = network("LSTM");
    const lengths = { ...fixed("integer", [BATCH], [STEPS, STEPS]) };
    const none = fixed(
      "real",
      [1, 3 * SIZE],
      Array.from({ length: 3 * SIZE }, () => 0),
    );
    // ONNX Runtime wants int32 lengths, which the support file does not write; the program is the same without.
    const inputs = [...each.inputs.slice(0, 4), undefined, undefined, undefined, none];
    await compare(recurrentOps, { ...each, inputs }, random);
    const whole = lower(recurrentOps, { ...each, inputs: [...each.inputs.slice(0, 4), lengths] });
    expect(whole.steps.length).to.equal(lower(recurrentOps, each).steps.length);
  });

  it("computes nothing for a state of zeros", () => {
    const dense = (op: string) => lower(recurrentOps, network(op)).steps.filter((step) => step.op === "dense").length;
    expect(dense("RNN")).to.equal(1 + STEPS - 1);
    expect(dense("LSTM")).to.equal(1 + STEPS - 1);
    expect(dense("GRU")).to.equal(1 + 2 * (STEPS - 1));
  });

  it("refuses what it has no meaning for, by name", () => {
    const with_ = (op: string, ...more: Record<string, unknown>[]) => network(op, { more });
    const text = lists.text;
    const base = network("LSTM");
    const swap = (at: number, input: Input): Case => {
      const inputs: (Input | undefined)[] = [...base.inputs];
      inputs[at] = input;
      return { ...base, inputs: Array.from(inputs, (each) => each) };
    };
    refuses(recurrentOps, with_("RNN", attribute.float("clip", 3)), OnnxAttributeError, "clip");
    refuses(recurrentOps, with_("RNN", lists.texts("activations", ["HardSigmoid"])), OnnxAttributeError, "HardSigmoid");
    refuses(recurrentOps, with_("GRU", lists.texts("activations", ["Tanh"])), OnnxAttributeError, "1 long");
    refuses(
      recurrentOps,
      with_("GRU", lists.floats("activation_alpha", [0.1])),
      OnnxAttributeError,
      "activation_alpha",
    );
    refuses(recurrentOps, with_("LSTM", attribute.integer("input_forget", 1)), OnnxAttributeError, "input_forget");
    const ways = { ...base, attributes: [text("direction", "sideways")] };
    refuses(recurrentOps, ways, OnnxAttributeError, "direction");
    refuses(
      recurrentOps,
      { ...base, attributes: [attribute.integer("hidden_size", 4)] },
      OnnxAttributeError,
      "hidden_size",
    );
    refuses(recurrentOps, swap(0, real(STEPS, WIDTH)), OnnxShapeError, "2 dimensions");
    refuses(recurrentOps, swap(0, real(5000, 1, WIDTH)), OnnxTooLargeError, "Rounds");
    refuses(recurrentOps, swap(0, real(STEPS, BATCH, WIDTH + 1)), OnnxShapeError, "weights");
    refuses(recurrentOps, swap(0, integer([STEPS, BATCH, WIDTH], 0, 1)), OnnxDtypeError);
    refuses(recurrentOps, swap(1, real(1, 4 * SIZE, WIDTH)), OnnxUnsupportedOpError, "weights must be constant");
    refuses(recurrentOps, swap(3, weights(1, 4 * SIZE)), OnnxShapeError, "biases");
    refuses(recurrentOps, swap(4, fixed("integer", [BATCH], [STEPS, 1])), OnnxUnsupportedOpError, "as long as");
    refuses(recurrentOps, swap(4, integer([BATCH], 0, 3)), OnnxUnsupportedOpError, "lengths must be constant");
    refuses(recurrentOps, swap(5, real(1, BATCH, SIZE + 1)), OnnxShapeError, "initial state");
    refuses(recurrentOps, swap(6, real(1, BATCH + 1, SIZE)), OnnxShapeError, "initial cell");
    refuses(recurrentOps, swap(7, weights(1, 3 * SIZE)), OnnxUnsupportedOpError, "peepholes");
  });
});
