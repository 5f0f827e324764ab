import type { ConvNode } from "../../graph/types.ts";
import { convOutput } from "../../program/geometry.ts";
import type { OnnxParts } from "./parts.ts";

/** Rows (or columns) of the padded input that each place of the output reads, for each place of the kernel in turn. */
function taps(kernel: number, output: number, stride: number, dilation: number): number[] {
  return Array.from(
    { length: kernel * output },
    (_, at) => Math.floor(at / output) * dilation + (at % output) * stride,
  );
}

/**
 * A convolution as one product of matrices: weights [groups][outputs / groups][taps] times what each place of the output
 * reads, [groups][taps][places]. Not as ONNX's Conv, because libraries compute that with Winograd's method or a Fourier
 * transform where they find it faster, and neither is exact; a product of matrices is, in any order of summation.
 */
export function emitConv(parts: OnnxParts, { input, output, shape, weights, bias }: ConvNode): void {
  const { channels, size, outputs, kernel, strides, pads, dilations, groups } = shape;
  const [height, width] = convOutput(shape);
  const [perGroup, made] = [channels / groups, outputs / groups];
  const [count, places] = [perGroup * kernel[0] * kernel[1], height * width];
  let from = parts.reshape(input, [channels, size[0], size[1]], ".image");
  if (pads.some((pad) => pad !== 0)) {
    const amounts = parts.integers("pads", [0, pads[0], pads[1], 0, pads[2], pads[3]]);
    from = parts.step("Pad", [from, amounts, parts.floats("zero", [], [0])], "padded");
  }
  const rows = parts.integers("rows", taps(kernel[0], height, strides[0], dilations[0]));
  const columns = parts.integers("columns", taps(kernel[1], width, strides[1], dilations[1]));
  from = parts.step("Gather", [from, rows], "byRow", { axis: 1 });
  from = parts.step("Gather", [from, columns], "byColumn", { axis: 2 });
  from = parts.reshape(from, [channels, kernel[0], height, kernel[1], width], ".windows");
  from = parts.step("Transpose", [from], "taps", { perm: [0, 1, 3, 2, 4] });
  from = parts.reshape(from, [groups, count, places], ".matrix");
  from = parts.step("MatMul", [parts.floats("weights", [groups, made, count], weights), from], "product");
  from = parts.step("Add", [from, parts.floats("bias", [groups, made, 1], bias)], "sums");
  parts.reshape(from, [1, outputs * places], output);
}
