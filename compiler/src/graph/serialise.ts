import canonicalize from "canonicalize";

import { GraphFormatError } from "./errors.ts";
import { MAX_GRAPH_NODES } from "./limits.ts";
import { graphSchema } from "./schema.ts";
import type { IntegerGraph } from "./types.ts";
import { verifyGraph } from "./verify.ts";

/** Longest text that `parseGraph` takes, in UTF-16 units. */
export const MAX_GRAPH_TEXT = 64 * 1024 * 1024;

/** Bigints as decimal strings, all the way down. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.every((item) => typeof item === "number") ? value : value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function canonicalText(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new GraphFormatError("the top", "a value cannot be written as JSON", { cause });
  }
  if (text === undefined) throw new GraphFormatError("the top", "a value cannot be written as JSON");
  return text;
}

/**
 * Writes a graph as canonical JSON (RFC 8785): the same graph gives the same text, whatever the order of its fields.
 * Intervals are decimal strings.
 *
 * @throws {GraphFormatError} when a number in it is not finite.
 */
export function serialiseGraph(graph: IntegerGraph): string {
  return canonicalText(plain(graph));
}

/** Lists and records whose length is bounded before every entry of them is looked at. */
const FEW = { nodes: MAX_GRAPH_NODES, widths: MAX_GRAPH_NODES + 1, ranges: MAX_GRAPH_NODES + 1 } as const;

function requireFew(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const [field, limit] of Object.entries(FEW)) {
    const held = (value as Record<string, unknown>)[field];
    if (typeof held !== "object" || held === null) continue;
    const count = Object.keys(held).length;
    if (count > limit) throw new GraphFormatError(field, `${count} entries, the limit is ${limit}`);
  }
}

function parsedOf(value: unknown): ReturnType<typeof graphSchema.safeParse> {
  try {
    return graphSchema.safeParse(value);
  } catch (cause) {
    // So many things wrong in one list that zod cannot count them.
    throw new GraphFormatError("the top", "not the form", { cause });
  }
}

/**
 * Reads a graph from JSON, canonical or not, and derives every width and range in it again.
 *
 * @throws {GraphFormatError} when the text is too long, is not JSON or does not have the form; says where.
 * @throws {GraphInvalidError} when a width, range or edge is not what follows from the nodes.
 * @throws {LayerTooLargeError} when the graph is over a limit.
 * @throws {AccumulatorOverflowError} when a number may reach 2^24.
 */
export function parseGraph(json: string): IntegerGraph {
  if (json.length > MAX_GRAPH_TEXT) {
    throw new GraphFormatError("the top", `${json.length} characters, the limit is ${MAX_GRAPH_TEXT}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new GraphFormatError("the top", "not JSON", { cause });
  }
  requireFew(value);
  const parsed = parsedOf(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? "the top" : issue.path.map(String).join(".");
    throw new GraphFormatError(where.slice(0, 200), (issue?.message ?? "not the form").slice(0, 200));
  }
  // zod drops a "__proto__" key without a word; nothing that was written may go unread.
  if (canonicalText(value) !== serialiseGraph(parsed.data)) throw new GraphFormatError("the top", "an unknown key");
  verifyGraph(parsed.data);
  return parsed.data;
}
