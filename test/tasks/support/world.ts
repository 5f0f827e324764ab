import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { network } from "hardhat";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import Development from "../../../deploy/modules/Development.ts";
import { DIGITS, forgetDeployment, hardhatAt, succeed } from "./assay.ts";

/** Assay deployed on a fresh chain behind HTTP, and a compiled model. */
export interface TaskWorld {
  readonly hre: HardhatRuntimeEnvironment;
  readonly url: string;
  /** A folder of this world's own. */
  readonly folder: string;
  /** Model folder, keys included. */
  readonly model: string;
  /** Options that every task with contracts and blobs gets. */
  readonly common: { readonly deployment: string; readonly blobs: string };
  readonly contracts: Readonly<Record<"hub" | "modelRegistry" | "nodeRegistry" | "enclaveRegistry", string>>;
  send(method: string, ...params: unknown[]): Promise<any>;
  /** Moves the chain's clock. */
  travel(seconds: number): Promise<void>;
  close(): Promise<void>;
}

let worlds = 0;

/** Compiles the digits model, keys included, into `folder`. The circuit and its keys come from the cache of `build/`. */
export async function compileDigits(hre: HardhatRuntimeEnvironment, folder: string): Promise<void> {
  const [model, calibration] = [join(DIGITS, "model.onnx"), join(DIGITS, "calibration.json")];
  await succeed(hre, ["zkml", "compile"], { model, calibration, name: "digits", out: folder });
  await succeed(hre, ["zkml", "setup"], { dir: folder, dev: true, seed: "assay task tests" });
}

/** Starts one. */
export async function createTaskWorld(): Promise<TaskWorld> {
  const server = await network.createServer("default", "127.0.0.1", 0);
  const { port } = await server.listen();
  const url = `http://127.0.0.1:${port}`;
  const hre = await hardhatAt(url);
  const connection = await hre.network.getOrCreate();
  const deployment = `tasks-${process.pid}-${worlds++}`;
  const { hub, modelRegistry, nodeRegistry, enclaveRegistry } = await connection.ignition.deploy(Development, {
    deploymentId: deployment,
  });
  const folder = await mkdtemp(join(tmpdir(), "assay-tasks-"));
  const model = join(folder, "model");
  await compileDigits(hre, model);
  const send = async (method: string, ...params: unknown[]): Promise<any> =>
    await connection.provider.request({ method, params });
  return {
    hre,
    url,
    folder,
    model,
    common: { deployment, blobs: join(folder, "blobs") },
    contracts: {
      hub: await hub.getAddress(),
      modelRegistry: await modelRegistry.getAddress(),
      nodeRegistry: await nodeRegistry.getAddress(),
      enclaveRegistry: await enclaveRegistry.getAddress(),
    },
    send,
    travel: async (seconds) => {
      await send("evm_increaseTime", seconds);
      await send("evm_mine");
    },
    close: async () => {
      await server.close();
      await forgetDeployment(deployment);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
