import { randomOf } from "../../compiler/src/random.ts";

/** Seeded random numbers, the same on every machine. */
export class Random {
  /** In [0, 1). */
  readonly real: () => number;

  constructor(seed: number) {
    this.real = randomOf(seed);
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.real() * (max - min + 1));
  }

  /** `length` values of `make`. */
  array(length: number, make: () => number): number[] {
    return Array.from({ length }, make);
  }

  /** Roughly normal with mean 0 and deviation 1. */
  normal(): number {
    return this.array(12, () => this.real()).reduce((sum, value) => sum + value, -6);
  }
}
