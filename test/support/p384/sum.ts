import { type Point, along, chord, tangent } from "./curve.ts";

/** The sum of two points, infinity being `undefined`. Plain, and not in constant time: there are no secrets here. */
export function sum(a: Point | undefined, b: Point | undefined): Point | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (a.x !== b.x) return along(a, b.x, chord(a, b));
  return a.y === b.y ? along(a, a.x, tangent(a)) : undefined;
}

/** `scalar` times `point`, for a scalar from 0. */
export function times(scalar: bigint, point: Point | undefined): Point | undefined {
  let result: Point | undefined;
  for (let rest = scalar, power = point; rest > 0n; rest >>= 1n, power = sum(power, power)) {
    if ((rest & 1n) === 1n) result = sum(result, power);
  }
  return result;
}
