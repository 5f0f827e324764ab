import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { p256 } from "@noble/curves/nist.js";
import { expect } from "chai";
import { getBytes, hexlify, keccak256, type Signer, Wallet } from "ethers";

import { prepareEvidence } from "../../nodes/operator/index.ts";
import { syntheticRoot, syntheticSet } from "../../scripts/fixtures/intel-pki/world.ts";
import { bytes } from "../../scripts/fixtures/nitro-pki.ts";
import { listedMeasurement, verifyNitro, verifyQuote } from "../../sdk/src/index.ts";
import { chainWith, documentWith, makeKeys, NOW } from "../contracts/attestation/nitro/synthetic.ts";
import { fail, ROOT, runTask, succeed } from "./support/assay.ts";
import { createEvidenceWorld, type EvidenceWorld } from "./support/evidence-world.ts";

const TEE = join(ROOT, "vectors", "tee");
const QUOTE = join(TEE, "intel-tdx", "phala_tdx_v4_quote.bin");
const COLLATERAL = join(TEE, "intel-tdx", "phala_tdx_v4_collateral.json");
const AT = 1_751_000_000;
/** Last second of the recorded collateral. */
const COLLATERAL_END = 1_752_919_235;
const DEBUG_DOCUMENT = join(TEE, "aws-nitro", "dstack_attest_nitro_attestation_DEBUG.cose.bin");
const DEBUG_AT = 1_766_650_900;
const YEAR = 365 * 86_400;
/** Gas that `registerKey` adds to the check of a document. */
const ADDED_GAS = 190_000;

const put = ["enclave", "collateral", "put"];
const status = ["enclave", "collateral", "status"];
const register = ["enclave", "register"];
const context = ["enclave", "context"];
const onPolicy = (name: string): string[] => ["enclave", "policy", name];

/** A certificate as vendors' chains have it. */
function pemOf(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString("base64")
    .replace(/(.{64})(?!$)/g, "$1\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

interface Piece {
  readonly what: string;
  readonly state: string;
  readonly current: boolean;
  readonly evaluation?: number;
  readonly vendor: string;
}

describe("enclave tasks with genuine evidence on chain", function () {
  this.timeout(300_000);
  let world: EvidenceWorld;
  let common: { readonly deployment: string };
  let policy: string;
  let keyFile: string;

  before(async () => {
    world = await createEvidenceWorld(AT - 3_600);
    common = { deployment: world.deployment };
    keyFile = join(world.folder, "enclave.key");
    await writeFile(keyFile, Wallet.createRandom().privateKey);
  });
  after(async () => {
    await world.close();
  });

  it("puts Intel's collateral, piece by piece, and leaves out what is there as new", async () => {
    expect(await succeed(world.hre, status, common)).to.deep.equal([]);
    expect((await runTask(world.hre, status, common)).out).to.equal("Nothing is kept here.\n");
    const first = await succeed(world.hre, put, { ...common, collateral: COLLATERAL });
    expect(first.pieces.map(({ state }: Piece) => state)).to.deep.equal(Array(6).fill("put"));
    const again = await succeed(world.hre, put, { ...common, collateral: COLLATERAL });
    expect(again.pieces.map(({ state }: Piece) => state)).to.deep.equal(Array(6).fill("kept"));
    const kept: Piece[] = await succeed(world.hre, status, common);
    expect(kept.map(({ what }) => what)).to.deep.equal([
      "PCK platform authority",
      "signer of TCB Info",
      "root's revocation list",
      "revocation list of machines",
      "TDX TCB Info",
      "identity of the TDX quoting enclave",
    ]);
    expect(kept.every(({ current }) => current)).to.equal(true);
    expect(kept[4]).to.include({ evaluation: 17, subject: "0xb0c06f000000" });
  });

  it("refuses collateral that Intel did not sign, and files that hold none", async () => {
    const recorded = JSON.parse(await readFile(COLLATERAL, "utf8")) as Record<string, string>;
    const write = async (name: string, changes: Record<string, string>): Promise<string> => {
      const path = join(world.folder, name);
      await writeFile(path, JSON.stringify({ ...recorded, ...changes }));
      return path;
    };
    for (const [changes, words] of [
      [{ tcb_info: recorded["tcb_info"]!.replace('"UpToDate"', '"OutOfDate"') }, "DocumentSignatureMismatch"],
      [{ tcb_info_signature: recorded["qe_identity_signature"]! }, "DocumentSignatureMismatch"],
      [{ tcb_info_issuer_chain: "none" }, "tcb_info_issuer_chain"],
      [{ root_ca_crl: "xyz" }, "root_ca_crl"],
      [{ qe_identity_signature: "00" }, "qe_identity_signature"],
    ] as const) {
      const error = await fail(world.hre, put, { ...common, collateral: await write("changed.json", changes) });
      expect(error.message).to.contain(words);
    }
    expect((await fail(world.hre, put, common)).code).to.equal("ASY-TASK-001");
    expect((await fail(world.hre, put, { ...common, collateral: QUOTE })).code).to.equal("ASY-TASK-004");
    expect((await fail(world.hre, put, { deployment: "none-here", collateral: COLLATERAL })).code).to.equal(
      "ASY-TASK-006",
    );
  });

  it("makes a policy for the recorded machine, and shows it", async () => {
    const verified = await succeed(world.hre, ["enclave", "verify"], {
      file: QUOTE,
      collateral: COLLATERAL,
      at: String(AT),
    });
    const made = await succeed(world.hre, onPolicy("create"), {
      ...common,
      verifiers: "tdx",
      schemes: "canonical,address-nonce",
      measurements: verified.claims.measurement,
      until: String(AT + YEAR),
      minTcbEval: "17",
      guardian: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
      keysPerPlatform: "2",
    });
    policy = made.policy;
    const shown = await succeed(world.hre, onPolicy("show"), { ...common, policy });
    expect(shown.terms).to.include({ test: false, delay: 2 * 86_400, minTcbEval: 17, statuses: 1, keysPerPlatform: 2 });
    expect(shown.measurements[0].measurement).to.equal(verified.claims.measurement);
    expect(shown.lists.verifiers[0]).to.contain("(tdx)");
    expect(shown.lists.schemes).to.have.length(2);
    expect(shown.waiting).to.deep.equal([]);
  });

  it("refuses a genuine quote that speaks for another key, and keeps the machine's certificate on the way", async () => {
    const asked = await succeed(world.hre, context, { ...common, policy, keyFile });
    expect(asked.reportData).to.equal(`${asked.context}${"0".repeat(64)}`);
    expect(asked.addressNonceReportData).to.equal(
      `${asked.key.toLowerCase()}${"0".repeat(24)}${asked.challenge.slice(2)}`,
    );
    const args = { ...common, policy, keyFile, evidence: QUOTE, challengeBlock: String(asked.challengeBlock) };
    const blocks = async () => await world.connection.ethers.provider.getBlockNumber();
    const before = await blocks();
    for (const scheme of [undefined, "address-nonce"]) {
      const error = await fail(world.hre, register, { ...args, scheme });
      expect(error.message).to.contain("BindingMismatch");
    }
    // One block: the certificate of the machine, once.
    expect((await blocks()) - before).to.equal(1);
    expect((await fail(world.hre, register, { ...args, scheme: "nitriding" })).message).to.contain("SchemeNotAllowed");
    expect((await fail(world.hre, register, { ...args, verifier: "sgx" })).message).to.contain("VerifierNotAllowed");
    const other = `0x${"11".repeat(65)}`;
    const stolen = { ...args, key: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", keySignature: other };
    expect((await fail(world.hre, register, stolen)).message).to.contain("KeyProofInvalid");
  });

  it("says which option is missing or wrong, before anything is sent", async () => {
    const args = { ...common, policy, keyFile, evidence: QUOTE, challengeBlock: "1" };
    for (const [changes, code, words] of [
      [{ challengeBlock: undefined }, "ASY-TASK-001", "--challenge-block"],
      [{ policy: undefined }, "ASY-TASK-001", "--policy"],
      [{ keyFile: undefined, key: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC" }, "ASY-TASK-001", "--key-signature"],
      [{ keySignature: "0x00" }, "ASY-TASK-001", "--key is"],
      [{ key: "0x12", keySignature: "0x00" }, "ASY-TASK-002", "--key"],
      [{ challengeBlock: "999999" }, "ASY-OPERATOR-006", "999999"],
      [{ scheme: "best" }, "ASY-TASK-002", "--scheme"],
      [{ aux: "zz" }, "ASY-TASK-002", "--aux"],
    ] as const) {
      const error = await fail(world.hre, register, { ...args, ...changes });
      expect([error.code, error.message]).to.satisfy(([found, message]: [string, string]) => {
        return found === code && message.includes(words);
      });
    }
  });

  it("says that collateral has ended, and refuses what was judged by it", async () => {
    await world.travelTo(COLLATERAL_END + 1);
    const kept: Piece[] = await succeed(world.hre, status, common);
    expect(kept.filter(({ current }) => !current).length).to.be.at.least(1);
    expect((await runTask(world.hre, status, common)).out).to.contain("NOT VALID");
    const { challengeBlock } = await succeed(world.hre, context, { ...common, policy, keyFile });
    const args = { ...common, policy, keyFile, evidence: QUOTE, challengeBlock: String(challengeBlock) };
    expect((await fail(world.hre, register, args)).message).to.match(/NotCurrent/);
  });

  it("refuses a genuine document of a debug enclave, whose certificates it has remembered", async () => {
    await world.travelTo(DEBUG_AT);
    const made = await succeed(world.hre, onPolicy("create"), { ...common, verifiers: "nitro", maxEvidenceAge: "1h" });
    const { challengeBlock } = await succeed(world.hre, context, { ...common, policy: made.policy, keyFile });
    const args = {
      ...common,
      policy: made.policy,
      keyFile,
      evidence: DEBUG_DOCUMENT,
      challengeBlock: String(challengeBlock),
      cache: true,
    };
    expect((await fail(world.hre, register, args)).message).to.contain("DebugEnclave");
    const kept: Piece[] = await succeed(world.hre, status, common);
    expect(kept.filter(({ vendor, current }) => vendor === "aws" && current)).to.have.length(3);
  });
});

describe("enclave tasks from a policy to a key's end, on evidence of vendors of our own", function () {
  this.timeout(300_000);
  const keys = makeKeys();
  const chain = chainWith(keys);
  let world: EvidenceWorld;
  let verifier: string;
  let common: { readonly deployment: string };
  let keyFile: string;
  let policy: string;
  let measurement: string;

  before(async () => {
    world = await createEvidenceWorld(NOW + 10);
    common = { deployment: world.deployment };
    const { ethers } = world.connection;
    const certificates = await ethers.deployContract("TestRootNitroCertificates", [
      await world.deployed.p384Verifier.getAddress(),
      chain[0]!,
    ]);
    verifier = await (await ethers.deployContract("NitroVerifier", [certificates])).getAddress();
    keyFile = join(world.folder, "enclave.key");
    await writeFile(keyFile, Wallet.createRandom().privateKey);
    const document = documentWith(keys, chain);
    const { claims } = await verifyNitro(document, { at: NOW + 10, root: keccak256(chain[0]!) });
    // It has a PCR3, which is judged with the measurement, and what the registry then tells is both.
    measurement = listedMeasurement(claims);
    expect(measurement).to.not.equal(claims.measurement);
  });
  after(async () => {
    await world.close();
  });

  /** A file with the document of an enclave that was asked to attest `data`. */
  const attested = async (data: string): Promise<string> => {
    const path = join(world.folder, "document.bin");
    await writeFile(path, documentWith(keys, chain, { user_data: bytes(getBytes(data)) }));
    return path;
  };

  it("registers a key, renews it with the certificates remembered, and keeps it alive", async () => {
    const until = String(NOW + YEAR);
    const terms = { verifiers: verifier, maxEvidenceAge: "3h", heartbeat: "1h", delay: "1d" };
    ({ policy } = await succeed(world.hre, onPolicy("create"), {
      ...common,
      ...terms,
      measurements: measurement,
      until,
    }));
    const endpoint = "https://enclave.example";
    const ask = async (): Promise<any> => await succeed(world.hre, context, { ...common, policy, keyFile, endpoint });
    const send = async (asked: any, more: object = {}): Promise<any> => {
      const evidence = await attested(asked.userData);
      const challengeBlock = String(asked.challengeBlock);
      const args = { ...common, policy, keyFile, endpoint, evidence, verifier, challengeBlock, ...more };
      return await succeed(world.hre, register, args);
    };
    const first = await send(await ask(), { cache: true });
    expect(first.prepared.map(({ what }: { what: string }) => what)).to.deep.equal(["certificates of the machine"]);
    expect(first.measurement).to.equal(measurement);
    const renewed = await send(await ask(), { cache: true });
    expect(renewed.prepared).to.deep.equal([]);
    expect(renewed).to.include({ keyId: first.keyId, from: first.from });
    expect(renewed.until).to.be.greaterThan(first.until);
    expect(Number(renewed.gas)).to.be.below(3_500_000);

    const beat = await succeed(world.hre, ["enclave", "heartbeat"], { ...common, policy, keyFile });
    expect(beat).to.include({ counter: 1 });
    expect(beat.until).to.be.at.least(renewed.until);
    expect((await succeed(world.hre, ["enclave", "heartbeat"], { ...common, policy, keyFile })).counter).to.equal(2);
    const shown = await succeed(world.hre, ["enclave", "show"], { ...common, policy, keyFile });
    expect(shown).to.include({ valid: true, endpoint, measurement });

    // Evidence for one endpoint is of no use for another.
    const asked = await ask();
    const evidence = await attested(asked.userData);
    const moved = { ...common, policy, keyFile, endpoint: "https://other.example", evidence, verifier };
    const error = await fail(world.hre, register, { ...moved, challengeBlock: String(asked.challengeBlock) });
    expect(error.message).to.contain("BindingMismatch");
  });

  it("registers a P-256 key with a signature that was made elsewhere", async () => {
    const { secretKey, publicKey } = p256.keygen();
    const key = hexlify(p256.Point.fromBytes(publicKey).toBytes(false).slice(1));
    const asked = await succeed(world.hre, context, { ...common, policy, key });
    expect(asked.keyKind).to.equal(2);
    const keySignature = hexlify(p256.sign(getBytes(asked.context), secretKey, { prehash: false }));
    const evidence = await attested(asked.userData);
    const args = { ...common, policy, key, keySignature, evidence, verifier };
    const done = await succeed(world.hre, register, { ...args, challengeBlock: String(asked.challengeBlock) });
    expect(done.key).to.equal(key);
    // docs/attestation.md says what a registration adds to the check of its document.
    const [signer] = await world.connection.ethers.getSigners();
    const document = new Uint8Array(await readFile(evidence));
    const { hints } = await prepareEvidence(signer as unknown as Signer, { evidence: document, verifier });
    const contract = await world.connection.ethers.getContractAt("NitroVerifier", verifier);
    const data = contract.interface.encodeFunctionData("verify", [document, hints]);
    const sent = await signer!.sendTransaction({ to: verifier, data, gasLimit: 16_000_000 });
    const added = Number(done.gas) - Number((await sent.wait())!.gasUsed);
    expect(added, "gas that registering adds").to.be.within(ADDED_GAS * 0.9, ADDED_GAS * 1.1);
    expect(await succeed(world.hre, ["enclave", "show"], { ...common, policy, key })).to.include({ valid: true });
    await succeed(world.hre, ["enclave", "revoke"], { ...common, policy, key });
    const { reason } = await succeed(world.hre, ["enclave", "show"], { ...common, policy, key });
    expect(reason).to.equal("KeyNotValid");
  });

  for (const [tee, scheme, at] of [
    ["tdx", "canonical", 520],
    ["tdx", "address-nonce", 520],
    ["sgx", "canonical", 320],
  ] as const) {
    it(`registers a key with a quote of ${tee} under an Intel of our own, bound by ${scheme}`, async () => {
      const { ethers } = world.connection;
      const isTdx = tee === "tdx";
      const set = syntheticSet({ isTdx });
      const root = await ethers.deployContract("SyntheticDcapCertificates", [syntheticRoot()]);
      const store = await ethers.deployContract("DcapCollateral", [root]);
      const judge = await ethers.deployContract(isTdx ? "TdxVerifier" : "SgxVerifier", [store]);
      const collateral = join(world.folder, `${tee}.json`);
      const chainOf = (der: Uint8Array): string => [der, syntheticRoot().der].map(pemOf).join("");
      const signature = (text: { signature: Uint8Array }): string => hexlify(text.signature).slice(2);
      const file = {
        pck_crl_issuer_chain: chainOf(set.pckAuthority),
        root_ca_crl: hexlify(set.rootCrl).slice(2),
        pck_crl: hexlify(set.pckCrl).slice(2),
        tcb_info_issuer_chain: chainOf(set.tcbSigner),
        tcb_info: set.tcbInfo.text,
        tcb_info_signature: signature(set.tcbInfo),
        qe_identity_issuer_chain: chainOf(set.tcbSigner),
        qe_identity: set.qeIdentity.text,
        qe_identity_signature: signature(set.qeIdentity),
      };
      await writeFile(collateral, JSON.stringify(file));
      await succeed(world.hre, put, { ...common, collateral, store: await store.getAddress() });
      const address = await judge.getAddress();
      const at0 = { at: NOW + 60, rootKey: `${syntheticRoot().x}${syntheticRoot().y.slice(2)}`.slice(2) };
      const { claims } = await verifyQuote(set.quote, file, at0);
      const made = await succeed(world.hre, onPolicy("create"), {
        ...common,
        verifiers: address,
        schemes: scheme,
        measurements: claims.measurement,
        until: String(NOW + YEAR),
        statuses: "UpToDate,SWHardeningNeeded,ConfigurationNeeded",
      });
      const ours = { ...common, policy: made.policy, keyFile };
      const asked = await succeed(world.hre, context, ours);
      const data = getBytes(scheme === "canonical" ? asked.reportData : asked.addressNonceReportData);
      const evidence = join(world.folder, "quote.bin");
      await writeFile(evidence, syntheticSet({ isTdx, body: { [at]: Buffer.from(data) } }).quote);
      const args = { ...ours, evidence, verifier: address, scheme, challengeBlock: String(asked.challengeBlock) };
      const done = await succeed(world.hre, register, args);
      expect(done.prepared.map(({ what }: { what: string }) => what)).to.deep.equal(["certificate of the machine"]);
      expect(done.measurement).to.equal(claims.measurement);
      expect((await succeed(world.hre, register, args)).prepared).to.deep.equal([]);
      expect(await succeed(world.hre, ["enclave", "show"], ours)).to.include({ valid: true });
    });
  }

  it("makes a policy tighter at once, and looser after its delay alone", async () => {
    const show = async (): Promise<any> =>
      await succeed(world.hre, ["enclave", "show"], { ...common, policy, keyFile });
    const change = { ...common, policy, kind: "keys-per-platform", value: "4" };
    await succeed(world.hre, onPolicy("restrict"), change);
    expect((await show()).reason).to.equal("KeyStale");
    await succeed(world.hre, ["enclave", "refresh"], { ...common, policy, keyFile });
    expect((await show()).valid).to.equal(true);

    const next = `0x${"77".repeat(32)}`;
    const measured = { ...common, policy, kind: "measurement", value: next, until: "2031-01-31" };
    const commit = `0x${"ab".repeat(20)}`;
    const { changes } = await succeed(world.hre, onPolicy("propose"), { ...measured, commit });
    const late = await fail(world.hre, onPolicy("activate"), { ...measured, commit });
    expect(late.message).to.contain("ChangeNotReady");
    expect((await fail(world.hre, onPolicy("activate"), { ...common, policy })).code).to.equal("ASY-TASK-009");
    const dropped = { ...common, policy, kind: "statuses", value: "SWHardeningNeeded,OutOfDate" };
    await succeed(world.hre, onPolicy("propose"), dropped);
    expect((await succeed(world.hre, onPolicy("show"), { ...common, policy })).waiting).to.have.length(2);
    await succeed(world.hre, onPolicy("cancel"), dropped);

    await world.travelTo(changes[0].readyAt);
    const { changes: done } = await succeed(world.hre, onPolicy("activate"), { ...common, policy });
    expect(done.map(({ kind }: { kind: string }) => kind)).to.deep.equal(["measurement"]);
    const shown = await succeed(world.hre, onPolicy("show"), { ...common, policy });
    expect(shown.waiting).to.deep.equal([]);
    expect(shown.measurements.map((entry: { measurement: string }) => entry.measurement)).to.deep.equal([
      measurement,
      next,
    ]);
    expect((await fail(world.hre, onPolicy("activate"), { ...common, policy })).code).to.equal("ASY-TASK-009");
    // A measurement's end is final, its sunset is not.
    await succeed(world.hre, onPolicy("restrict"), { ...measured, until: "2030-12-31" });
    await succeed(world.hre, onPolicy("restrict"), { ...measured, until: undefined });
    expect((await fail(world.hre, onPolicy("restrict"), measured)).message).to.contain("MeasurementNotValid");
    await succeed(world.hre, onPolicy("restrict"), { ...common, policy, kind: "paused" });
    const { out } = await runTask(world.hre, onPolicy("show"), { ...common, policy });
    expect(out).to.match(/paused +│ YES/);
  });

  it("takes something off a policy now, by owner or guardian", async () => {
    const revoke = onPolicy("revoke");
    const guardian = await world.connection.ethers.provider.getSigner(3);
    const [old, next] = [`0x${"11".repeat(32)}`, `0x${"22".repeat(32)}`] as const;
    const until = String(NOW + YEAR);
    const terms = { verifiers: `${verifier},nitro`, measurements: `${old},${next}`, until, guardian: guardian.address };
    const { policy: own } = await succeed(world.hre, onPolicy("create"), { ...common, ...terms });
    const ours = { ...common, policy: own };
    const show = async (): Promise<any> => await succeed(world.hre, onPolicy("show"), ours);
    const { out } = await runTask(world.hre, onPolicy("show"), ours);
    expect(out.match(/│ verifiers +│ 0x[0-9a-fA-F]{40}( \(nitro\))? +│/g), out).to.have.length(2);

    expect((await fail(world.hre, revoke, ours)).message).to.contain("--value is missing");
    const stranger = await fail(world.hre, revoke, { ...ours, value: old, account: "4" });
    expect(stranger.message).to.contain("NotPolicyGuard");
    const { changes } = await succeed(world.hre, revoke, { ...ours, value: old, account: "3" });
    expect(changes).to.have.length(1);
    expect(changes[0].kind).to.equal("measurement");
    const { timestamp } = (await world.connection.ethers.provider.getBlock("latest"))!;
    expect((await show()).measurements[0]).to.include({ measurement: old, until: timestamp });
    expect((await fail(world.hre, revoke, { ...ours, value: old })).message).to.contain("MeasurementNotValid");
    await succeed(world.hre, revoke, { ...ours, kind: "verifier", value: verifier });
    const after = await show();
    expect(after.lists.verifiers).to.have.length(1);
    expect(after.measurements.map((entry: { until: number }) => entry.until)).to.deep.equal([timestamp, NOW + YEAR]);
  });

  it("says what a change takes", async () => {
    for (const [kind, value, words] of [
      [undefined, undefined, "--kind"],
      ["colour", "red", "--kind"],
      ["measurement", "0x12", "--value"],
      ["verifier", "best", "--value"],
      ["verifier", undefined, "--value"],
      ["statuses", "Fine", "--value"],
      ["flags", "loud", "--value"],
      ["min-tcb-eval", "-1", "--value"],
      ["heartbeat", "soon", "--value"],
      ["measurement", `0x${"11".repeat(32)}`, "--until"],
    ] as const) {
      const error = await fail(world.hre, onPolicy("propose"), { ...common, policy, kind, value });
      expect(error.message, String(kind)).to.contain(words);
    }
    const unknown = { ...common, policy: `0x${"99".repeat(32)}`, kind: "paused" };
    expect((await fail(world.hre, onPolicy("restrict"), unknown)).code).to.equal("ASY-TASK-009");
    const stranger = { ...common, policy, kind: "platform-list", account: "3" };
    expect((await fail(world.hre, onPolicy("restrict"), stranger)).message).to.contain("NotPolicyGuard");
    const create = { ...common, delay: "1h" };
    expect((await fail(world.hre, onPolicy("create"), create)).message).to.contain("DelayInvalid");
    // What git prints, and the flag for evidence whose configuration is not judged.
    for (const commit of ["ab".repeat(20), `0x${"AB".repeat(20)}`, "cd".repeat(32), "ab12"]) {
      const args = {
        ...common,
        policy,
        kind: "measurement",
        value: `0x${"33".repeat(32)}`,
        until: "2099-01-01",
        commit,
      };
      const run = await runTask(world.hre, onPolicy("propose"), args);
      expect(run.success, commit).to.equal(commit.length >= 40);
      if (!run.success) expect(run.error?.message).to.contain("a commit as git prints it");
      else {
        const { waiting } = await succeed(world.hre, onPolicy("show"), { ...common, policy });
        const told = commit.toLowerCase().replace(/^0x/, "").padEnd(64, "0");
        expect(waiting.at(-1).commit).to.equal(`0x${told}`);
        await succeed(world.hre, onPolicy("cancel"), args);
      }
    }
    const config = await succeed(world.hre, onPolicy("create"), { ...common, flags: "config,migratable" });
    expect(config.terms.flags).to.equal(0x000c);
    const { out } = await runTask(world.hre, onPolicy("show"), { ...common, policy: config.policy });
    expect(out).to.match(/flags +│ migratable, config/);
    const debug = { ...common, flags: "debug" };
    expect((await fail(world.hre, onPolicy("create"), debug)).message).to.contain("ChangeForbidden");
  });
});
