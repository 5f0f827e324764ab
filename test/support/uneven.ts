import { attribute, buildModel, floatTensor, node, valueInfo } from "./onnx-builder.ts";
import { Random } from "./random.ts";

/**
 * Dense layer, ReLU, dense layer. Of the first one's channels most read two inputs, with great weights, and some all of
 * them, with small ones: one scale for both leaves the small ones few digits.
 */
export function unevenModel(): { readonly onnx: Uint8Array; readonly calibration: readonly number[][] } {
  const [inputs, hidden, outputs] = [40, 24, 18];
  const random = new Random(7);
  const centred = () => 2 * random.real() - 1;
  const first = Array.from({ length: hidden }, (_, channel) =>
    Array.from({ length: inputs }, (_each, at) => {
      if (channel % 4 === 0) return 0.3 * centred();
      return at % (inputs / 2) === channel % (inputs / 2) ? Math.sign(centred()) * (1 + 0.5 * random.real()) : 0;
    }),
  ).flat();
  const second = Array.from({ length: outputs * hidden }, centred);
  const onnx = buildModel({
    nodes: [
      node("Gemm", ["x", "w", "b"], "h", [attribute.integer("transB", 1)]),
      node("Relu", ["h"], "r"),
      node("Gemm", ["r", "v", "c"], "y", [attribute.integer("transB", 1)]),
    ],
    initializers: [
      floatTensor("w", [hidden, inputs], first),
      floatTensor("b", [hidden], new Array<number>(hidden).fill(0)),
      floatTensor("v", [outputs, hidden], second),
      floatTensor("c", [outputs], new Array<number>(outputs).fill(0)),
    ],
    inputs: [valueInfo("x", [1, inputs])],
    outputs: [valueInfo("y", [1, outputs])],
  });
  return { onnx, calibration: Array.from({ length: 48 }, () => Array.from({ length: inputs }, centred)) };
}
