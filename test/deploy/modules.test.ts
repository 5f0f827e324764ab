import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "chai";
import { network } from "hardhat";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";

import Assay from "../../deploy/modules/Assay.ts";
import Attestation from "../../deploy/modules/Attestation.ts";
import Development from "../../deploy/modules/Development.ts";
import { enclaveRegistryAt } from "../../nodes/operator/index.ts";
import { decodeContractError, SIGNATURE_V1, TEE_V1, ZERO_ADDRESS, ZKML_V1 } from "../../sdk/src/index.ts";
import { hardhatAt, ROOT } from "../tasks/support/assay.ts";

const PARAMETERS = join(ROOT, "deploy", "parameters");
const SEPOLIA = 11_155_111;
const STRANGER = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

/** Gas of each contract's creation, by contract name, from the receipts of a fresh in-process chain. */
async function deploymentGas(chainId: number, module: typeof Assay | typeof Attestation): Promise<Map<string, bigint>> {
  const connection = await network.create({ network: "default", override: { chainId } });
  const { provider } = connection.ethers;
  // The two modules' types differ in nothing that is used here.
  const deployed: Record<string, { getAddress(): Promise<string> }> = await connection.ignition.deploy(
    module as typeof Assay,
  );
  const names = new Map<string, string>();
  for (const [name, contract] of Object.entries(deployed)) {
    names.set((await contract.getAddress()).toLowerCase(), name[0]!.toUpperCase() + name.slice(1));
  }
  const gas = new Map<string, bigint>();
  for (let number = await provider.getBlockNumber(); number > 0; number--) {
    for (const hash of (await provider.getBlock(number))!.transactions) {
      const receipt = (await provider.getTransactionReceipt(hash))!;
      const name = names.get((receipt.contractAddress ?? "").toLowerCase());
      if (name !== undefined) gas.set(name === "Hub" ? "InferenceHub" : name, receipt.gasUsed);
    }
  }
  return gas;
}

describe("deployment", function () {
  this.timeout(120_000);

  it("makes a hub that routes the three adapters of its own registries", async () => {
    const { ignition, ethers } = await network.create();
    const { hub, modelRegistry, nodeRegistry, enclaveRegistry, zkmlAdapter } = await ignition.deploy(Assay);
    const [deployer] = await ethers.getSigners();
    expect(await hub.getFunction("owner")()).to.equal(deployer!.address);
    expect(await hub.getFunction("MODEL_REGISTRY")()).to.equal(await modelRegistry.getAddress());
    for (const [selector, adapter] of [
      [SIGNATURE_V1, nodeRegistry],
      [TEE_V1, enclaveRegistry],
      [ZKML_V1, zkmlAdapter],
    ] as const) {
      expect(await hub.getFunction("adapterOf")(selector)).to.equal(await adapter.getAddress());
    }
    expect(await zkmlAdapter.getFunction("MODEL_REGISTRY")()).to.equal(await modelRegistry.getAddress());
  });

  it("takes its parameters", async () => {
    const { ignition } = await network.create();
    const parameters = {
      Assay: { owner: STRANGER, minBond: 5n, unbondingDelay: 20 * 86_400, feeBps: 250, feeRecipient: STRANGER },
    };
    const { hub, nodeRegistry } = await ignition.deploy(Assay, { parameters });
    expect(await hub.getFunction("owner")()).to.equal(STRANGER);
    expect(await nodeRegistry.getFunction("owner")()).to.equal(STRANGER);
    expect(await nodeRegistry.getFunction("MIN_BOND")()).to.equal(5n);
    expect(await nodeRegistry.getFunction("UNBONDING_DELAY")()).to.equal(20n * 86_400n);
    expect(await hub.getFunction("FEE_BPS")()).to.equal(250n);
    expect(await hub.getFunction("FEE_RECIPIENT")()).to.equal(STRANGER);
  });

  it("refuses parameters that the contracts would be unsafe with", async () => {
    for (const [Assay_, error] of [
      [{ unbondingDelay: 14 * 86_400 }, "UnbondingDelayTooShort"],
      [{ minBond: 0n }, "BondTooSmall"],
      [{ feeBps: 1_001, feeRecipient: STRANGER }, "FeeTooHigh"],
      [{ feeBps: 1, feeRecipient: ZERO_ADDRESS }, "ZeroAddress"],
    ] as const) {
      const { ignition } = await network.create();
      const message = await refusal(ignition.deploy(Assay, { parameters: { Assay: Assay_ } }));
      expect(message).to.contain(error);
    }
  });

  it("refuses the development verifier on a live chain, and deploys everything else there", async () => {
    const live = { network: "default", override: { chainId: SEPOLIA } };
    const { ignition } = await network.create(live);
    expect(await refusal(ignition.deploy(Development))).to.contain("DevelopmentRootOnLiveNetwork");
    const { ignition: other } = await network.create(live);
    const { hub } = await other.deploy(Assay);
    expect(await hub.getFunction("owner")()).to.match(/^0x/);
  });

  it("has parameters for every network, which the modules take", async () => {
    const files = (await readdir(PARAMETERS)).sort();
    expect(files).to.deep.equal(["baseSepolia.json5", "localhost.json5", "sepolia.json5"]);
    for (const file of files) {
      const { ignition } = await network.create();
      const { nodeRegistry } = await ignition.deploy(Assay, { parameters: join(PARAMETERS, file) });
      const text = await readFile(join(PARAMETERS, file), "utf8");
      const bond = /minBond: "([0-9]+)n"/.exec(text)?.[1];
      expect(await nodeRegistry.getFunction("MIN_BOND")(), file).to.equal(BigInt(bond!));
    }
  });

  it("is ready for verification on explorers", async () => {
    const hre: HardhatRuntimeEnvironment = await hardhatAt("http://127.0.0.1:1");
    expect(hre.config.verify.etherscan.enabled).not.to.equal(false);
    for (const name of ["sepolia", "baseSepolia"]) expect(hre.config.networks[name]?.type).to.equal("http");
    const [development, production] = ["default", "production"].map((name) => hre.config.solidity.profiles[name]);
    expect(JSON.stringify(production)).to.equal(JSON.stringify(development));
  });

  it("makes verifiers of real evidence on any chain, which share what vendors sign", async () => {
    const { ethers, ignition } = await network.create({ network: "default", override: { chainId: SEPOLIA } });
    const made = await ignition.deploy(Attestation);
    const { dcapCollateral, intelDcapCertificates, nitroCertificates, nitroVerifier, p384Verifier } = made;
    expect(await dcapCollateral.getFunction("certificates")()).to.equal(await intelDcapCertificates.getAddress());
    for (const [verifier, name] of [
      [made.sgxVerifier, "intel.sgx/1"],
      [made.tdxVerifier, "intel.tdx/1"],
      [nitroVerifier, "aws.nitro/1"],
    ] as const) {
      expect(await verifier.getFunction("format")()).to.equal(ethers.id(name));
    }
    for (const verifier of [made.sgxVerifier, made.tdxVerifier]) {
      expect(await verifier.getFunction("collateral")()).to.equal(await dcapCollateral.getAddress());
    }
    expect(await nitroVerifier.getFunction("certificates")()).to.equal(await nitroCertificates.getAddress());
    expect(await nitroCertificates.getFunction("p384")()).to.equal(await p384Verifier.getAddress());
    // The registry of another deployment takes them as they are.
    const { enclaveRegistry } = await ignition.deploy(Assay);
    const terms = [false, 86_400, ZERO_ADDRESS, 86_400, 0, 0, 0, 0, 1, 0, false];
    const listed = [made.sgxVerifier, made.tdxVerifier, nitroVerifier];
    const changes = await Promise.all(
      listed.map(async (verifier) => [
        0,
        ethers.zeroPadValue(await verifier.getAddress(), 32),
        0,
        ethers.ZeroHash,
        ethers.ZeroHash,
      ]),
    );
    const [owner] = await ethers.getSigners();
    const registry = enclaveRegistryAt(await enclaveRegistry.getAddress(), owner!);
    await registry.getFunction("createPolicy")(terms, changes, ethers.ZeroHash);
    const policy = await registry.getFunction("policyIdOf")(owner!.address, ethers.ZeroHash);
    for (const verifier of listed) {
      const isAllowed = registry.getFunction("isVerifierAllowed");
      expect(await isAllowed(policy, await verifier.getAddress())).to.equal(true);
    }
  });

  for (const [file, module] of [
    ["deploying.md", Assay],
    ["attestation.md", Attestation],
  ] as const) {
    it(`costs what docs/${file} says, to a twentieth`, async () => {
      await costs(file, module);
    });
  }

  async function costs(file: string, module: typeof Assay | typeof Attestation): Promise<void> {
    const gas = await deploymentGas(SEPOLIA, module);
    const page = await readFile(join(ROOT, "docs", file), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` \| ([\d,]+) \|/gm)];
    const said = new Map(rows.map(([, name = "", number = ""]) => [name, Number(number.replaceAll(",", ""))]));
    const measured = [...gas].map(([name, used]) => `${name} ${used}`).join(", ");
    expect([...said.keys()].sort(), measured).to.deep.equal([...gas.keys()].sort());
    for (const [name, used] of gas) expect(said.get(name)! / Number(used), measured).to.be.within(0.95, 1.05);
  }
});

/** What a deployment that must fail says, errors of contracts in words. */
async function refusal(deploying: Promise<unknown>): Promise<string> {
  try {
    await deploying;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const data = /0x[0-9a-f]{8,}/i.exec(message)?.[0];
    return data === undefined ? message : `${message} ${decodeContractError(data).name}`;
  }
  throw new Error("It was deployed.");
}
