import { availableParallelism } from "node:os";

import { Piscina } from "piscina";

import { buildFixedBase, scalarBytes, type FixedBase } from "./fixed-base.ts";

/** Scalars below which threads are not worth their start, and scalars of one task. */
const CHUNK = 4_096;
const MAX_THREADS = 16;

/** A {@link FixedBase} whose large jobs are done in threads; `close` ends them. */
export interface ThreadedFixedBase extends FixedBase {
  close(): Promise<void>;
}

/** Builds tables here, and in up to `threads` threads when there is a job that is worth it. Default: one for each core. */
export async function buildThreadedFixedBase({
  threads = Math.min(MAX_THREADS, availableParallelism()),
  signal,
}: { readonly threads?: number; readonly signal?: AbortSignal } = {}): Promise<ThreadedFixedBase> {
  const here = await buildFixedBase();
  let pool: Piscina<{ group: "g1" | "g2"; scalars: Uint8Array }, Uint8Array> | undefined;
  return {
    async multiply(group, scalars, onBatch) {
      const bytes = scalars instanceof Uint8Array ? scalars : scalarBytes(scalars);
      if (threads < 2 || bytes.length <= 32 * CHUNK) return await here.multiply(group, bytes, onBatch);
      pool ??= new Piscina({
        filename: new URL("./fixed-base-worker.ts", import.meta.url).href,
        name: "multiply",
        minThreads: 0,
        maxThreads: threads,
        env: {},
      });
      const output = new Uint8Array(bytes.length * (group === "g1" ? 2 : 4));
      let done = 0;
      const part = async (start: number): Promise<void> => {
        const chunk = bytes.slice(32 * start, 32 * (start + CHUNK));
        const points = await pool?.run({ group, scalars: chunk }, signal === undefined ? {} : { signal });
        output.set(points as Uint8Array, start * (group === "g1" ? 64 : 128));
        done += chunk.length / 32;
        onBatch?.(done);
      };
      const starts = Array.from({ length: Math.ceil(bytes.length / 32 / CHUNK) }, (_, i) => i * CHUNK);
      await Promise.all(starts.map(part));
      return output;
    },
    async close() {
      await pool?.destroy();
    },
  };
}
