import { expect } from "chai";
import { network } from "hardhat";

import type { DevelopmentVerifier, FlipProbe } from "../../../types/ethers-contracts/index.ts";
import { authorityWith, evidenceWith, NOW } from "../../support/development-evidence.ts";
import { answer } from "./answer.ts";

/** A verifier on a fresh chain whose latest block has the time `NOW`. */
export async function deployDevelopment(hardfork: "default" | "prague" = "default") {
  const { ethers, networkHelpers } = await network.create(hardfork);
  const verifier = await ethers.deployContract("DevelopmentVerifier");
  const probe = await ethers.deployContract("FlipProbe");
  await networkHelpers.time.increaseTo(NOW);
  return { networkHelpers, probe, verifier };
}

/** The verifier of a suite, and what it must answer. */
export interface Development {
  readonly verifier: DevelopmentVerifier;
  readonly probe: FlipProbe;
  setTime(now: number): Promise<void>;
  /** "ok", or the error's name with its arguments. */
  answerTo(evidence: Uint8Array, hints?: string): Promise<string>;
  refuses(evidence: Uint8Array, reason: string): Promise<void>;
  refusesChain(chain: Uint8Array[], reason: string): Promise<void>;
  refusesLeaf(leaf: Uint8Array, reason: string): Promise<void>;
}

/** Deploys it before the suite's tests. Call it where tests are described. */
export function development(): Development {
  let deployed: Awaited<ReturnType<typeof deployDevelopment>>;
  before(async function () {
    deployed = await deployDevelopment();
  });
  const answerTo = async (evidence: Uint8Array, hints = "0x") =>
    await answer(deployed.verifier.verify(evidence, hints));
  const refuses = async (evidence: Uint8Array, reason: string) => {
    expect(await answerTo(evidence)).to.equal(reason);
  };
  const refusesChain = async (chain: Uint8Array[], reason: string) => await refuses(evidenceWith({ chain }), reason);
  return {
    get verifier() {
      return deployed.verifier;
    },
    get probe() {
      return deployed.probe;
    },
    setTime: async (now) => await deployed.networkHelpers.time.increaseTo(now),
    answerTo,
    refuses,
    refusesChain,
    refusesLeaf: async (leaf, reason) => await refusesChain([authorityWith(), leaf], reason),
  };
}
