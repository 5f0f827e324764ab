// `npm test`, in two lanes for two cores. The first compiles, which is silent for a while; the second tests what knows no chain
// meanwhile. Then both take what is left. Arguments go to `hardhat test` (files, --grep, --network), and then all runs there.
// `--fuzz-full` runs the Solidity tests alone, with many more fuzz and invariant runs and a fresh seed, which it prints.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "./checks/files.ts";
import { runSummary } from "./ci/counts.ts";
import { type Ended, runShown } from "./support/shown-process.ts";

const MOCHA_TIMEOUT_MS = "240000";

const given = process.argv.slice(2);
const fuzzFull = given.includes("--fuzz-full");
const rest = given.filter((argument) => argument !== "--fuzz-full");
const bin = (name: string): string => join(ROOT, "node_modules", ".bin", name);
const hardhat = bin("hardhat");

// Named one by one: left to itself the mocha runner loads every .ts file under test/, programs for child processes too.
const all = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(?:t\.sol|test\.ts)$/.test(name))
  .map((name) => join("test", name))
  .sort();
const solidity = all.filter((path) => path.endsWith(".sol"));
// Nothing off chain knows of hard forks: circuits and compiler are tested once, but for the contracts they generate.
const isOffChain = (path: string): boolean => /^test\/(?:circuits|compiler)\/(?!solidity\.test\.ts$)/.test(path);
const offChain = process.env["HARDHAT_NETWORK"] === undefined ? all.filter(isOffChain) : [];
const onChain = all.filter((path) => path.endsWith(".ts") && !isOffChain(path));
const contracts = onChain.filter((path) => path.startsWith("test/contracts/"));
const others = onChain.filter((path) => !path.startsWith("test/contracts/"));

process.exitCode = (await (fuzzFull || rest.length > 0 ? runNamed() : runAll())) ? 0 : 1;

/** What the arguments ask for, as Hardhat shows it. */
async function runNamed(): Promise<boolean> {
  const env: NodeJS.ProcessEnv = { ...process.env };
  if (fuzzFull) {
    env["ASSAY_FUZZ"] = "full";
    env["ASSAY_FUZZ_SEED"] ??= `0x${randomBytes(32).toString("hex")}`;
    console.log(`Seed ${env["ASSAY_FUZZ_SEED"]}; the same again: ASSAY_FUZZ_SEED=<seed> npm run fuzz:full\n`);
  }
  const built = await runShown("compiling", [hardhat, "build"]);
  process.stdout.write(built.output);
  if (built.code !== 0) return false;
  const named = rest.some((argument) => existsSync(join(ROOT, argument)));
  const task = fuzzFull ? ["test", "solidity"] : ["test"];
  const paths = named ? [] : fuzzFull ? solidity : [...solidity, ...onChain, ...offChain];
  const command = [...task, "--no-compile", ...rest, ...paths];
  return spawnSync(hardhat, command, { cwd: ROOT, env, stdio: "inherit" }).status === 0;
}

async function runAll(): Promise<boolean> {
  // One clock at a time: the second lane's is shown once the first has ended.
  let firstEnded = false;
  const first = { write: (text: string): void => void process.stderr.write(text) };
  const second = { write: (text: string): void => void (firstEnded && process.stderr.write(text)) };
  const building = runShown("compiling", [hardhat, "build"], first);
  // What meets a chain, longest first: whichever lane is free takes the next.
  const mocha = ["test", "mocha", "--no-compile"] as const;
  const waiting: (readonly [name: string, command: readonly string[]])[] = [
    ["contracts", [...mocha, ...contracts]],
    ["tasks", [...mocha, ...others.filter((path) => !path.startsWith("test/nodes/"))]],
    ["nodes", [...mocha, ...others.filter((path) => path.startsWith("test/nodes/"))]],
    ["contracts, in Solidity", ["test", "solidity", "--no-compile", ...solidity]],
  ];
  const drain = async (show: typeof first): Promise<Ended[]> => {
    const ended: Ended[] = [];
    if ((await building).code !== 0) return ended;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      ended.push(await runShown(next[0], [hardhat, ...next[1]], show));
    }
    return ended;
  };
  const laneOne = async (): Promise<readonly Ended[]> => {
    const built = await building;
    const ended = await drain(first);
    firstEnded = true;
    return [built, ...ended];
  };
  const laneTwo = async (): Promise<readonly Ended[]> => [...(await offChainTests(second)), ...(await drain(second))];
  const ended = (await Promise.all([laneOne(), laneTwo()])).flat();
  for (const { output } of ended) process.stdout.write(`${output}${runSummary(output)}\n`);
  return ended.every(({ code }) => code === 0);
}

async function offChainTests(show: { readonly write: (text: string) => void }): Promise<readonly Ended[]> {
  if (offChain.length === 0) return [];
  const command = [bin("mocha"), "--timeout", MOCHA_TIMEOUT_MS, ...offChain] as const;
  return [await runShown("circuits and compiler", command, show)];
}
