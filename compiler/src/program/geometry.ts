import type { ConvShape } from "./types.ts";

/** How many elements a shape has; 1 for a scalar. */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}

/** Height and width of a convolution's output; below 1 when the kernel does not fit. */
export function convOutput({
  size,
  kernel,
  strides,
  pads,
  dilations,
}: Omit<ConvShape, "outputs" | "groups" | "channels">): readonly [number, number] {
  const along = (axis: 0 | 1) => {
    const reach = dilations[axis] * (kernel[axis] - 1) + 1;
    return Math.floor((size[axis] + pads[axis] + pads[axis + 2]! - reach) / strides[axis]) + 1;
  };
  return [along(0), along(1)];
}

/** Calls `visit` for every product of a convolution: output, input and weight, by flat index. */
export function forEachTap(shape: ConvShape, visit: (output: number, input: number, weight: number) => void): void {
  const { channels, size, outputs, kernel, strides, pads, dilations, groups } = shape;
  const [height, width] = convOutput(shape);
  const [perGroup, made] = [channels / groups, outputs / groups];
  for (let o = 0; o < outputs; o++) {
    const first = Math.floor(o / made) * perGroup;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const output = (o * height + y) * width + x;
        for (let c = 0; c < perGroup; c++) {
          for (let i = 0; i < kernel[0]; i++) {
            const row = y * strides[0] + i * dilations[0] - pads[0];
            if (row < 0 || row >= size[0]) continue;
            for (let j = 0; j < kernel[1]; j++) {
              const column = x * strides[1] + j * dilations[1] - pads[1];
              if (column < 0 || column >= size[1]) continue;
              const input = ((first + c) * size[0] + row) * size[1] + column;
              visit(output, input, ((o * perGroup + c) * kernel[0] + i) * kernel[1] + j);
            }
          }
        }
      }
    }
  }
}
