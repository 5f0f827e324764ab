// `npm run snapshots:check` compares gas and circuit sizes with `snapshots/gas.json`; `snapshots:update` writes them.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

import { ROOT } from "../checks/files.ts";
import { Progress } from "../support/progress.ts";
import { compareFigures } from "./compare.ts";
import { type Figures, measureFigures } from "./measure.ts";

const FILE = join(ROOT, "snapshots", "gas.json");

const { values } = parseArgs({ options: { check: { type: "boolean" }, update: { type: "boolean" } } });
if (values.check === values.update) {
  console.error("Say --check or --update.");
  process.exit(2);
}
const progress = new Progress();
const measured = await measureFigures((step) => progress.step(step), { stableOnly: true });
progress.done("measured");
if (values.update === true) {
  await mkdir(dirname(FILE), { recursive: true });
  await writeFile(FILE, `${JSON.stringify(measured, null, 2)}\n`);
  console.log(`Written to ${FILE}.`);
} else {
  const differences = compareFigures(JSON.parse(await readFile(FILE, "utf8")) as Figures, measured);
  for (const line of differences) console.log(line);
  if (differences.length > 0) {
    console.log("If that is meant, run `npm run snapshots:update` and commit snapshots/gas.json.");
    process.exitCode = 1;
  } else console.log(`${Object.keys(measured).length} figures as in snapshots/gas.json.`);
}
