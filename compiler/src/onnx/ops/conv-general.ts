import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { broadcastTo, permute } from "./layout.ts";
import { bounded } from "./operands.ts";
import { windowsOf } from "./pool.ts";
import type { OpContext } from "./types.ts";
import type { Along } from "./window.ts";
import { gatherAll } from "./wiring.ts";

/**
 * A convolution with any number of spatial axes, and with weights that may vary: the elements under each place of the
 * window are a row, and rows are multiplied with the weights as a matrix.
 *
 * @param input [images][channels][...]
 * @param weights [outputs][channels per group][...]
 * @param windows with the input's sizes and pads
 */
export function convolve(
  context: OpContext,
  { input, weights, bias }: { readonly input: Value; readonly weights: Value; readonly bias: Value | undefined },
  windows: readonly Along[],
  groups: number,
): Value {
  const { builder } = context;
  const [images = 1, channels = 1] = input.dims;
  const [outputs = 1, perGroup = 1] = weights.dims;
  const { places, taps, elements } = windowsOf(context, windows);
  const plane = elementCount(windows.map(({ size }) => size));
  const [inner, made] = [perGroup * taps, outputs / groups];
  bounded(context, images * groups * places * inner);
  const matrixOf = (group: number): Value => {
    const index = Int32Array.from({ length: made * inner }, (_, at) => group * made * inner + at);
    return builder.gather([weights], index, [made, inner]);
  };
  const none = elementCount(input.dims);
  const parts = Array.from({ length: images * groups }, (_, part) => {
    const [image, group] = [Math.floor(part / groups), part % groups];
    const index = new Int32Array(places * inner);
    for (let place = 0; place < places; place++) {
      for (let at = 0; at < inner; at++) {
        const element = elements[place * taps + (at % taps)]!;
        const channel = image * channels + group * perGroup + Math.floor(at / taps);
        index[place * inner + at] = element < 0 ? none : channel * plane + element;
      }
    }
    const rows = builder.gather([input], index, [places, inner], [0]);
    const matrix = matrixOf(group);
    const shape = { batch: 1, m: places, k: inner, n: made };
    const product =
      matrix.constant === undefined
        ? builder.matmul(rows, permute(builder, matrix, [1, 0]), shape, [places, made])
        : builder.dense(
            rows,
            places,
            Array.from({ length: made }, (_unused, o) => matrix.constant!.slice(o * inner, (o + 1) * inner)),
            new Float64Array(made),
            [places, made],
          );
    return permute(builder, product, [1, 0]);
  });
  const dims = [images, outputs, ...windows.map(({ out }) => out)];
  const whole = gatherAll(builder, parts, Int32Array.from({ length: elementCount(dims) }, (_, at) => at), dims); // prettier-ignore
  if (bias === undefined) return whole;
  const spread = broadcastTo(builder, builder.reshape(bias, [outputs, ...windows.map(() => 1)]), dims);
  return builder.linear([[1, whole], [1, spread]], 0); // prettier-ignore
}
