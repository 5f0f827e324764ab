// `node bench/zkml/peers.ts [--quick] [--only NAME] [--runs N] [--ways default,tuned] [--skip ezkl|circomlib] [--json FILE]`:
// circomlib-ml and EZKL beside Assay on the same networks and files, in one run. Peers are installed on demand into
// folders that git ignores. What cannot be had or proven is said, and is in no figure.
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

import Table from "cli-table3";

import { ROOT } from "../../scripts/checks/files.ts";
import { compareCircomlib, type Counts } from "./peers/circomlib.ts";
import { duel, type Duel, type Way } from "./peers/ezkl.ts";
import { installCircomlib, installEzkl } from "./peers/install.ts";
import { peerModels } from "./peers/models.ts";
import { messageOf, PEERS } from "./peers/process.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    runs: { type: "string" },
    ways: { type: "string", default: "default,tuned" },
    skip: { type: "string" },
    json: { type: "string" },
    limit: { type: "string", default: "600" },
    logrows: { type: "string", default: "18" },
  },
});
const runs = Number(values.runs ?? (values.quick ? 3 : 7));
const work = join(PEERS, "work");
const ways = values.ways.split(",").filter((way): way is Way => way === "default" || way === "tuned");
const json = values.json ?? join(ROOT, "bench", "results", "peers.json");
const versionOf = (name: string): string => {
  const text = readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
};
const say = (step: string) => console.log(`  ${step}`);
const round = (value: number, places = 2) => Number(value.toFixed(places));

const started = { load: loadavg().map((each) => round(each)), at: new Date().toISOString() };
const report: Record<string, unknown> = {
  command: ["node", "bench/zkml/peers.ts", ...process.argv.slice(2)].join(" "),
  started: started.at,
  // Of 1, 5 and 15 minutes: what else ran on the machine.
  load: started.load,
  machine: { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, memoryGb: round(totalmem() / 1e9, 1) },
  versions: { node: process.version, circom2: versionOf("circom2"), snarkjs: versionOf("snarkjs") },
};

/** Kept after every part, so that a run that is stopped leaves what it has. */
async function save(part: Record<string, unknown>): Promise<void> {
  Object.assign(report, part);
  await mkdir(dirname(json), { recursive: true });
  await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
}

const table = (head: string[]) =>
  new Table({ head, style: { head: [], border: [] }, colAligns: head.map((_, at) => (at === 1 ? "left" : "right")) });

function showCounts(results: readonly Counts[]): void {
  const shown = table(["ratio", "network", "circomlib-ml", "ours", "theirs is"]);
  for (const { network, ratio, ours, theirs } of results) {
    shown.push([ratio.toFixed(1), network, theirs.nonLinear, ours.nonLinear, theirs.how]);
  }
  console.log(`Non-linear constraints, circomlib-ml's over ours\n${shown.toString()}`);
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Means over the models on which ours is at least as accurate. */
function figuresOf(duels: readonly Duel[], way: Way) {
  const counted = duels.flatMap(({ ezkl }) => (ezkl[way]?.counts === true ? [ezkl[way]] : []));
  if (counted.length === 0) return { models: 0 };
  return {
    models: counted.length,
    time: round(geometricMean(counted.map(({ time }) => time))),
    timeOfMinima: round(geometricMean(counted.map(({ timeOfMinima }) => timeOfMinima))),
    memory: round(geometricMean(counted.map(({ memory }) => memory))),
  };
}

function showDuels(duels: readonly Duel[], way: Way): void {
  const head = [
    "time",
    "model",
    "memory",
    "EZKL s",
    "ours s",
    "EZKL MB",
    "ours MB",
    "EZKL error",
    "ours error",
    "rows",
  ];
  const shown = table(head);
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  for (const { name, ours, ezkl } of duels) {
    const theirs = ezkl[way];
    if (ours === undefined || theirs === undefined) continue;
    shown.push([
      `${theirs.time.toFixed(1)}${theirs.counts ? "" : " *"}`,
      name,
      theirs.memory.toFixed(2),
      `${theirs.median.toFixed(2)} (${theirs.min.toFixed(2)})`,
      `${ours.median.toFixed(2)} (${ours.min.toFixed(2)})`,
      theirs.rss.toFixed(0),
      ours.rss.toFixed(0),
      percent(theirs.error),
      percent(ours.error),
      `2^${theirs.logrows}`,
    ]);
  }
  const { models, time, memory, timeOfMinima } = figuresOf(duels, way);
  const what = way === "default" ? "as its documentation has it" : "with digits of the best size for each model";
  console.log(
    `\nEZKL ${what}: EZKL's over ours, median (least) of ${runs} proofs, witness included\n${shown.toString()}`,
  );
  console.log(`geometric means of ${models} models: time ${time} (of least ${timeOfMinima}), memory ${memory}`);
  if (duels.some(({ ezkl }) => ezkl[way]?.counts === false)) console.log("* ours is less accurate: in no mean");
}

console.log(`${report["command"] as string} on ${cpus().length} cores, load ${started.load.join(" ")}`);
if (values.skip !== "circomlib" && values.only === undefined) {
  const seconds = Number(values.limit);
  const counts = await compareCircomlib({ seconds, small: values.quick, install: installCircomlib }, say);
  showCounts(counts);
  await save({ circomlib: { version: "1.4.4", optimisation: "--O1", results: counts } });
}
if (values.skip !== "ezkl") {
  const found = await installEzkl().catch(messageOf);
  if (typeof found === "string") {
    console.log(`EZKL's wheel could not be installed, so nothing is compared with it: ${found}`);
    await save({ ezkl: { why: found } });
  } else {
    const duels: Duel[] = [];
    const versions = { ...(report["versions"] as object), ...found.versions };
    for (const [name, open] of peerModels(work, values.quick)) {
      if (values.only !== undefined && values.only !== name) continue;
      const options = {
        python: found.python,
        work,
        runs,
        seconds: Number(values.limit),
        maxLogrows: Number(values.logrows),
        ways,
      };
      const result = await open()
        .then((model) => duel(model, options, say))
        .catch((error: unknown): Duel => ({ name, ezkl: {}, why: messageOf(error) }));
      duels.push(result);
      if (result.why !== undefined) say(`${name}: left out: ${result.why}`);
      const figures = Object.fromEntries(ways.map((way) => [way, figuresOf(duels, way)]));
      await save({
        versions,
        ezkl: { runs, visibility: "public input and output, fixed weights", figures, results: duels },
      });
    }
    for (const way of ways) showDuels(duels, way);
    const left = duels.filter(({ why }) => why !== undefined);
    if (left.length > 0) console.log(`left out: ${left.map(({ name, why }) => `${name} (${why ?? ""})`).join("; ")}`);
  }
}
console.log(`written to ${json}`);
