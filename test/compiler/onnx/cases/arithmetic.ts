import { booleans, fixed, floats, integers, of, type Case } from "../../../support/onnx-cases.ts";

const X = [2, 3];
const INTEGER = { outputs: [7] };

/** One float in, one float out, every number allowed. */
const curves = ["Erf", "Exp", "Sin", "Cos", "Atan", "Sinh", "Cosh", "Asinh", "Sigmoid", "Tanh", "Softplus", "Softsign"];
const rounding = ["Floor", "Ceil", "Round"];

export const arithmeticCases: readonly Case[] = [
  ...[...curves, ...rounding, "Abs", "Neg", "Sign"].map((op) => of(op, [floats([2, 5])])),
  of("Log", [floats(X, 0.01, 5)]),
  of("Sqrt", [floats(X, 0, 5)]),
  of("Reciprocal", [floats(X, 0.2, 5)]),
  of("Tan", [floats(X, -1, 1)]),
  of("Asin", [floats(X, -1, 1)]),
  of("Acos", [floats(X, -1, 1)]),
  of("Acosh", [floats(X, 1, 4)]),
  of("Atanh", [floats(X, -0.9, 0.9)]),
  of("Round", [fixed([6], [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])]),
  ...["Abs", "Neg", "Sign"].map((op) => of(op, [integers([5], -9, 9)], {}, INTEGER)),

  ...["Add", "Sub", "Mul", "Div"].flatMap((op) => [
    of(op, [floats(X), floats(X)]),
    of(op, [floats([2, 1, 3]), floats([4, 1])]),
    of(op, [floats(X), fixed([3], [1, -2, 0.5])]),
    of(op, [fixed([2, 1], [3, -1]), floats([3], 0.5, 2)]),
    of(op, [floats(X), fixed([], [1.5])]),
    of(op, [fixed([2], [6, -3]), fixed([2], [1.5, 2])]),
    of(op, [integers([6], -9, 9), fixed([], [3], 7)], {}, INTEGER),
    of(op, [integers([6], -9, 9), fixed([6], [1, -2, 3, 1, -2, 5], 7)], {}, INTEGER),
  ]),
  of("Add", [integers([4], -9, 9), integers([4], -9, 9)], {}, INTEGER),
  of("Mul", [integers([4], -9, 9, 6), integers([4], -9, 9, 6)], {}, { outputs: [6] }),

  of("Sum", [floats(X), floats([3]), fixed([2, 1], [1, 2])]),
  of("Sum", [floats(X)]),
  of("Mean", [floats(X), floats([3]), fixed([2, 1], [1, 2])]),
  ...["Max", "Min"].flatMap((op) => [
    of(op, [floats(X), floats(X)]),
    of(op, [floats(X), fixed([], [0.5])]),
    of(op, [floats(X), floats([3]), fixed([2, 1], [1, -2])]),
    of(op, [floats(X), fixed([3], [1, -2, 0.5]), fixed([], [0.1])]),
    of(op, [floats(X)]),
    of(op, [integers([4], -9, 9), integers([4], -9, 9)], {}, INTEGER),
    of(op, [fixed([], [1]), fixed([], [2])]),
  ]),

  ...[1, 2, 3, 4, 5, -1, -2, 0].map((power) =>
    of("Pow", [floats(X, 0.5, 2), fixed([], [power])], {}, { about: `^${power}` }),
  ),
  of("Pow", [floats(X, 0.3, 2), floats(X)], {}, { about: "both varying" }),
  of("Pow", [floats(X), fixed([], [2])]),
  of("Pow", [floats(X), fixed([], [3])]),
  of("Pow", [floats(X), fixed([], [5])]),
  of("Pow", [floats(X, 0, 4), fixed([], [0.5])]),
  of("Pow", [floats(X, 0.1, 4), fixed([3], [0.5, 2, -1.5])]),
  of("Pow", [fixed([], [2]), floats(X)]),
  of("Pow", [fixed([3], [2, 3, 0.5]), floats(X)]),
  of("Pow", [integers([4], -4, 4), fixed([], [3], 7)], {}, INTEGER),
  of("Mod", [integers([8], -9, 9), fixed([], [4], 7)], {}, INTEGER),
  of("Mod", [integers([8], -9, 9), fixed([2, 1], [3, -4], 7)], {}, INTEGER),
  of("Mod", [integers([8], -9, 9), fixed([], [4], 7)], { fmod: 1 }, INTEGER),
  of("Mod", [floats([8], -9, 9), fixed([], [2.5])], { fmod: 1 }),

  of("Cast", [floats([8])], { to: 7 }, INTEGER),
  of("Cast", [floats([8], 0, 9)], { to: 2 }, { outputs: [2] }),
  of("Cast", [floats([8])], { to: 11 }, { outputs: [11] }),
  of("Cast", [integers([8], -2, 2)], { to: 9 }, { outputs: [9] }),
  of("Cast", [booleans([8])], { to: 1 }),
  of("Cast", [fixed([3], [0, 0.5, -1])], { to: 9 }, { outputs: [9] }),
  of("Cast", [integers([8], -9, 9, 6)], { to: 7 }, { outputs: [7], opset: 9 }),
  of("CastLike", [floats([8]), fixed([1], [0], 6)], {}, { outputs: [6] }),
  of("CastLike", [integers([8], -9, 9), floats([1])]),

  of("QuantizeLinear", [floats([2, 4], -30, 30), fixed([], [0.1])], {}, { outputs: [2] }),
  of("QuantizeLinear", [floats([2, 4]), fixed([], [0.013]), fixed([], [-3], 3)], {}, { outputs: [3] }),
  of(
    "QuantizeLinear",
    [floats([2, 3, 4]), fixed([3], [0.013, 0.1, 0.2]), fixed([3], [128, 3, 0], 2)],
    {},
    { outputs: [2] },
  ),
  of(
    "QuantizeLinear",
    [floats([2, 4]), fixed([2], [0.013, 0.1]), fixed([2], [1, -2], 3)],
    { axis: -2 },
    { outputs: [3] },
  ),
  of("QuantizeLinear", [floats([2, 4]), fixed([], [0.001]), fixed([], [700], 4)], {}, { outputs: [4], opset: 21 }),
  of("DequantizeLinear", [integers([2, 4], 0, 255, 2), fixed([], [0.1]), fixed([], [128], 2)]),
  of("DequantizeLinear", [
    integers([2, 4], -128, 127, 3),
    fixed([4], [0.1, 0.2, 0.3, 0.4]),
    fixed([4], [1, 2, -3, 0], 3),
  ]),
  of("DequantizeLinear", [integers([2, 3, 2], -99, 99, 6), fixed([3], [0.1, 0.2, 0.3])]),
];
