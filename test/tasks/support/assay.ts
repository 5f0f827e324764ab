import { readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { HardhatUserConfig } from "hardhat/config";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import config from "../../../hardhat.config.ts";
import { redirect } from "../../../tasks/shared/action.ts";
import type { Failure } from "../../../tasks/shared/failure.ts";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const DIGITS = join(ROOT, "vectors", "models", "digits");

/** How a task that ran in this process ended. */
export interface TaskRun {
  readonly success: boolean;
  /** What it found, through JSON, so as a program that reads `--json` sees it. */
  readonly data: any;
  readonly error: Failure | undefined;
  readonly out: string;
  readonly err: string;
}

/** The project's own Hardhat, whose network `localhost` is at `url`. */
export async function hardhatAt(url: string, network = "localhost"): Promise<HardhatRuntimeEnvironment> {
  const user: HardhatUserConfig = {
    ...config,
    networks: { ...config.networks, localhost: { type: "http", chainType: "l1", url } },
  };
  return await createHardhatRuntimeEnvironment(user, { network }, ROOT);
}

/** Runs a task in this process, with what it writes kept back. */
export async function runTask(
  hre: HardhatRuntimeEnvironment,
  id: string[],
  args: Record<string, unknown> = {},
): Promise<TaskRun> {
  let [out, err] = ["", ""];
  const before = redirect({ out: (text) => (out += text), err: (text) => (err += text), tty: false });
  try {
    const result = await hre.tasks.getTask(id).run(args);
    const data = result.success && args["json"] === true ? JSON.parse(out) : result.value;
    return { success: result.success, data, error: result.error, out, err };
  } finally {
    redirect(before);
  }
}

/** Runs a task that must succeed, and gives its JSON. */
export async function succeed(
  hre: HardhatRuntimeEnvironment,
  id: string[],
  args: Record<string, unknown>,
): Promise<any> {
  const run = await runTask(hre, id, { ...args, json: true });
  if (!run.success) throw new Error(`${id.join(" ")} failed: ${run.error?.code} ${run.error?.message}`);
  return run.data;
}

/** Runs a task that must fail, and gives its one line. */
export async function fail(
  hre: HardhatRuntimeEnvironment,
  id: string[],
  args: Record<string, unknown> = {},
): Promise<Failure> {
  const run = await runTask(hre, id, args);
  if (run.success || run.error === undefined) throw new Error(`${id.join(" ")} succeeded: ${run.out}`);
  const lines = run.err.split("\n").filter((line) => /^ASY-/.test(line));
  if (lines.length !== 1 || run.out !== "" || lines[0] !== `${run.error.code}: ${run.error.message}`) {
    throw new Error(
      `${id.join(" ")} did not fail with one line: ${JSON.stringify(run.err)} ${JSON.stringify(run.out)}`,
    );
  }
  return run.error;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Removes what `ignition deploy` recorded. */
export async function forgetDeployment(id: string): Promise<void> {
  await rm(join(ROOT, "deploy", "deployments", id), { recursive: true, force: true });
}

/** Held-out digit number `index`. */
export async function heldOut(index: number): Promise<{ readonly label: number; readonly pixels: number[] }> {
  const { images } = JSON.parse(await readFile(join(DIGITS, "held-out.json"), "utf8"));
  return images[index];
}
