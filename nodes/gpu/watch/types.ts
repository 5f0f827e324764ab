/** How the watch stage reads the chain. */
export interface WatchOptions {
  /** First block of a new journal; the newest one where undefined. */
  readonly startBlock: number | undefined;
  readonly reorgDepth: number;
  readonly maxBlockRange: number;
  readonly pollMs: number;
}
