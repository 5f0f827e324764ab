import { createHash } from "node:crypto";

import { serialiseGraph } from "./serialise.ts";
import type { IntegerGraph } from "./types.ts";

/** SHA-256 of the graph's canonical JSON in UTF-8, as `0x` and 64 hexadecimal digits: what names a graph. */
export function graphDigest(graph: IntegerGraph): `0x${string}` {
  return `0x${createHash("sha256").update(serialiseGraph(graph), "utf8").digest("hex")}`;
}
