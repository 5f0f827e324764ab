import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { network } from "hardhat";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import Attestation from "../../../deploy/modules/Attestation.ts";
import Development from "../../../deploy/modules/Development.ts";
import { forgetDeployment, hardhatAt } from "./assay.ts";

let worlds = 0;

/** Assay and the verifiers of real evidence, on a chain behind HTTP whose clock starts at `start`, Unix seconds. */
export async function createEvidenceWorld(start: number) {
  const override = { initialDate: new Date(start * 1000) };
  const server = await network.createServer({ network: "default", override }, "127.0.0.1", 0);
  const { port } = await server.listen();
  const hre: HardhatRuntimeEnvironment = await hardhatAt(`http://127.0.0.1:${port}`);
  const connection = await hre.network.getOrCreate();
  const deployment = `evidence-${process.pid}-${worlds++}`;
  await connection.ignition.deploy(Development, { deploymentId: deployment });
  const deployed = await connection.ignition.deploy(Attestation, { deploymentId: deployment });
  const folder = await mkdtemp(join(tmpdir(), "assay-evidence-"));
  const send = async (method: string, ...params: unknown[]): Promise<unknown> =>
    await connection.provider.request({ method, params });
  return {
    hre,
    connection,
    deployed,
    deployment,
    folder,
    /** Moves the chain's clock to `time`, Unix seconds. */
    travelTo: async (time: number) => {
      await send("evm_setNextBlockTimestamp", time);
      await send("evm_mine");
    },
    close: async () => {
      await server.close();
      await forgetDeployment(deployment);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type EvidenceWorld = Awaited<ReturnType<typeof createEvidenceWorld>>;
