import { expect } from "chai";
import { keccak256 } from "ethers";

import { gasOf } from "../../../../scripts/support/chain.ts";
import { putEach } from "../../../../scripts/support/dcap.ts";
import { readRow, ROWS } from "./rows.ts";
import { shortenQuote } from "./shorten.ts";
import { deployDcap } from "./world.ts";

/** Most gas of whole transactions on genuine data, by hardfork; the second has no precompile for P-256. */
const MOST = {
  osaka: {
    rootCrl: 95_000,
    pckAuthority: 750_000,
    tcbSigner: 265_000,
    pckCrl: 530_000,
    tcbInfo: 480_000,
    qeIdentity: 185_000,
    cachePck: 520_000,
    verify: 220_000,
    verifyShort: 145_000,
  },
  prague: {
    rootCrl: 340_000,
    pckAuthority: 1_000_000,
    tcbSigner: 515_000,
    pckCrl: 780_000,
    tcbInfo: 720_000,
    qeIdentity: 430_000,
    cachePck: 770_000,
    verify: 700_000,
    verifyShort: 640_000,
  },
} as const;

describe("Gas of Intel's evidence", function () {
  for (const hardfork of ["osaka", "prague"] as const) {
    it(`keeps below its limits on ${hardfork}`, async function () {
      const row = ROWS.find(({ name }) => name === "TDX v4")!;
      const set = readRow(row)!;
      const world = await deployDcap(row.window[0], { hardfork });
      const gas = await putEach(world.ethers, world, set);
      const { interface: tdx } = world.tdx;
      const to = await world.tdx.getAddress();
      gas["verify"] = await gasOf(world.ethers, to, tdx.encodeFunctionData("verify", [set.quote, "0x"]));
      const short = [shortenQuote(set.quote), keccak256(set.pck)] as const;
      gas["verifyShort"] = await gasOf(world.ethers, to, tdx.encodeFunctionData("verify", [...short]));
      for (const [name, most] of Object.entries(MOST[hardfork])) {
        expect(gas[name]! < most, `${name}: ${gas[name]}`).to.equal(true);
        // A limit that is far above what it limits is none.
        expect(gas[name]! * 5 > most * 4, `${name}: ${gas[name]}`).to.equal(true);
      }
    });
  }
});
