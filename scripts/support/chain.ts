import type { HardhatEthersHelpers } from "@nomicfoundation/hardhat-ethers/types";
import { network } from "hardhat";

/** A chain of its own whose clock starts at `start`, Unix seconds; `prague` has no precompile for P-256. */
export async function chainAt(
  start: number,
  hardfork: "osaka" | "prague" = "osaka",
): ReturnType<typeof network.create> {
  return await network.create({
    network: hardfork === "osaka" ? "default" : hardfork,
    override: { initialDate: new Date(start * 1000) },
  });
}

/** Gas of a whole transaction. */
export async function gasOf(ethers: HardhatEthersHelpers, to: string, data: string): Promise<number> {
  const [sender] = await ethers.getSigners();
  const sent = await sender!.sendTransaction({ to, data, gasLimit: 16_777_216 });
  return Number((await sent.wait())!.gasUsed);
}
