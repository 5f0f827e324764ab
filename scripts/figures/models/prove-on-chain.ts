import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Contract, ContractFactory, type InterfaceAbi } from "ethers";
import hre, { network } from "hardhat";

import {
  createGroth16Prover,
  graphDigest,
  setupDevelopment,
  type CompiledCircuit,
  type IntegerGraph,
} from "../../../compiler/src/index.ts";
import { buildVerifier } from "../../../tasks/shared/compile-verifier.ts";
import { soliditySettings } from "../../../tasks/shared/solidity-settings.ts";

let chain: ReturnType<typeof network.create> | undefined;

/** Sets a circuit up, proves one answer, and has the contract that was generated for it check the proof. */
export async function proveOnChain(
  graph: IntegerGraph,
  circuit: Pick<CompiledCircuit, "r1csPath" | "wasmPath" | "words" | "binding">,
  input: Uint8Array,
  output: Uint8Array,
): Promise<{ proved: boolean; gas: number; proveSeconds: number }> {
  const work = await mkdtemp(join(tmpdir(), "assay-prove-"));
  try {
    const setup = await setupDevelopment(circuit.r1csPath, { seed: "bench", outDir: work });
    const prover = await createGroth16Prover({ graph, circuit, zkeyPath: setup.zkeyPath });
    const started = performance.now();
    const { proof, words } = await prover.prove({ context: new Uint8Array(31), input, output });
    const proveSeconds = (performance.now() - started) / 1000;
    await prover.close();
    const digest = graphDigest(graph);
    const { verifier } = await buildVerifier({ graph, graphDigest: digest, circuit }, setup, soliditySettings(hre));
    const { ethers } = await (chain ??= network.create("default"));
    const [signer] = await ethers.getSigners();
    const abi = verifier.abi as unknown as InterfaceAbi;
    const deployed = await new ContractFactory(abi, verifier.bytecode, signer as never).deploy();
    await deployed.waitForDeployment();
    const contract = new Contract(await deployed.getAddress(), abi, signer as never);
    const gas = Number(await contract["verify"]!.estimateGas(proof, words));
    await contract["verify"]!.staticCall(proof, words);
    return { proved: true, gas, proveSeconds };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
