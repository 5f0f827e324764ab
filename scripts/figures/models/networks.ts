import { randomOf } from "../../../compiler/src/random.ts";
import { NetworkFile } from "./onnx.ts";

/** A network whose circuit is counted, with inputs to calibrate it. */
export interface Network {
  readonly name: string;
  readonly onnx: Uint8Array;
  readonly calibration: readonly (readonly number[])[];
}

/** Grey images of 8 bits: dark, with some bright strokes, as handwriting is. */
function images(pixels: number, count: number): number[][] {
  const random = randomOf(pixels);
  return Array.from({ length: count }, () =>
    Array.from({ length: pixels }, () => (random() < 0.8 ? 0 : Math.floor(256 * random()))),
  );
}

/** MLP 784-32-10 with ReLU and ArgMax. */
export function mlp784(): Network {
  const onnx = new NetworkFile([1, 784], 1).gemm(784, 32).relu().gemm(32, 10).classify();
  return { name: "mlp784", onnx, calibration: images(784, 8) };
}

/** circomlib-ml's own MNIST test: conv 3x3x4, pool, conv 3x3x8, pool, dense 200-10. */
export function mnistCnn(): Network {
  const onnx = new NetworkFile([1, 1, 28, 28], 2)
    .conv(1, 4, 3)
    .relu()
    .averagePool(2)
    .conv(4, 8, 3)
    .relu()
    .averagePool(2)
    .flatten()
    .gemm(200, 10)
    .classify();
  return { name: "mnistcnn", onnx, calibration: images(784, 8) };
}

/** LeNet-5 on 28x28: conv 5x5x6 (padded by the input), pool, conv 5x5x16, pool, 120-84-10. */
export function lenet5(): Network {
  const onnx = new NetworkFile([1, 1, 28, 28], 3)
    .conv(1, 6, 5)
    .relu()
    .averagePool(2)
    .conv(6, 16, 5)
    .relu()
    .averagePool(2)
    .flatten()
    .gemm(256, 120)
    .relu()
    .gemm(120, 84)
    .relu()
    .gemm(84, 10)
    .classify();
  return { name: "lenet5", onnx, calibration: images(784, 8) };
}

/** The networks by name. */
export const NETWORKS: Readonly<Record<string, () => Network>> = { mlp784, mnistcnn: mnistCnn, lenet5 };
