// `npm test`: the tests that know no chain start at once; beside them the contracts are compiled, with a clock, and
// handed over to Hardhat's runner. Arguments go to `hardhat test` (files, --grep, --network), and then all runs there.
// `--fuzz-full` runs the Solidity tests alone, with many more fuzz and invariant runs and a fresh seed, which it prints.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./checks/files.ts";
import { mochaSummary } from "./ci/counts.ts";
import { runShown } from "./support/shown-process.ts";

const given = process.argv.slice(2);
const fuzzFull = given.includes("--fuzz-full");
const rest = given.filter((argument) => argument !== "--fuzz-full");
const bin = (name: string): string => join(ROOT, "node_modules", ".bin", name);
const onOsaka = process.env["HARDHAT_NETWORK"] === undefined;

// Named one by one: left to itself the mocha runner loads every .ts file under test/, programs for child processes too.
const tests = fuzzFull ? /\.t\.sol$/ : /\.(?:t\.sol|test\.ts)$/;
// Nothing off chain knows of hard forks: circuits and compiler are tested once, but for the contracts they generate.
const offChain = /^test\/(?:circuits|compiler)\/(?!solidity\.test\.ts$)/;
const all = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
  .filter((name) => tests.test(name))
  .map((name) => join("test", name))
  .sort();
const apart = all.filter((path) => offChain.test(path));
const onChain = all.filter((path) => !offChain.test(path));

const env: NodeJS.ProcessEnv = { ...process.env };
if (fuzzFull) {
  env["ASSAY_FUZZ"] = "full";
  env["ASSAY_FUZZ_SEED"] ??= `0x${randomBytes(32).toString("hex")}`;
  console.log(`Seed ${env["ASSAY_FUZZ_SEED"]}; the same again: ASSAY_FUZZ_SEED=<seed> npm run fuzz:full\n`);
}

const wholeRun = rest.length === 0 && !fuzzFull;
// One clock at a time: this one is shown once the other has stopped.
let alone = false;
const beside =
  wholeRun && onOsaka
    ? runShown("circuits and compiler", [bin("mocha"), "--timeout", "240000", ...apart], {
        write: (text) => void (alone && process.stderr.write(text)),
      })
    : undefined;

const built = await runShown("compiling", [bin("hardhat"), "build"]);
process.stdout.write(built.output);
let failed = built.code !== 0;
if (!failed) {
  const named = rest.some((argument) => tests.test(argument) && existsSync(join(ROOT, argument)));
  const paths = named ? [] : wholeRun || !onOsaka ? onChain : all;
  const task = fuzzFull ? ["test", "solidity"] : ["test"];
  const command = [...task, "--no-compile", ...rest, ...paths];
  if (beside === undefined) {
    failed = spawnSync(bin("hardhat"), command, { cwd: ROOT, env, stdio: "inherit" }).status !== 0;
  } else {
    const ran = await runShown("contracts, nodes and tasks", [bin("hardhat"), ...command]);
    process.stdout.write(ran.output);
    failed = ran.code !== 0;
  }
}
if (beside !== undefined) {
  alone = true;
  const { code, output } = await beside;
  console.log(`\nCircuits and compiler\n${output}${mochaSummary(output)}`);
  failed ||= code !== 0;
}
process.exitCode = failed ? 1 : 0;
