/** The elements along one axis that an element of the result is made of, and with what weights, which sum to 1. */
export type Taps = readonly (readonly [at: number, weight: number])[];

export const COORDINATES = [
  ...(["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"] as const),
  "tf_half_pixel_for_nn",
] as const;

export const NEAREST = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] as const;

/** How one axis is resized. */
export interface Axis {
  readonly size: number;
  readonly out: number;
  readonly scale: number;
}

/** Where the centre of element `at` of the result lies among those of the input, in single precision as runtimes do. */
function original(at: number, { size, out, scale }: Axis, mode: (typeof COORDINATES)[number]): number {
  const pixel = Math.fround(Math.fround((at + 0.5) / scale) - 0.5);
  switch (mode) {
    case "half_pixel":
      return pixel;
    case "half_pixel_symmetric":
      return (size / 2) * (1 - out / (scale * size)) + pixel;
    case "pytorch_half_pixel":
      return out > 1 ? pixel : 0;
    case "align_corners":
      return out > 1 ? Math.fround((at * (size - 1)) / (out - 1)) : 0;
    case "tf_half_pixel_for_nn":
      return Math.fround((at + 0.5) / scale);
    case "asymmetric":
      return Math.fround(at / scale);
  }
}

function rounded(x: number, mode: (typeof NEAREST)[number] | "simple", scale: number): number {
  switch (mode) {
    case "round_prefer_floor":
      return Math.ceil(x - 0.5);
    case "round_prefer_ceil":
      return Math.floor(x + 0.5);
    case "floor":
      return Math.floor(x);
    case "ceil":
      return Math.ceil(x);
    // Before operator set 11: down when it grows, up when it shrinks.
    case "simple":
      return scale < 1 ? Math.ceil(x) : Math.trunc(x);
  }
}

/** Keys' cubic: weights of the elements at distances 1 + t, t, 1 - t and 2 - t. */
function cubicWeights(t: number, a: number): readonly number[] {
  const far = (d: number) => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  const near = (d: number) => ((a + 2) * d - (a + 3)) * d * d + 1;
  return [far(1 + t), near(t), near(1 - t), far(2 - t)];
}

export interface Interpolation {
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: (typeof COORDINATES)[number];
  readonly nearest: (typeof NEAREST)[number] | "simple";
  readonly cubic: number;
  /** Cubic: elements beyond the edge count for nothing, in place of repeating the edge. */
  readonly excludeOutside: boolean;
}

/** What every element along the axis is made of; all have the same number of taps. */
export function tapsOf(axis: Axis, { mode, coordinates, nearest, cubic, excludeOutside }: Interpolation): Taps[] {
  const inside = (at: number) => Math.min(Math.max(at, 0), axis.size - 1);
  return Array.from({ length: axis.out }, (_, at) => {
    if (axis.out === axis.size && axis.scale === 1) return [[at, 1]];
    const x = original(at, axis, coordinates);
    if (mode === "nearest") return [[inside(rounded(x, nearest, axis.scale)), 1]];
    const floor = Math.floor(x);
    const t = x - floor;
    if (mode === "linear") {
      return [[inside(floor), 1 - t], [inside(floor + 1), t]]; // prettier-ignore
    }
    const weights = cubicWeights(t, cubic).map((weight, k) =>
      excludeOutside && inside(floor - 1 + k) !== floor - 1 + k ? 0 : weight,
    );
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.map((weight, k) => [inside(floor - 1 + k), weight / total] as const);
  });
}
