import type { IntelCollateral } from "@assay/sdk";
import { AttestationError, parseQeIdentity, parseTcbInfo, verifyQuote } from "@assay/sdk";
import { expect } from "chai";
import { keccak256 } from "ethers";

import { signText } from "../../../../scripts/fixtures/intel-pki/documents.ts";
import { toPem } from "../../../../scripts/fixtures/intel-pki/quote.ts";
import type { DcapSet } from "../../../../scripts/fixtures/intel-pki/world.ts";
import {
  KEYS,
  NOW,
  rootCertificate,
  syntheticRoot,
  syntheticSet,
} from "../../../../scripts/fixtures/intel-pki/world.ts";
import { keyIdOf, readPem, documentArguments } from "../../../../scripts/support/dcap.ts";
import { Random } from "../../../support/random.ts";
import { answer } from "../answer.ts";
import { mutate, mutateText, randomChanges } from "./mutations.ts";
import { findVector, readCollateral, readRow, ROWS } from "./rows.ts";
import { shortenQuote } from "./shorten.ts";
import type { Dcap } from "./world.ts";
import { deployDcap, putSet } from "./world.ts";

const MUTATIONS = Number(process.env["ASSAY_CHANGES"] ?? 50);
const WORLDS = 150;
const TEXTS = 300;

/** Every field of the claims, or the name of the error. */
type Said = Readonly<Record<string, string>> | string;

const FIELDS = [
  "format",
  "measurement",
  "config",
  "platform",
  "bind0",
  "bind1",
  "keyHash",
  "issuedAt",
  "notAfter",
  "tcbEval",
  "tcbStatus",
  "flags",
  "advisories",
] as const;

const toSaid = (claims: Readonly<Record<(typeof FIELDS)[number], unknown>>): Said =>
  Object.fromEntries(FIELDS.map((field) => [field, String(claims[field])]));

/** What the contract for this kind of quote says at the time of the last block. */
async function onChain(world: Dcap, quote: Uint8Array, hints = "0x"): Promise<Said> {
  const isSgx = quote.length >= 8 && Buffer.from(quote).readUInt32LE(4) === 0;
  const verifier = isSgx ? world.sgx : world.tdx;
  let said: Said = "";
  const call = verifier.verify(quote, hints).then((claims) => {
    said = toSaid(claims);
  });
  const name = (await answer(call)).replace(/\(.*$/, "");
  return name === "ok" ? said : name;
}

async function inSdk(quote: Uint8Array, collateral: IntelCollateral, at: number, rootKey?: string): Promise<Said> {
  try {
    const { claims } = await verifyQuote(quote, collateral, { at, ...(rootKey === undefined ? {} : { rootKey }) });
    return toSaid(claims);
  } catch (error) {
    if (error instanceof AttestationError) return error.reason;
    throw error;
  }
}

/** Where the text of the chain lies in a quote of genuine form. */
function chainOf(quote: Uint8Array): [start: number, end: number] {
  const start = shortenQuote(quote).length;
  return [start, start + Buffer.from(quote).readUInt32LE(start - 4)];
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

function collateralOf(set: DcapSet): IntelCollateral {
  const root = toPem(rootCertificate());
  const signed = toPem(set.tcbSigner) + root;
  return {
    pck_crl_issuer_chain: toPem(set.pckAuthority) + root,
    root_ca_crl: hex(set.rootCrl),
    pck_crl: hex(set.pckCrl),
    tcb_info_issuer_chain: signed,
    tcb_info: set.tcbInfo.text,
    tcb_info_signature: hex(set.tcbInfo.signature),
    qe_identity_issuer_chain: signed,
    qe_identity: set.qeIdentity.text,
    qe_identity_signature: hex(set.qeIdentity.signature),
  };
}

describe("verifyQuote of the SDK and the contracts", function () {
  for (const [index, row] of ROWS.entries()) {
    it(`say the same of ${row.name}, and of it with ${MUTATIONS} changes`, async function () {
      const set = readRow(row);
      const file = findVector(row.collateral);
      if (set === undefined || file === undefined) {
        console.log(`      skipped: ${row.quote} or its collateral is not here`);
        this.skip();
      }
      const collateral = readCollateral(file);
      const world = await deployDcap(row.window[0] - 100);
      await putSet(world, set, { at: row.window[0] });
      const { time } = world.networkHelpers;
      for (const now of row.window) {
        if ((await time.latest()) < now) await time.increaseTo(now);
        const said = await onChain(world, set.quote);
        expect(typeof said === "string" ? said : "accepted").to.equal(row.refused ?? "accepted");
        expect(await inSdk(set.quote, collateral, now)).to.deep.equal(said);
      }
      const random = new Random(1000 + index);
      const [start, end] = chainOf(set.quote);
      const certificates = readPem(Buffer.from(set.quote).toString("latin1"));
      let named = 0;
      for (let round = 0; round < MUTATIONS; round++) {
        const { quote, what, inChain } = mutate(random, set.quote, start, end);
        const [chain, sdk] = [await onChain(world, quote), await inSdk(quote, collateral, row.window[1])];
        if (!inChain) {
          expect(sdk, what).to.deep.equal(chain);
          named++;
          continue;
        }
        // The text of the chain is compared by its hash there, and read here.
        expect(chain, what).to.equal("ChainUnknown");
        if (typeof sdk === "string" && sdk !== row.refused) continue;
        expect(readPem(Buffer.from(quote).toString("latin1")), what).to.deep.equal(certificates);
        expect(await onChain(world, shortenQuote(quote), keccak256(set.pck)), what).to.deep.equal(sdk);
      }
      expect(named > MUTATIONS / 2).to.equal(true);
    });
  }

  it(`say the same of ${WORLDS} worlds under a root of our own`, async function () {
    const world = await deployDcap(NOW, { root: syntheticRoot() });
    const rootKey = hex(KEYS.root.point);
    const random = new Random(20_261);
    const seen = new Map<string, number>();
    let fresh = await world.networkHelpers.takeSnapshot();
    for (let round = 0; round < WORLDS; round++) {
      const changes = randomChanges(random);
      const set = syntheticSet(changes);
      const what = `${round}: ${JSON.stringify(changes, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value))}`;
      const put = (await answer(putSet(world, set))).replace(/\(.*$/, "");
      const now = await world.networkHelpers.time.latest();
      const chain = put === "ok" ? await onChain(world, set.quote) : put;
      const sdk = await inSdk(set.quote, collateralOf(set), now, rootKey);
      // What cannot be put can have two faults, and is not put in the order in which they are found here.
      if (put === "ok") expect(sdk, what).to.deep.equal(chain);
      else expect(sdk, what).to.be.a("string");
      const key = typeof chain === "string" ? chain : `status ${chain["tcbStatus"]}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      await fresh.restore();
      fresh = await world.networkHelpers.takeSnapshot();
    }
    // A test that only ever sees one answer compares nothing.
    for (const key of ["status 0", "status 4", "TcbLevelUnknown", "TcbRevoked", "QeRevoked", "TdxModuleUnknown"]) {
      expect([...seen.keys()]).to.include(key);
    }
    expect(seen.size >= 16, JSON.stringify([...seen])).to.equal(true);
  });

  for (const isTdx of [true, false]) {
    it(`take the same of ${TEXTS} documents for ${isTdx ? "TDX" : "SGX"} that are signed but changed`, async function () {
      const world = await deployDcap(NOW, { root: syntheticRoot() });
      const random = new Random(isTdx ? 3 : 4);
      const set = syntheticSet({ ...randomChanges(random), isTdx, signer: {}, rootCrl: {} });
      await putSet(world, set, { without: ["tcbInfo", "qeIdentity", "pckAuthority", "pckCrl", "cachePck"] });
      const signer = keyIdOf(set.tcbSigner);
      let taken = 0;
      for (let round = 0; round < TEXTS; round++) {
        const isInfo = random.integer(0, 1) === 1;
        const text = mutateText(random, (isInfo ? set.tcbInfo : set.qeIdentity).text);
        const put = world.collateral[isInfo ? "putTcbInfo" : "putQeIdentity"];
        const said = await answer(put.staticCall(...documentArguments(signText(KEYS.signer, text), signer)));
        // The time of it is another matter, and said once the text is read.
        const chain = said === "ok" || said.startsWith("DocumentNotCurrent");
        let sdk = true;
        try {
          (isInfo ? parseTcbInfo : parseQeIdentity)(text);
        } catch (error) {
          if (!(error instanceof AttestationError)) throw error;
          sdk = false;
        }
        expect(sdk, `${said}: ${text}`).to.equal(chain);
        if (chain) taken++;
      }
      expect(taken > 10 && taken < TEXTS / 2, `${taken}`).to.equal(true);
    });
  }
});
