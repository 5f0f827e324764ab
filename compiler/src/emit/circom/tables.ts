import { setImmediate } from "node:timers/promises";

import type { IntegerGraph, LookupNode } from "../../graph/types.ts";
import { ZkmlAbortedError } from "./errors.ts";
import { interpolate, interpolation } from "./interpolate.ts";

/** The coefficients of a lookup node's table. */
export type Polynomials = (node: Pick<LookupNode, "table" | "min">) => readonly bigint[];

/** Longest that nobody else has a turn, in milliseconds. */
const TURN_MS = 50;

function nameOf({ table, min }: Pick<LookupNode, "table" | "min">): string {
  return `${min} ${table.join()}`;
}

/** Interpolates when asked, the same table once. */
export function polynomialsOf(known = new Map<string, readonly bigint[]>()): Polynomials {
  return (node) => {
    const name = nameOf(node);
    const made = known.get(name) ?? interpolate(node.table, node.min);
    known.set(name, made);
    return made;
  };
}

/**
 * Interpolates all tables of a graph, each once, and lets others have their turn meanwhile.
 *
 * @param onTable is told before each table
 * @throws {GraphNotProvableError} when `interpolate` does.
 * @throws {ZkmlAbortedError} when `signal` ends it.
 */
export async function interpolateTables(
  { nodes }: Pick<IntegerGraph, "nodes">,
  { signal, onTable }: { readonly signal?: AbortSignal; readonly onTable?: (at: number, of: number) => void } = {},
): Promise<Polynomials> {
  const tables = new Map(
    nodes.flatMap((node) => (node.op === "lookup" ? [[nameOf(node), { table: node.table, min: node.min }]] : [])),
  );
  const known = new Map<string, readonly bigint[]>();
  let turn = performance.now();
  for (const [name, { table, min }] of tables) {
    onTable?.(known.size + 1, tables.size);
    const steps = interpolation(table, min);
    for (let step = steps.next(); ; step = steps.next()) {
      if (performance.now() - turn > TURN_MS) {
        await setImmediate();
        turn = performance.now();
      }
      if (signal?.aborted === true) throw new ZkmlAbortedError("compiling was stopped by the caller");
      if (step.done === true) {
        known.set(name, step.value);
        break;
      }
    }
  }
  return polynomialsOf(known);
}
