// `npm run fuzz:circuits -- [COUNT] [SEED]`: interpreter = ONNX Runtime = witness on COUNT random graphs (2,000), from a
// fresh seed, which it prints; the same again with that seed. A mismatch is printed with the shortest graph that shows it.
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";

import { ROOT } from "../checks/files.ts";

const [count = 2_000, seed = randomInt(1, 2 ** 30)] = process.argv.slice(2).map(Number);
if (![count, seed].every((each) => Number.isSafeInteger(each) && each > 0)) {
  console.error("COUNT and SEED are whole numbers above 0");
  process.exit(2);
}
console.log(`${count} graphs from seed ${seed}; the same again: npm run fuzz:circuits -- ${count} ${seed}\n`);
const started = Date.now();
const { status } = spawnSync(
  join(ROOT, "node_modules", ".bin", "mocha"),
  ["--grep", "differential fuzzing", join(ROOT, "test", "compiler", "differential.test.ts")],
  { stdio: "inherit", env: { ...process.env, ASSAY_DIFFERENTIAL: String(count), ASSAY_SEED: String(seed) } },
);
console.log(`${((Date.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = status ?? 1;
