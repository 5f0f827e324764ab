import type { Value } from "../../program/types.ts";
import { curve, number, uniform } from "./elementwise.ts";
import { broadcastTo } from "./layout.ts";
import { constantOperand, misfit, operand, unsupported } from "./operands.ts";
import { gelu, geluTanh, sigmoid, softplus } from "./special.ts";
import type { Lowering, OpContext, Operator, Operators } from "./types.ts";

/** Attributes that are numbers, with what they are when left out, and the function that they shape. */
function shaped(
  name: string,
  absent: Readonly<Record<string, number>>,
  apply: (value: number, parameters: readonly number[]) => number,
): Operator {
  const lower: Lowering = (context) => {
    const parameters = Object.entries(absent).map(([key, value]) => context.attributes.float(key, value));
    return [context.builder.table(number(context, 0), name, (value) => apply(value, parameters))];
  };
  return { inputs: [1, 1], lower };
}

const relu: Lowering = (context) => [context.builder.clamp(number(context, 0), 0, Infinity)];

/** slope * x + (1 - slope) * relu(x). */
const leakyRelu: Lowering = (context) => {
  const { builder, attributes } = context;
  const slope = attributes.float("alpha", 0.01);
  const input = number(context, 0);
  const positive = builder.clamp(input, 0, Infinity);
  return [builder.linear([[slope, input], [1 - slope, positive]], 0)]; // prettier-ignore
};

/** relu(x) + slope * min(x, 0), the slopes constant or not. */
const pRelu: Lowering = (context) => {
  const { builder } = context;
  const input = number(context, 0);
  const given = operand(context, 1);
  // Slopes broadcast to the input, never the other way.
  const missing = input.dims.length - given.dims.length;
  const fits = given.dims.every((size, axis) => size === 1 || size === input.dims[axis + missing]);
  if (missing < 0 || !fits) throw misfit(context, `slopes [${given.dims.join(", ")}] do not broadcast to the input`);
  const slope = broadcastTo(builder, given, input.dims);
  const positive = builder.clamp(input, 0, Infinity);
  const negative = builder.multiply(builder.clamp(input, -Infinity, 0), slope);
  return [builder.linear([[1, positive], [1, negative]], 0)]; // prettier-ignore
};

/** The greatest and least numbers of single precision mean no bound. */
function bound(value: number): number {
  return Math.abs(value) > 3.4e38 ? Math.sign(value) * Infinity : value;
}

function scalar(context: OpContext, at: number, what: string, absent: number): number {
  const found = constantOperand(context, at, what);
  if (found === undefined) return absent;
  const value = uniform(found);
  if (found.length !== 1 || value === undefined) throw misfit(context, `its ${what} is not one number`);
  return bound(value);
}

const clip: Lowering = (context) => {
  const { builder, attributes, opset } = context;
  const old = opset < 11;
  if (old && context.inputs.length > 1) throw misfit(context, "it has bounds as inputs before operator set 11");
  const min = old ? bound(attributes.float("min", -3.5e38)) : scalar(context, 1, "min", -Infinity);
  const max = old ? bound(attributes.float("max", 3.5e38)) : scalar(context, 2, "max", Infinity);
  const input = number(context, 0);
  // Where the bounds cross, ONNX has the upper one.
  return [min === -Infinity && max === Infinity ? input : builder.clamp(input, Math.min(min, max), max)];
};

const hardSigmoid: Lowering = (context) => {
  const { builder, attributes } = context;
  const [alpha, beta] = [attributes.float("alpha", 0.2), attributes.float("beta", 0.5)];
  return [builder.clamp(builder.linear([[alpha, number(context, 0)]], beta), 0, 1)];
};

const geluOp: Lowering = (context) => {
  const exact = context.attributes.choice("approximate", "none", ["none", "tanh"]) === "none";
  return [context.builder.table(number(context, 0), "gelu", exact ? gelu : geluTanh)];
};

const one = (lower: Lowering): Operator => ({ inputs: [1, 1], lower });

/** x * sigmoid(alpha x) has a value for every number: far out it is x, or 0. */
const swish = (x: number, [alpha = 1]: readonly number[]) => x * sigmoid(alpha * x);

/** Refuses what has another meaning while training. */
export function inferenceOnly(context: OpContext, training: Value | undefined): void {
  if (training === undefined || training.constant?.every((each) => each === 0) === true) return;
  throw unsupported(context, "call model.eval() before export: it is in training mode");
}

const SELU_ALPHA = 1.67326319217681884765625;
const SELU_GAMMA = 1.05070102214813232421875;

export const activationOps: Operators = {
  Relu: one(relu),
  LeakyRelu: one(leakyRelu),
  PRelu: { inputs: [2, 2], lower: pRelu },
  Clip: { inputs: [1, 3], lower: clip },
  HardSigmoid: one(hardSigmoid),
  Gelu: one(geluOp),
  Sigmoid: curve("sigmoid", sigmoid),
  Tanh: curve("tanh", Math.tanh),
  HardSwish: curve("hard swish", (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1)),
  Softplus: curve("softplus", softplus),
  Softsign: curve("softsign", (x) => x / (1 + Math.abs(x))),
  Mish: curve("mish", (x) => x * Math.tanh(softplus(x))),
  Elu: shaped("elu", { alpha: 1 }, (x, [alpha = 1]) => (x > 0 ? x : alpha * Math.expm1(x))),
  Celu: shaped("celu", { alpha: 1 }, (x, [alpha = 1]) => Math.max(x, 0) + Math.min(0, alpha * Math.expm1(x / alpha))),
  Selu: shaped("selu", { alpha: SELU_ALPHA, gamma: SELU_GAMMA }, (x, [alpha = 1, gamma = 1]) =>
    x > 0 ? gamma * x : gamma * alpha * Math.expm1(x),
  ),
  ThresholdedRelu: shaped("thresholded relu", { alpha: 1 }, (x, [alpha = 1]) => (x > alpha ? x : 0)),
  Shrink: shaped("shrink", { lambd: 0.5, bias: 0 }, (x, [lambd = 0.5, bias = 0]) =>
    x < -lambd ? x + bias : x > lambd ? x - bias : 0,
  ),
  Swish: shaped("swish", { alpha: 1 }, swish),
};
