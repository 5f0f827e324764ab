// A thread of fixed-base-threads.ts, with tables of its own.
import "../single-threaded.ts";

const { buildFixedBase } = await import("./fixed-base.ts");
const base = await buildFixedBase();

/** Multiples of a generator; see `FixedBase.multiply`. */
export async function multiply(task: {
  readonly group: "g1" | "g2";
  readonly scalars: Uint8Array;
}): Promise<Uint8Array> {
  return await base.multiply(task.group, task.scalars);
}
