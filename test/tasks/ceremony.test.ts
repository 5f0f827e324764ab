import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";
import { network } from "hardhat";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { NewTaskDefinition } from "hardhat/types/tasks";

import { borrowCurve, returnCurve } from "../../compiler/src/setup/curve.ts";
import { readR1cs } from "../../compiler/src/setup/r1cs.ts";
import { developmentSecrets, domainPower } from "../../compiler/src/setup/scalars.ts";
import { deployVerifier, readModelFolder, requireCeremonyKey, requireSetup } from "../../nodes/operator/index.ts";
import { storeModel } from "../../nodes/operator/manifest.ts";
import { DirectoryBlobStore } from "../../nodes/shared/index.ts";
import assay from "../../tasks/index.ts";
import { redirect } from "../../tasks/shared/action.ts";
import { makePtau } from "../support/ptau.ts";
import { DIGITS, fail, hardhatAt, runTask, succeed } from "./support/assay.ts";

/** Runs an action with what it writes kept back. */
async function quietly<T>(work: () => Promise<T>): Promise<T> {
  const before = redirect({ out: () => undefined, err: () => undefined, tty: false });
  try {
    return await work();
  } finally {
    redirect(before);
  }
}

const BEACON = "0123456789abcdef".repeat(4);
const STEPS = ["beacon", "contribute", "finalise", "init", "verify"];

describe("zkml ceremony tasks", function () {
  this.timeout(300_000);

  let hre: HardhatRuntimeEnvironment;
  let home: string;
  let dir: string;
  let constraints: string;
  /** Options for powers of tau that are this test's own. */
  let own: { readonly ptau: string; readonly unpinnedPtau: true };
  const at = (name: string): string => join(home, name);
  const task = (step: string): string[] => ["zkml", "ceremony", step];

  before(async () => {
    // No task here may need a network: nothing listens on that port.
    hre = await hardhatAt("http://127.0.0.1:1");
    home = await mkdtemp(join(tmpdir(), "assay-ceremony-tasks-"));
    dir = at("model");
    const [model, calibration] = [join(DIGITS, "model.onnx"), join(DIGITS, "calibration.json")];
    await succeed(hre, ["zkml", "compile"], { model, calibration, name: "digits", out: dir });
    constraints = join(dir, "circuit", "model.r1cs");
    const curve = await borrowCurve();
    const secrets = developmentSecrets(Uint8Array.of(1), Uint8Array.of(2));
    const power = domainPower(await readR1cs(constraints));
    const ptau = await makePtau(secrets, power, (log) => curve.Fr.toObject(curve.Fr.w[log] as Uint8Array));
    await returnCurve();
    await writeFile(at("own.ptau"), ptau);
    own = { ptau: at("own.ptau"), unpinnedPtau: true };
  });

  after(async () => {
    await rm(home, { recursive: true, force: true });
  });

  it("makes a model's keys from the first to the last step, for any network", async () => {
    const start = await succeed(hre, task("init"), { dir, ...own, out: at("0000.zkey") });
    expect(start.ptau).to.include({ pinned: false });
    const alice = await succeed(hre, task("contribute"), { from: at("0000.zkey"), to: at("0001.zkey"), name: "alice" });
    expect(alice).to.include({ index: 1, name: "alice", verified: false, circuitHash: start.circuitHash });
    const bob = await succeed(hre, task("contribute"), {
      ...{ from: at("0001.zkey"), to: at("0002.zkey"), name: "bob", entropy: "a coin", constraints },
      ...own,
    });
    expect(bob).to.include({ index: 2, verified: true });
    const closed = await succeed(hre, task("beacon"), {
      ...{ from: at("0002.zkey"), to: at("final.zkey"), value: BEACON, iterations: "12", name: "drand 7" },
    });
    expect(closed.beacon).to.deep.equal({ value: BEACON, iterations: 12 });

    const checked = await succeed(hre, task("verify"), { constraints, zkey: at("final.zkey"), ...own });
    expect(checked).to.include({ holds: true, complete: true, circuitHash: start.circuitHash });
    expect(checked.contributions.map(({ hash }: { hash: string }) => hash)).to.deep.equal([
      alice.hash,
      bob.hash,
      closed.hash,
    ]);
    const shown = await runTask(hre, task("verify"), { constraints, zkey: at("final.zkey"), ...own });
    expect(shown.out)
      .to.contain(alice.hash)
      .and.contain("bob")
      .and.contain(`beacon ${BEACON}, 2^12 hashes`)
      .and.contain("NOT PINNED");

    const early = await fail(hre, task("finalise"), { dir, zkey: at("0002.zkey"), ...own });
    expect(early).to.include({ code: "ASY-CEREMONY-003" });
    expect((await readdir(dir)).includes("setup"), "nothing was written").to.equal(false);
    const final = await succeed(hre, task("finalise"), { dir, zkey: at("final.zkey"), ...own });
    expect(final).to.include({ folder: dir, setup: "ceremony" });
    expect(final.contributions).to.deep.equal([
      { name: "alice", hash: alice.hash },
      { name: "bob", hash: bob.hash },
    ]);
    expect(await succeed(hre, task("verify"), { dir, ...own })).to.include({ holds: true, complete: true });

    const input = { dir, input: join(DIGITS, "held-out.json"), index: "3", out: at("proof.json") };
    await succeed(hre, ["zkml", "prove"], input);
    const verdict = await succeed(hre, ["zkml", "verify"], { dir, proof: at("proof.json") });
    expect(verdict).to.include({ holds: true, verifyingKeyHash: final.verifyingKeyHash });
  });

  it("gives a verifier that live networks take, and a manifest that says how the keys were made", async () => {
    const folder = await readModelFolder(dir);
    const { verifier, setup } = requireSetup(folder);
    const live = await network.create({ network: "default", override: { chainId: 1 } });
    try {
      const [signer] = await live.ethers.getSigners();
      expect(await deployVerifier(signer as never, verifier)).to.match(/^0x/);
    } finally {
      await live.close();
    }
    const store = new DirectoryBlobStore(at("blobs"));
    const { manifest } = await storeModel(store, folder, { name: "digits", licence: "MIT", zkml: true });
    expect(manifest.zk).to.include({ setup: "ceremony", verifyingKeyHash: setup.manifest.verifyingKeyHash });
    expect(manifest.zk?.provenance).to.contain("2 contributions").and.contain(BEACON).and.not.contain("Development");
  });

  it("finds a model folder whose setup.json tells another story than its key", async () => {
    const copy = at("story");
    await cp(dir, copy, { recursive: true });
    const path = join(copy, "setup", "setup.json");
    const manifest = JSON.parse(await readFile(path, "utf8"));
    for (const edit of [
      { contributions: [{ name: "vitalik", hash: manifest.contributions[0].hash }, manifest.contributions[1]] },
      { ptau: { ...manifest.ptau, pinned: true } },
      { ptau: { ...manifest.ptau, blake2b512: "1".repeat(128) } },
    ]) {
      await writeFile(path, JSON.stringify({ ...manifest, ...edit }));
      const error = await fail(hre, task("verify"), { dir: copy, ...own });
      expect(error.code, JSON.stringify(edit)).to.equal("ASY-TASK-011");
    }
  });

  it("tells keys of a ceremony and of development apart when one replaces the other", async () => {
    const copy = at("replaced");
    await cp(dir, copy, { recursive: true });
    await succeed(hre, ["zkml", "setup"], { dir: copy, dev: true, seed: "assay task tests" });
    expect(requireSetup(await readModelFolder(copy)).verifier.setup).to.equal("development");
    const error = await fail(hre, task("verify"), { dir: copy, ...own });
    expect(error).to.have.property("code", "ASY-TASK-011");
    expect(error.message).to.contain("development keys");
    await succeed(hre, task("finalise"), { dir: copy, zkey: at("final.zkey"), ...own });
    expect(requireSetup(await readModelFolder(copy)).verifier.setup).to.equal("ceremony");
  });

  it("takes no other key for a ceremony's, whatever the files say of it", async () => {
    const forged = at("forged");
    await cp(dir, forged, { recursive: true });
    await succeed(hre, ["zkml", "setup"], { dir: forged, dev: true, seed: "assay task tests" });
    const edit = async (name: string, change: (value: Record<string, unknown>) => object) => {
      const path = join(forged, name);
      await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, "utf8")))));
    };
    const refused = async () => {
      const error: unknown = await readModelFolder(forged).catch((caught: unknown) => caught);
      return (error as Error).message;
    };
    await edit("verifier/Verifier.json", (value) => ({ ...value, setup: "ceremony" }));
    expect(await refused()).to.contain("says ceremony and setup.json development");
    // The ceremony's manifest beside a key that it does not name.
    const real = JSON.parse(await readFile(join(dir, "setup", "setup.json"), "utf8"));
    await edit("setup/setup.json", (value) => ({ ...real, verifyingKeyHash: value["verifyingKeyHash"] }));
    expect(await refused()).to.contain("is not the one that setup.json names");
    const key = await readFile(join(forged, "setup", "model.zkey"));
    const zkeyDigest = `0x${createHash("sha256").update(key).digest("hex")}`;
    await edit("setup/setup.json", (value) => ({ ...value, zkeyDigest }));
    const error: unknown = await requireCeremonyKey(await readModelFolder(forged)).catch((caught: unknown) => caught);
    expect((error as Error).message).to.match(/other contributions|delta|record/);
  });

  it("writes a setup alone where there is only a circuit", async () => {
    const args = { constraints, zkey: at("0002.zkey"), out: at("setups"), ...own };
    expect((await fail(hre, task("finalise"), args)).message).to.contain("--without-beacon");
    const { folder } = await succeed(hre, task("finalise"), { ...args, withoutBeacon: true });
    expect((await readdir(folder)).sort()).to.deep.equal(["model.zkey", "setup.json", "verifying-key.json"]);
    expect(JSON.parse(await readFile(join(folder, "setup.json"), "utf8"))).to.not.have.property("beacon");
    const run = await runTask(hre, task("finalise"), { ...args, withoutBeacon: true });
    expect(run.out).to.contain("no beacon").and.contain("NOT PINNED");
  });

  it("refuses keys that were changed on their way, and says which", async () => {
    const bytes = await readFile(at("0001.zkey"));
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    await writeFile(at("flipped.zkey"), bytes);
    await writeFile(at("cut.zkey"), bytes.subarray(0, 1000));
    for (const name of ["flipped.zkey", "cut.zkey"]) {
      const steps = { from: at(name), to: at("next.zkey"), name: "carol", constraints, ...own };
      for (const error of [
        await fail(hre, task("contribute"), steps),
        await fail(hre, task("verify"), { constraints, zkey: at(name), ...own }),
      ]) {
        expect(error.code, error.message).to.match(/^ASY-CEREMONY-00[14]$/);
        expect(error.message).to.contain(at(name));
      }
    }
    expect(await readdir(home)).to.not.include("next.zkey");
  });

  it("names options that are missing or cannot be used", async () => {
    const to = at("x.zkey");
    for (const [step, args, code, words] of [
      ["init", { dir }, "ASY-TASK-001", "--out"],
      ["init", { out: to }, "ASY-TASK-001", "--constraints"],
      ["init", { out: to, dir, constraints }, "ASY-TASK-002", "--constraints"],
      ["init", { out: to, dir, unpinnedPtau: true }, "ASY-TASK-001", "--ptau"],
      ["init", { out: to, dir, ptauUrl: "file:///etc" }, "ASY-TASK-002", "--ptau-url"],
      ["init", { out: to, dir, ptau: at("own.ptau") }, "ASY-CEREMONY-005", "--unpinned-ptau"],
      ["contribute", { from: at("0000.zkey"), to }, "ASY-TASK-001", "--name"],
      ["contribute", { from: at("final.zkey"), to, name: "late" }, "ASY-CEREMONY-003", "closed"],
      ["beacon", { from: at("0002.zkey"), to, value: "00" }, "ASY-CEREMONY-002", "32 bytes"],
      ["beacon", { from: at("0002.zkey"), to, value: BEACON, iterations: "63" }, "ASY-TASK-002", "--iterations"],
      ["verify", { constraints }, "ASY-TASK-001", "--zkey"],
      ["finalise", { dir }, "ASY-TASK-001", "--zkey"],
      ["finalise", { dir, zkey: at("final.zkey"), out: home }, "ASY-TASK-002", "--out"],
    ] as const) {
      const error = await fail(hre, task(step), args);
      expect([error.code, error.message.includes(words)], `${step}: ${error.message}`).to.deep.equal([code, true]);
    }
    expect(await readdir(home)).to.not.include("x.zkey");
  });

  it("refuses what a mirror sends when it is not the pinned file", async () => {
    const body = await readFile(at("own.ptau"));
    const asked: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      asked.push(url);
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // A cache of its own: the default one may hold the real file.
    const elsewhere = Object.create(hre, {
      config: { value: { ...hre.config, paths: { ...hre.config.paths, root: home } } },
    }) as HardhatRuntimeEnvironment;
    try {
      const { default: run } = await import("../../tasks/zkml/ceremony/init.ts");
      const ptauUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror/`;
      const args = { json: false, constraints, ptauUrl, out: at("m.zkey"), unpinnedPtau: false };
      const result = await quietly(() => run({ dir: undefined, ptau: undefined, ...args }, elsewhere));
      expect(result.success ? "it succeeded" : result.error.code).to.equal("ASY-CEREMONY-005");
      expect(asked).to.have.length(1);
      expect(asked[0]).to.match(/^\/mirror\/powersOfTau28_hez_final_\d\d\.ptau$/);
      expect(await readdir(join(home, "build", "ptau"))).to.deep.equal([]);
    } finally {
      server.close();
    }
  });

  it("explains every step with an example that has only options of its own", () => {
    const tasks = (assay.tasks ?? []).filter(
      (one): one is NewTaskDefinition => one.id.length === 3 && one.id[1] === "ceremony",
    );
    expect(tasks.map(({ id }) => id[2]).sort()).to.deep.equal(STEPS);
    for (const { id, description, options } of tasks) {
      const [sentence = "", ...examples] = description.split("\n");
      expect(sentence).to.match(/^[A-Z].*\.$/);
      expect(examples.length).to.be.greaterThan(0);
      for (const example of examples) {
        expect(example.trim().startsWith(`npx hardhat ${id.join(" ")} `), example).to.equal(true);
        for (const [flag] of example.matchAll(/--[a-z-]+/g)) expect(Object.keys(options)).to.include(flag.slice(2));
      }
    }
  });
});
