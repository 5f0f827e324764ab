// What becomes of one model, for bench/zkml/shared.ts, in a process of its own: `one.ts FOLDER NAME [--prove]`. One JSON line.
import { parseArgs } from "node:util";

import { tryModels } from "../../../scripts/figures/shared-models.ts";

const { values, positionals } = parseArgs({
  options: { prove: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [folder = "", only = ""] = positionals;
const [result] = await tryModels(folder, { prove: values.prove, only }, () => undefined);
if (result === undefined) throw new Error(`${folder} has no ${only}`);
await new Promise((resolve) => process.stdout.write(`${JSON.stringify(result)}\n`, resolve));
// What was made for the proof, such as a chain, need not end by itself.
process.exit(0);
