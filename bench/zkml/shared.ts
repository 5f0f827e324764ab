// `node bench/zkml/shared.ts [FOLDER] [--prove] [--only NAME] [--limit SECONDS] [--json FILE [--resume]]`: compiles every model
// of a folder of ONNX files (FOLDER/<name>/network.onnx with input.json, as EZKL's examples have them), compares interpreter,
// ONNX Runtime and circuit bit for bit, and the integer model with the float one that ONNX Runtime computes; --prove has each
// generated contract check a proof. Each model has a process of its own and a time limit, so none can end or starve the others.
// FILE is written after each model; --resume takes from it what an earlier run of the same code has.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

import Table from "cli-table3";

import { ROOT } from "../../scripts/checks/files.ts";
import type { ModelResult } from "../../scripts/figures/models/try-model.ts";
import { SHARED_MODELS } from "../../scripts/figures/shared-models.ts";
import { runJson } from "./peers/process.ts";

const { values, positionals } = parseArgs({
  options: {
    prove: { type: "boolean", default: false },
    only: { type: "string" },
    limit: { type: "string", default: "1800" },
    json: { type: "string" },
    resume: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const folder = positionals[0] ?? SHARED_MODELS;
const limit = Number(values.limit);
if (!existsSync(folder)) {
  console.log(`${folder} is not there; name a folder of models.`);
  process.exit(0);
}
if (!Number.isFinite(limit) || limit <= 0) throw new Error("--limit takes a number of seconds");

interface Report {
  /** The commit, with what is not committed; results of other code are not taken over. */
  readonly code: string;
  readonly prove: boolean;
  readonly command: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly load: number };
  readonly results: readonly ModelResult[];
}

const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
const code = `${git("rev-parse", "HEAD")}${git("status", "--porcelain", "--", "compiler", "circuits", "contracts") === "" ? "" : " and changes"}`;

/** Results of an earlier run that still hold. */
async function earlier(): Promise<ModelResult[]> {
  if (!values.resume || values.json === undefined || !existsSync(values.json)) return [];
  const report = JSON.parse(await readFile(values.json, "utf8")) as Report;
  if (report.code === code && report.prove === values.prove) return [...report.results];
  console.log(`${values.json} is of other code or other options; starting anew`);
  return [];
}

async function save(results: readonly ModelResult[]): Promise<void> {
  if (values.json === undefined) return;
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    load: loadavg()[0] ?? 0,
  };
  const command = ["node", "bench/zkml/shared.ts", ...process.argv.slice(2)].join(" ");
  const report: Report = { code, prove: values.prove, command, machine, results };
  await mkdir(dirname(values.json), { recursive: true });
  await writeFile(`${values.json}.part`, `${JSON.stringify(report, null, 2)}\n`);
  await rename(`${values.json}.part`, values.json);
}

const child = (name: string, prove: boolean) =>
  runJson(
    (value) => value as ModelResult,
    [process.execPath, join(import.meta.dirname, "shared", "one.ts"), folder, name, ...(prove ? ["--prove"] : [])],
    { seconds: limit },
  );

async function tryOne(name: string): Promise<ModelResult> {
  const started = Date.now();
  const failed = (error: unknown): ModelResult => {
    const why = error instanceof Error ? error.message : String(error);
    return { name, ok: false, compiled: false, exact: false, seconds: (Date.now() - started) / 1000, why };
  };
  if (!values.prove) return await child(name, false).catch(failed);
  return await child(name, true).catch(async (error: unknown) => {
    // The circuit is in the cache by now, if it can be had: what the model is without a proof is still worth knowing.
    const without = await child(name, false).catch(failed);
    return without.compiled ? { ...without, proved: false, unproved: failed(error).why ?? "" } : without;
  });
}

const names = readdirSync(folder)
  .filter((name) => existsSync(join(folder, name, "network.onnx")))
  .filter((name) => values.only === undefined || name === values.only)
  .sort();
const done = await earlier();
const results: ModelResult[] = [];
for (const [at, name] of names.entries()) {
  const known = done.find((each) => each.name === name);
  const result = known ?? (await tryOne(name));
  results.push(result);
  const { ok, why, constraints, proved, unproved, seconds } = result;
  const proof = !values.prove ? "" : proved === true ? ", proven" : `, not proven${unproved ? `: ${unproved}` : ""}`;
  const what = why ?? `${constraints ?? "?"} constraints${proof}`;
  console.log(
    `${at + 1}/${names.length} ${ok ? "ok " : "NO "} ${name}: ${what}, ${seconds.toFixed(0)} s${known ? ", from before" : ""}`,
  );
  await save([...results, ...done.filter((each) => !results.some((other) => other.name === each.name))]);
}

const table = new Table({
  head: ["model", "compiles", "exact", "error", "constraints", "proved", "gas", "proof s", "all s", "why not"],
  colAligns: ["left", "left", "left", "right", "right", "left", "right", "right", "right", "left"],
  style: { head: [], border: [] },
});
for (const result of results) {
  const { name, compiled, exact, relativeError, constraints, proved, gas, proveSeconds, unproved, seconds, why } =
    result;
  table.push([
    name,
    compiled ? "yes" : "no",
    exact ? "yes" : "no",
    relativeError === undefined ? "" : `${(100 * relativeError).toFixed(2)} %`,
    constraints ?? "",
    proved === true ? "yes" : "",
    gas ?? "",
    proveSeconds?.toFixed(2) ?? "",
    seconds.toFixed(1),
    (why ?? unproved ?? "").slice(0, 90),
  ]);
}
console.log(table.toString());
const hold = results.filter(({ ok }) => ok);
console.log(`${hold.length} of ${results.length} hold`);
if (values.prove) console.log(`${hold.filter(({ proved }) => proved === true).length} of those proven`);
