import type { Value } from "../program/types.ts";

/** Operators that never make a number below 0, whatever they are given. */
const ALWAYS = new Set([
  ...["Abs", "Exp", "Relu", "Sigmoid", "HardSigmoid", "Softplus", "Softmax", "Hardmax", "Sqrt"],
  ...[
    "ReduceL1",
    "ReduceL2",
    "ReduceSumSquare",
    "Shape",
    "Size",
    "ArgMax",
    "ArgMin",
    "NonZero",
    "OneHot",
    "Cosh",
    "Acos",
  ],
  ...["LpPool", "GlobalLpPool"],
]);

/** Operators that make none when no input has one. */
const KEEPS = new Set([
  ...["Add", "Mul", "Div", "Sum", "Mean", "Min", "Max", "Sign", "Floor", "Ceil", "Round", "Reciprocal", "Pow"],
  ...["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "MatMul", "Cast", "Identity", "Dropout"],
  ...[
    "Concat",
    "Split",
    "Slice",
    "Reshape",
    "Flatten",
    "Squeeze",
    "Unsqueeze",
    "Transpose",
    "Expand",
    "Tile",
    "Gather",
  ],
  ...["AveragePool", "MaxPool", "GlobalAveragePool", "GlobalMaxPool", "DepthToSpace", "SpaceToDepth", "Trilu", "Where"],
  ...["GatherElements", "GatherND", "CumSum", "Clip"],
]);

/** The same, but one such input is enough. */
const LIFTS = new Set(["Max"]);

/** Inputs that say how, not what: their sign does not matter. */
const CONTROLS: Readonly<Record<string, number>> = {
  ...{ Reshape: 1, Slice: 1, Squeeze: 1, Unsqueeze: 1, Expand: 1, Tile: 1, Split: 1, Trilu: 1, Gather: 1, GatherND: 1 },
  ...{ ReduceSum: 1, ReduceMean: 1, ReduceMax: 1, ReduceMin: 1, ReduceProd: 1, GatherElements: 1, CumSum: 1, Pow: 1 },
};

/** Follows which values cannot be below 0, so that a division by them needs no care for signs. */
export class Signs {
  readonly #known = new Set<number>();

  /** Whether no element can be below 0; false when that is not known. */
  nonNegative(value: Value): boolean {
    if (value.constant !== undefined) return value.constant.every((each) => each >= 0);
    return value.type === "boolean" || this.#known.has(value.id);
  }

  /** Notes what a node made of its inputs. */
  note(op: string, inputs: readonly (Value | undefined)[], outputs: readonly Value[]): void {
    const operands = inputs.slice(0, CONTROLS[op] ?? inputs.length).filter((each) => each !== undefined);
    const square = (op === "Mul" && inputs[0]?.id === inputs[1]?.id) || (op === "Pow" && evenPower(inputs[1]));
    // Before its bounds were inputs, Clip had them in attributes, which are not looked at here.
    const keeps = KEEPS.has(op) && (op !== "Clip" || inputs.length > 1);
    const lifted = LIFTS.has(op) && operands.some((each) => this.nonNegative(each));
    if (square || lifted || ALWAYS.has(op) || (keeps && operands.every((each) => this.nonNegative(each)))) {
      for (const { id } of outputs) this.#known.add(id);
    }
  }
}

function evenPower(exponent: Value | undefined): boolean {
  return exponent?.constant?.every((each) => each % 2 === 0) ?? false;
}
