import { expect } from "chai";

import { hex } from "../../../../scripts/fixtures/nitro-pki.ts";
import { deployNitro } from "./deploy.ts";
import { chainHints, chainOf, hintsOf } from "./support.ts";
import { readVector, VECTORS } from "./vectors.ts";

describe("NitroVerifier: gas of whole transactions", function () {
  this.timeout(120_000);
  const { file, issuedAt } = VECTORS.at(-1)!;

  it("is at most 12,000,000 with nothing remembered and 3,400,000 with the chain remembered", async function () {
    const document = readVector(file);
    const { certificates, ethers, networkHelpers, prove, verifier } = await deployNitro(issuedAt - 100);
    await networkHelpers.time.increaseTo(issuedAt + 100);
    const [sender] = await ethers.getSigners();
    const gasOf = async (hints: Uint8Array) => {
      const data = verifier.interface.encodeFunctionData("verify", [document, hints]);
      const sent = await sender!.sendTransaction({ to: await verifier.getAddress(), data, gasLimit: 16_777_216 });
      return Number((await sent.wait())!.gasUsed);
    };
    const cold = await gasOf(hintsOf(document, prove));
    const chain = chainOf(document);
    const sent = await certificates.cacheCertificates(chain.slice(1), chainHints(chain, prove));
    const cached = Number((await sent.wait())!.gasUsed);
    const warm = await gasOf(hintsOf(document, prove, { cached: true }));
    console.log(`        cold ${cold}, chain of four ${cached}, warm ${warm}`);
    expect(cold).to.be.within(1_000_000, 12_000_000);
    expect(warm).to.be.within(1_000_000, 3_400_000);
  });

  it("is bounded for hostile evidence", async function () {
    const { ethers, verifier } = await deployNitro(issuedAt - 100);
    const probe = await ethers.deployContract("EvidenceProbe");
    // The longest evidence there is, its payload a map whose PCRs, or whose bundle, do not end.
    const fill = (head: string, item: string) => {
      const body = Buffer.concat([hex(head), Buffer.from(item.repeat(12_100 / (item.length / 2)), "hex")]).subarray(
        0,
        12_100,
      );
      const length = body.length.toString(16).padStart(4, "0");
      return Buffer.concat([hex(`8444a1013822a059${length}`), body, hex("5860"), new Uint8Array(96)]);
    };
    for (const evidence of [
      fill("bf64" + Buffer.from("pcrs").toString("hex") + "bf", `005830${"00".repeat(48)}`),
      fill("bf68" + Buffer.from("cabundle").toString("hex") + "9bffffffffffffffff", "40"),
      fill("bf", "60f6"),
      fill("bf69" + Buffer.from("module_id").toString("hex") + "7840", "30"),
    ]) {
      const gas = await probe.probe.estimateGas(verifier, evidence, "0x", [evidence.length - 1]);
      expect(Number(gas)).to.be.below(1_500_000);
    }
  });
});
