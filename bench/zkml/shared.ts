// `node bench/zkml/shared.ts [FOLDER] [--prove] [--only NAME] [--json FILE]`: compiles every model of a folder of ONNX files
// (FOLDER/<name>/network.onnx with input.json, as EZKL's examples have them), compares interpreter, ONNX Runtime and circuit
// bit for bit, and the integer model with the float one that ONNX Runtime computes; --prove has each generated contract
// check a proof.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";

import Table from "cli-table3";

import { SHARED_MODELS, tryModels } from "../../scripts/figures/shared-models.ts";

const { values, positionals } = parseArgs({
  options: { prove: { type: "boolean", default: false }, only: { type: "string" }, json: { type: "string" } },
  allowPositionals: true,
});
const folder = positionals[0] ?? SHARED_MODELS;
if (!existsSync(folder)) {
  console.log(`${folder} is not there; name a folder of models.`);
  process.exit(0);
}
const results = await tryModels(folder, values, ({ ok, name, why, constraints }) => {
  console.log(`${ok ? "ok " : "NO "} ${name}: ${why ?? `${constraints} constraints`}`);
});
const table = new Table({
  head: ["model", "compiles", "exact", "error", "constraints", "proved", "gas", "seconds", "why not"],
  colAligns: ["left", "left", "left", "right", "right", "left", "right", "right", "left"],
  style: { head: [], border: [] },
});
for (const { name, compiled, exact, relativeError, constraints, proved, gas, seconds, why } of results) {
  const error = relativeError === undefined ? "" : `${(100 * relativeError).toFixed(2)} %`;
  table.push([
    name,
    compiled ? "yes" : "no",
    exact ? "yes" : "no",
    error,
    constraints ?? "",
    proved === true ? "yes" : "",
    gas ?? "",
    seconds.toFixed(1),
    (why ?? "").slice(0, 90),
  ]);
}
console.log(table.toString());
console.log(`${results.filter(({ ok }) => ok).length} of ${results.length} hold`);
if (values.json !== undefined) {
  await mkdir(dirname(values.json), { recursive: true });
  await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
}
