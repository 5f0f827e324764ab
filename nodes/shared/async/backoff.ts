/** How waits grow between attempts. */
export interface BackoffOptions {
  /** Longest wait before the second attempt, in milliseconds. */
  readonly baseMs?: number;
  /** Longest wait ever, in milliseconds. */
  readonly maxMs?: number;
  /** A number in [0, 1); for tests. */
  readonly random?: () => number;
}

/**
 * Milliseconds to wait after `failures` failures in a row (1 or more): doubles up to `maxMs`, and is drawn from the upper
 * half of that, so that clients that failed together do not come back together.
 */
export function backoffMs(
  failures: number,
  { baseMs = 250, maxMs = 15_000, random = Math.random }: BackoffOptions = {},
): number {
  // 2^30 times any base is past every sensible maximum, so a larger exponent changes nothing.
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
