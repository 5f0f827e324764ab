import { setTimeout as timer } from "node:timers/promises";

/** Waits `ms` milliseconds. Rejects with the signal's AbortError as soon as it is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await timer(ms, undefined, signal === undefined ? {} : { signal });
}
