// `npm test`: compiles with a clock, because the compiler is silent for a while, then hands over to Hardhat's runner.
// Arguments go to `hardhat test` (files, --grep, --network). `--fuzz-full` runs the Solidity tests alone, with many
// more fuzz and invariant runs and a fresh seed, which it prints.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./checks/files.ts";
import { runShown } from "./support/shown-process.ts";

const given = process.argv.slice(2);
const fuzzFull = given.includes("--fuzz-full");
const rest = given.filter((argument) => argument !== "--fuzz-full");
const hardhat = join(ROOT, "node_modules", ".bin", "hardhat");

const built = await runShown("compiling", [hardhat, "build"]);
process.stdout.write(built.output);
if (built.code !== 0) process.exit(1);

const env: NodeJS.ProcessEnv = { ...process.env };
if (fuzzFull) {
  env["ASSAY_FUZZ"] = "full";
  env["ASSAY_FUZZ_SEED"] ??= `0x${randomBytes(32).toString("hex")}`;
  console.log(`Seed ${env["ASSAY_FUZZ_SEED"]}; the same again: ASSAY_FUZZ_SEED=<seed> npm run fuzz:full\n`);
}
// Named one by one: left to itself the mocha runner loads every .ts file under test/, programs for child processes too.
const tests = fuzzFull ? /\.t\.sol$/ : /\.(?:t\.sol|test\.ts)$/;
// Nothing off chain knows of hard forks: circuits and compiler are tested once, but for the contracts they generate.
const offChain = /^test\/(?:circuits|compiler)\/(?!solidity\.test\.ts$)/;
const onFork = (path: string) => process.env["HARDHAT_NETWORK"] === undefined || !offChain.test(path);
const all = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
  .filter((name) => tests.test(name))
  .map((name) => join("test", name))
  .filter(onFork)
  .sort();
const named = rest.some((argument) => tests.test(argument) && existsSync(join(ROOT, argument)));
const task = fuzzFull ? ["test", "solidity"] : ["test"];
const ran = spawnSync(hardhat, [...task, "--no-compile", ...rest, ...(named ? [] : all)], {
  cwd: ROOT,
  env,
  stdio: "inherit",
});
process.exitCode = ran.status ?? 1;
