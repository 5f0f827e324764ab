import { readFile } from "node:fs/promises";
import { join } from "node:path";

import type { IntelCollateral } from "@assay/sdk";
import { id } from "ethers";

import { ROOT } from "../../checks/files.ts";
import { type DcapSet, NOW, syntheticRoot, syntheticSet } from "../../fixtures/intel-pki/world.ts";
import { chainAt, gasOf } from "../../support/chain.ts";
import { assembleSet, deployDcapContracts, putEach } from "../../support/dcap.ts";
import { createTestPolicy, deployEnclaveRegistry, registrationOf } from "../../support/enclave-registry.ts";
import { secp256k1Key } from "../../support/receipt-keys.ts";

const FOLDER = join(ROOT, "vectors", "tee", "intel-tdx");
/** A time at which quote and collateral are valid. */
const AT = 1_751_000_000;
/** Where report data lie in the body of a trust domain. */
const REPORT_DATA = 520;

/** Gas of whole transactions on a genuine quote of TDX, and of registering a key with a made-up one of the same form. */
export async function intelFigures(hardfork: "osaka" | "prague"): Promise<Record<string, number>> {
  const suffix = hardfork === "osaka" ? "" : ".noprecompile";
  const connection = await chainAt(AT, hardfork);
  try {
    const { ethers } = connection;
    const contracts = await deployDcapContracts(ethers);
    const set = await genuineSet();
    const put = await putEach(ethers, contracts, set);
    const to = await contracts.tdx.getAddress();
    const verify = contracts.tdx.interface.encodeFunctionData("verify", [set.quote, "0x"]);
    return {
      [`gas.tdx.verify${suffix}`]: await gasOf(ethers, to, verify),
      [`gas.tdx.register${suffix}`]: await registerFigure(hardfork),
      [`gas.tdx.tcbinfo${suffix}`]: put["tcbInfo"]!,
      [`gas.tdx.pckcrl${suffix}`]: put["pckCrl"]!,
      [`gas.tdx.qeidentity${suffix}`]: put["qeIdentity"]!,
      [`gas.tdx.pck${suffix}`]: put["cachePck"]!,
    };
  } finally {
    await connection.close();
  }
}

/**
 * Gas of registering a new key with a quote that binds it, under a policy that has everything else. The first of an operator's
 * keys is like all others.
 */
async function registerFigure(hardfork: "osaka" | "prague"): Promise<number> {
  const connection = await chainAt(NOW, hardfork);
  try {
    const { ethers } = connection;
    const contracts = await deployDcapContracts(ethers, syntheticRoot());
    await putEach(ethers, contracts, syntheticSet());
    const deployed = await deployEnclaveRegistry(ethers);
    const { measurement } = await contracts.tdx.verify(syntheticSet().quote, "0x");
    const verifier = await contracts.tdx.getAddress();
    const [operator] = await ethers.getSigners();
    const registration = await registrationOf(deployed, {
      policy: await createTestPolicy(deployed, verifier, measurement),
      operator: operator!.address,
      verifier,
      key: secp256k1Key("figures"),
      endpoint: "https://enclave.example",
      evidenceOf: (binding) => {
        const data = Buffer.from(binding.slice(2) + id("nonce").slice(2), "hex");
        return syntheticSet({ body: { [REPORT_DATA]: data } }).quote;
      },
    });
    const { interface: calls } = deployed.registry;
    return await gasOf(ethers, deployed.address, calls.encodeFunctionData("registerKey", [registration]));
  } finally {
    await connection.close();
  }
}

async function genuineSet(): Promise<DcapSet> {
  const quote = new Uint8Array(await readFile(join(FOLDER, "phala_tdx_v4_quote.bin")));
  const text = await readFile(join(FOLDER, "phala_tdx_v4_collateral.json"), "utf8");
  return assembleSet(quote, JSON.parse(text) as IntelCollateral);
}
