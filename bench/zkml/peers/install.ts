import { existsSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { PEERS, runJson, runProcess } from "./process.ts";

const HERE = import.meta.dirname;
const PYTHON = join(PEERS, "venv", "bin", "python");

/** circomlib-ml (GPL-3.0) for this bench alone, into a folder that git ignores. */
export async function installCircomlib(): Promise<void> {
  if (existsSync(join(HERE, "node_modules", "circomlib-ml"))) return;
  await runProcess(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: HERE, seconds: 300 });
}

const versions = z.object({ ezkl: z.string(), python: z.string() });

/** EZKL's wheel in a virtual environment that git ignores; the interpreter to run it with, and versions. */
export async function installEzkl(): Promise<
  { readonly python: string } & { readonly versions: z.infer<typeof versions> }
> {
  const ask = () =>
    runJson((value) => versions.parse(value), [PYTHON, join(HERE, "ezkl_peer.py"), "version"], { seconds: 60 });
  if (!existsSync(PYTHON)) await runProcess(["python3", "-m", "venv", join(PEERS, "venv")], { seconds: 120 });
  const found = await ask().catch(() => undefined);
  if (found !== undefined) return { python: PYTHON, versions: found };
  const packages = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "-r",
    join(HERE, "requirements.txt"),
  ];
  await runProcess([PYTHON, ...packages], { seconds: 600 });
  return { python: PYTHON, versions: await ask() };
}
