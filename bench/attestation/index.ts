// `node bench/attestation/index.ts [--json FILE]`: gas of verifying enclaves, measured now, beside the recorded figures of
// others who do the same, ratio first.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

import Table from "cli-table3";
import hre from "hardhat";
import { z } from "zod";

import { attestationFigures } from "../../scripts/figures/attestation/index.ts";
import { Progress } from "../../scripts/support/progress.ts";

const peer = z.object({
  key: z.string(),
  peer: z.string(),
  gas: z.number(),
  how: z.enum(["measured", "reported", "read"]),
  source: z.string(),
});

const { values } = parseArgs({ options: { json: { type: "string" } } });
const text = await readFile(join(import.meta.dirname, "peers.json"), "utf8");
const { peers } = z.object({ note: z.string(), peers: z.array(peer) }).parse(JSON.parse(text));

const progress = new Progress();
progress.step("compiling the contracts");
await hre.tasks.getTask("build").run({ quiet: true, noTests: true });
const ours = await attestationFigures((step) => progress.step(step));
progress.done(`${Object.keys(ours).length} figures measured, hardfork osaka`);

const results = peers.map((entry) => {
  const gas = ours[entry.key];
  return { ...entry, ours: gas, ratio: gas === undefined ? undefined : entry.gas / gas };
});
const table = new Table({
  head: ["ratio", "figure", "ours", "theirs", "who", "how", "source"],
  colAligns: ["right", "left", "right", "right"],
  style: { head: [], border: [] },
});
for (const { ratio, key, ours: gas, gas: theirs, peer: who, how, source } of results) {
  const shown = (value: number | undefined): string => value?.toLocaleString("en") ?? "-";
  table.push([ratio?.toFixed(1) ?? "-", key, shown(gas), shown(theirs), who, how, source]);
}
console.log(table.toString());
if (values.json !== undefined) {
  await mkdir(dirname(values.json), { recursive: true });
  const command = "node bench/attestation/index.ts --json bench/results/attestation.json";
  await writeFile(values.json, `${JSON.stringify({ command, hardfork: "osaka", ours, results }, null, 2)}\n`);
}
