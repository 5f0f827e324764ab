/** Seeded random numbers (mulberry32): the same on every machine, for tests only. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  real(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
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
