// `npm run figures`: measures every figure of the project again and shows it beside its goal. `-- --json FILE` writes
// them as one flat map, key to number; `-- --readme` writes the table into README.md; `-- --quick` leaves out
// the models of other people (zk.onnx.*), which take a quarter of an hour.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

import Table from "cli-table3";

import { ROOT } from "../checks/files.ts";
import { Progress } from "../support/progress.ts";
import { GOALS, LEAST, reached } from "./goals.ts";
import { measureFigures } from "./measure.ts";
import { readmeTable, replaceTable } from "./readme.ts";

const { values } = parseArgs({
  options: {
    json: { type: "string" },
    readme: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
});
const progress = new Progress();
const onStep = (step: string) => {
  progress.step(step);
};
const figures = await measureFigures(onStep, { withoutShared: values.quick });
progress.done(`${Object.keys(figures).length} figures measured`);

const table = new Table({
  head: ["figure", "measured", "goal", ""],
  colAligns: ["left", "right", "right", "left"],
  style: { head: [], border: [] },
});
for (const [key, value] of Object.entries(figures)) {
  const [most, least] = [GOALS[key], LEAST[key]];
  const goal = most === undefined ? (least === undefined ? "-" : `at least ${least}`) : `at most ${most}`;
  const verdict = reached(key, value);
  table.push([key, value, goal, verdict === undefined ? "" : verdict ? "reached" : "MISSED"]);
}
console.log(table.toString());
if (values.json !== undefined) {
  await mkdir(dirname(values.json), { recursive: true });
  await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
}
if (values.readme) {
  const path = join(ROOT, "README.md");
  await writeFile(path, replaceTable(await readFile(path, "utf8"), readmeTable(figures)));
  await writeFile(join(ROOT, "bench", "results", "figures.json"), `${JSON.stringify(figures, null, 2)}\n`);
}
