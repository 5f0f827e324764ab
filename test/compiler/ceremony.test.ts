import { createHash } from "node:crypto";
import { readFile, mkdtemp, readdir, rm, writeFile, copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bn254 } from "@noble/curves/bn254.js";
import { expect } from "chai";
import * as snarkjs from "snarkjs";

import { runCircom } from "../../compiler/src/emit/circom/circom.ts";
import { emitVerifier } from "../../compiler/src/emit/solidity/verifier.ts";
import { proofToEvm, verifyOffChain } from "../../compiler/src/prove/proof.ts";
import { loadWitnessProgram, type WitnessProgram } from "../../compiler/src/prove/witness.ts";
import { type CeremonyCircuit } from "../../compiler/src/setup/ceremony/circuit.ts";
import { applyBeacon, contribute } from "../../compiler/src/setup/ceremony/contribute.ts";
import { finaliseCeremony } from "../../compiler/src/setup/ceremony/finalise.ts";
import { initCeremony } from "../../compiler/src/setup/ceremony/init.ts";
import { readG1, readG2 } from "../../compiler/src/setup/ceremony/points.ts";
import { describeProvenance } from "../../compiler/src/setup/ceremony/provenance.ts";
import { verifyCeremony } from "../../compiler/src/setup/ceremony/verify.ts";
import { readCeremonyKey } from "../../compiler/src/setup/ceremony/zkey-file.ts";
import { borrowCurve, returnCurve } from "../../compiler/src/setup/curve.ts";
import { readSetup } from "../../compiler/src/setup/development.ts";
import { BASE_MODULUS } from "../../compiler/src/setup/field.ts";
import { developmentSecrets } from "../../compiler/src/setup/scalars.ts";
import { toSnarkjs } from "../../compiler/src/setup/verifying-key.ts";
import { makePtau } from "../support/ptau.ts";

const BEACON = "5ca1ab1e".repeat(8);
const POWER = 4;

/** c = a^2 b + `plus`, with b public; `more` constraints that say nothing new. */
const program = (plus: number, more: number): string => `pragma circom 2.2.0;
template Small() {
    signal input a;
    signal input b;
    signal output c;
    signal square <== a * a;
    signal more[${more + 1}];
    more[0] <== a;
    for (var i = 0; i < ${more}; i++) more[i + 1] <== more[i] * more[i] + a;
    c <== square * b + ${plus};
}
component main { public [b] } = Small();
`;

interface CeremonySteps {
  contribute(from: string, to: string, name: string, entropy: string): Promise<Uint8Array>;
  beacon(from: string, to: string, name: string, value: string, iterations: number): Promise<Uint8Array>;
}
/** snarkjs itself, with which anybody can take a step that the library refuses. */
const theirs = snarkjs.zKey as unknown as CeremonySteps;

describe("compiler/setup/ceremony", function () {
  this.timeout(120_000);

  let home: string;
  let circuit: CeremonyCircuit;
  let witnesses: WitnessProgram;
  /** Keys of one ceremony, from the first to the one after the beacon. */
  let keys: readonly [init: string, alice: string, bob: string, final: string];
  let hashes: readonly string[];
  const at = (name: string): string => join(home, name);

  const compile = async (name: string, source: string): Promise<string> => {
    await writeFile(at(`${name}.circom`), source);
    await runCircom(home, `${name}.circom`);
    return at(`${name}.r1cs`);
  };
  const failure = async (work: Promise<unknown>): Promise<{ readonly code?: string; readonly message: string }> =>
    await work.then(
      () => ({ message: "it succeeded" }),
      (error: unknown) => error as { code: string; message: string },
    );
  /** A copy of a file after `edit`. */
  const edited = async (from: string, name: string, edit: (bytes: Buffer) => Buffer): Promise<string> => {
    await writeFile(at(name), edit(await readFile(from)));
    return at(name);
  };
  const flipped = async (from: string, position: number): Promise<string> =>
    await edited(from, "flipped", (bytes) => {
      bytes.writeUInt8(bytes.readUInt8(position) ^ 1, position);
      return bytes;
    });
  const leftovers = async (): Promise<string[]> =>
    (await readdir(home)).filter((name) => name.includes(".tmp-") || name.includes(".partial"));

  before(async () => {
    home = await mkdtemp(join(tmpdir(), "assay-ceremony-test-"));
    const curve = await borrowCurve();
    const secrets = developmentSecrets(Uint8Array.of(1), Uint8Array.of(2));
    const root = (log: number): bigint => curve.Fr.toObject(curve.Fr.w[log] as Uint8Array);
    await writeFile(at("tiny.ptau"), await makePtau(secrets, POWER, root));
    await writeFile(at("other.ptau"), await makePtau({ ...secrets, tau: 77n }, POWER, root));
    circuit = {
      r1csPath: await compile("small", program(3, 1)),
      ptau: { path: at("tiny.ptau"), unpinned: true },
    };
    witnesses = await loadWitnessProgram(await readFile(at("small_js/small.wasm")));
    keys = [at("0.zkey"), at("1.zkey"), at("2.zkey"), at("final.zkey")];
    await initCeremony(circuit, keys[0]);
    const alice = await contribute(keys[0], keys[1], { name: "Alice", entropy: "dice" });
    const bob = await contribute(keys[1], keys[2], { name: "Bob, Zürich" });
    const beacon = await applyBeacon(keys[2], keys[3], { value: `0x${BEACON.toUpperCase()}`, name: "drand 1" });
    expect([alice, bob, beacon].map(({ index }) => index)).to.deep.equal([1, 2, 3]);
    hashes = [alice, bob, beacon].map(({ contribution }) => contribution.hash);
  });

  after(async () => {
    await returnCurve();
    await rm(home, { recursive: true, force: true });
  });

  describe("from the first key to a proof", () => {
    it("gives a transcript of who did what in which order", async () => {
      const ceremony = await verifyCeremony(circuit, keys[3]);
      expect(ceremony.complete).to.equal(true);
      expect(ceremony.contributions).to.deep.equal([
        { kind: "contribution", name: "Alice", hash: hashes[0] },
        { kind: "contribution", name: "Bob, Zürich", hash: hashes[1] },
        { kind: "beacon", name: "drand 1", hash: hashes[2], beacon: { value: BEACON, iterations: 10 } },
      ]);
      expect(new Set(hashes).size).to.equal(3);
      expect(ceremony.ptau).to.include({ pinned: false, power: POWER });
      expect(ceremony.r1csDigest).to.equal(
        `0x${createHash("sha256")
          .update(await readFile(circuit.r1csPath))
          .digest("hex")}`,
      );
      for (const key of keys.slice(0, 3)) expect((await verifyCeremony(circuit, key)).complete).to.equal(false);
    });

    it("takes the same first key from the same circuit, and other secrets in every contribution", async () => {
      await initCeremony(circuit, at("again.zkey"));
      expect(await readFile(at("again.zkey"))).to.deep.equal(await readFile(keys[0]));
      const one = await contribute(keys[0], at("one.zkey"), { name: "Alice", entropy: "dice" });
      expect(one.contribution.hash).to.not.equal(hashes[0]);
    });

    it("takes the same key from the same beacon, and another from more iterations", async () => {
      const again = await applyBeacon(keys[2], at("beacon-again.zkey"), { value: BEACON, name: "drand 1" });
      expect(again.contribution.hash).to.equal(hashes[2]);
      expect(await readFile(at("beacon-again.zkey"))).to.deep.equal(await readFile(keys[3]));
      const more = await applyBeacon(keys[2], at("beacon-more.zkey"), { value: BEACON, iterations: 11 });
      expect(more.contribution.hash).to.not.equal(hashes[2]);
    });

    it("writes a setup that proves, that readSetup reads, and that says it is a ceremony's", async () => {
      const outDir = at("setups");
      const graphDigest = `0x${"5a".repeat(32)}` as const;
      const setup = await finaliseCeremony(circuit, keys[3], { outDir, graphDigest });
      expect(await readSetup(setup.folder)).to.deep.equal(setup);
      expect(await finaliseCeremony(circuit, keys[3], { outDir, graphDigest })).to.deep.equal(setup);
      expect(await readdir(outDir)).to.have.length(1);
      const { manifest } = setup;
      if (manifest.setup !== "ceremony") throw new Error(`it says ${manifest.setup}`);
      expect(manifest.graphDigest).to.equal(graphDigest);
      expect(manifest.contributions.map(({ hash }) => hash)).to.deep.equal(hashes.slice(0, 2));
      expect(manifest.beacon).to.include({ value: BEACON, iterations: 10, hash: hashes[2] });
      expect(manifest.ptau.pinned).to.equal(false);
      expect(manifest.ptau.blake2b512).to.equal(
        createHash("blake2b512")
          .update(await readFile(at("tiny.ptau")))
          .digest("hex"),
      );
      const exported = await snarkjs.zKey.exportVerificationKey(setup.zkeyPath);
      const { vk_alphabeta_12: _, ...known } = exported as unknown as Record<string, unknown>;
      expect(toSnarkjs(setup.verifyingKey)).to.deep.equal(known);

      const witness = witnesses.calculateFile({ a: [5n], b: [7n] });
      const { proof, publicSignals } = await snarkjs.groth16.prove(setup.zkeyPath, { type: "mem", data: witness });
      expect(publicSignals).to.deep.equal(["178", "7"]);
      expect(await snarkjs.groth16.verify(exported, publicSignals, proof)).to.equal(true);
      expect(await verifyOffChain(setup.verifyingKey, [178n, 7n], proofToEvm(proof))).to.equal(true);
      expect(await verifyOffChain(setup.verifyingKey, [179n, 7n], proofToEvm(proof))).to.equal(false);

      const solidity = emitVerifier({
        name: "FromCeremony",
        verifyingKey: setup.verifyingKey,
        setup: manifest.setup,
        graphDigest,
        inputBytes: 1,
        outputBytes: 1,
      });
      expect(solidity).to.contain("SetupKind.Ceremony;");
      const provenance = describeProvenance(manifest);
      expect(provenance).to.contain("OF ITS OWN").and.contain(hashes[1]).and.contain(BEACON);
      const many = Array.from({ length: 100 }, () => ({ name: "x", hash: "0".repeat(128) }));
      expect(describeProvenance({ ...manifest, contributions: many }).length).to.be.at.most(2_000);
    });

    it("refuses a setup whose manifest was changed to say something else", async () => {
      const setup = await finaliseCeremony(circuit, keys[3], { outDir: at("edited-setups") });
      const path = join(setup.folder, "setup.json");
      const manifest = JSON.parse(await readFile(path, "utf8"));
      for (const edit of [
        { setup: "development" },
        { contributions: [] },
        { verifyingKeyHash: `0x${"11".repeat(32)}` },
        { beacon: { ...manifest.beacon, iterations: 99 } },
        { more: 1 },
      ]) {
        await writeFile(path, JSON.stringify({ ...manifest, ...edit }));
        expect((await failure(readSetup(setup.folder))).message, JSON.stringify(edit)).to.not.equal("it succeeded");
      }
    });
  });

  describe("order", () => {
    it("refuses to contribute, or to apply a second beacon, after the beacon", async () => {
      const more = await failure(contribute(keys[3], at("late.zkey"), { name: "Eve" }));
      expect(more).to.have.property("code", "ASY-CEREMONY-003");
      expect(more.message).to.contain(keys[3]).and.contain("closed");
      const second = await failure(applyBeacon(keys[3], at("late.zkey"), { value: BEACON }));
      expect(second).to.have.property("code", "ASY-CEREMONY-003");
      expect(await readdir(home)).to.not.include("late.zkey");
    });

    it("refuses to finalise what somebody went on with after the beacon", async () => {
      await theirs.contribute(keys[3], at("after.zkey"), "Eve", "entropy");
      expect((await verifyCeremony(circuit, at("after.zkey"))).complete).to.equal(false);
      for (const withoutBeacon of [false, true]) {
        const error = await failure(
          finaliseCeremony(circuit, at("after.zkey"), { outDir: at("never"), withoutBeacon }),
        );
        expect(error).to.have.property("code", "ASY-CEREMONY-003");
      }
    });

    it("finalises without a beacon only when that is asked for", async () => {
      const error = await failure(finaliseCeremony(circuit, keys[2], { outDir: at("never") }));
      expect(error).to.have.property("code", "ASY-CEREMONY-003");
      expect(error.message).to.contain("--without-beacon");
      const setup = await finaliseCeremony(circuit, keys[2], { outDir: at("open"), withoutBeacon: true });
      expect(setup.manifest).to.not.have.property("beacon");
      expect(describeProvenance(setup.manifest)).to.contain("2 contributions, not closed by a beacon");
    });

    it("never finalises a key whose secret is public: no contribution, or a beacon alone", async () => {
      expect(await failure(applyBeacon(keys[0], at("alone.zkey"), { value: BEACON }))).to.have.property(
        "code",
        "ASY-CEREMONY-003",
      );
      await theirs.beacon(keys[0], at("alone.zkey"), "b", BEACON, 10);
      for (const key of [keys[0], at("alone.zkey")]) {
        for (const withoutBeacon of [false, true]) {
          const error = await failure(finaliseCeremony(circuit, key, { outDir: at("never"), withoutBeacon }));
          expect(error, key).to.have.property("code", "ASY-CEREMONY-003");
          expect(error.message).to.contain("forge");
        }
      }
      // Why: with the first key, A = alpha, B = beta, C = -IC is a proof of anything.
      const { verifyingKey } = await readCeremonyKey(keys[0]);
      const forged = [666n, 7n];
      const { Point } = bn254.G1;
      const [zero, ...ic] = verifyingKey.ic.map(([x, y]) => Point.fromAffine({ x, y }));
      const sum = ic.reduce((total, point, i) => total.add(point.multiply(forged[i] as bigint)), zero as never) as {
        negate(): { toAffine(): { x: bigint; y: bigint } };
      };
      const c = sum.negate().toAffine();
      const proof = [...verifyingKey.alpha, ...verifyingKey.beta, c.x, c.y] as unknown as Parameters<
        typeof verifyOffChain
      >[2];
      expect(await verifyOffChain(verifyingKey, forged, proof)).to.equal(true);
      expect(await verifyOffChain((await readCeremonyKey(keys[3])).verifyingKey, forged, proof)).to.equal(false);
    });
  });

  describe("options", () => {
    it("refuses beacons that are not 32 bytes, and iterations out of range", async () => {
      for (const value of ["", "00", BEACON.slice(1), `${BEACON}00`, `${BEACON.slice(2)}zz`, ` ${BEACON}`]) {
        const error = await failure(applyBeacon(keys[2], at("no.zkey"), { value }));
        expect(error, value).to.have.property("code", "ASY-CEREMONY-002");
      }
      for (const iterations of [9, 25, 10.5, Number.NaN]) {
        const error = await failure(applyBeacon(keys[2], at("no.zkey"), { value: BEACON, iterations }));
        expect(error, String(iterations)).to.have.property("code", "ASY-CEREMONY-002");
      }
    });

    it("refuses names that are empty, long, or could move a terminal's cursor", async () => {
      for (const name of ["", " ", "a ", "x".repeat(65), "a\nb", "a\u001b[2Jb", "a\u202eb"]) {
        const error = await failure(contribute(keys[0], at("no.zkey"), { name }));
        expect(error, JSON.stringify(name)).to.have.property("code", "ASY-CEREMONY-002");
      }
      const longest = "ü".repeat(64);
      const { contribution } = await contribute(keys[0], at("longest.zkey"), { name: longest });
      expect(contribution.name).to.equal(longest);
    });

    it("names the power that a circuit needs", async () => {
      const r1csPath = await compile("large", program(3, 20));
      const error = await failure(initCeremony({ ...circuit, r1csPath }, at("no.zkey")));
      expect(error).to.have.property("code", "ASY-CEREMONY-007");
      expect(error.message).to.contain("2^4").and.contain("2^5");
    });

    it("never writes over a file, and leaves nothing when it is stopped", async () => {
      const before = await readFile(keys[1]);
      for (const attempt of [
        async () => await contribute(keys[0], keys[1], { name: "Eve" }),
        async () => await applyBeacon(keys[1], keys[1], { value: BEACON }),
        async () => await initCeremony(circuit, keys[1]),
      ]) {
        expect(await failure(attempt())).to.have.property("code", "ASY-CEREMONY-002");
      }
      expect(await readFile(keys[1])).to.deep.equal(before);
      const slow = contribute(keys[0], at("stopped.zkey"), { name: "Eve", signal: AbortSignal.timeout(150) });
      expect(await failure(slow)).to.have.property("name", "TimeoutError");
      expect(await readdir(home)).to.not.include("stopped.zkey");
      expect(await leftovers()).to.deep.equal([]);
    });
  });

  describe("damage", () => {
    /** Where sections 1 to 10 of a key begin and end. */
    const sections = async (path: string): Promise<ReadonlyMap<number, readonly [number, number]>> => {
      const bytes = await readFile(path);
      const found = new Map<number, readonly [number, number]>();
      for (let position = 12; position < bytes.length;) {
        const length = Number(bytes.readBigUInt64LE(position + 4));
        found.set(bytes.readUInt32LE(position), [position + 12, position + 12 + length]);
        position += 12 + length;
      }
      return found;
    };

    it("finds a flipped bit in every section of a key", async () => {
      const places = await sections(keys[3]);
      expect([...places.keys()].sort((a, b) => a - b)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      for (const [id, [start, end]] of places) {
        for (const position of [start + ((end - start) >> 1), end - 1]) {
          const error = await failure(verifyCeremony(circuit, await flipped(keys[3], position)));
          expect(error.code, `section ${id}, byte ${position}: ${error.message}`).to.match(/^ASY-CEREMONY-00[14]$/);
          expect(error.message).to.contain(at("flipped"));
        }
      }
    });

    it("finds a flipped bit anywhere in the record of contributions but in names, which are not checked", async () => {
      const [start, end] = (await sections(keys[3])).get(10) as readonly [number, number];
      const record = await readFile(keys[3]);
      const named = (position: number): boolean =>
        ["Alice", "Bob, Zürich", "drand 1"].some((name) => {
          const from = record.indexOf(name, start);
          return position >= from && position < from + Buffer.byteLength(name);
        });
      // A sample of the whole record, and each byte of the beacon's parameters but most of its value.
      const sample = Array.from({ length: end - start }, (_, i) => start + i).filter(
        (position) =>
          !named(position) &&
          ((position - start) % 29 === 0 || end - position < 4 || end - position > end - start - 70),
      );
      const missed: number[] = [];
      for (const position of sample) {
        const error = await failure(readCeremonyKey(await flipped(keys[3], position)));
        if (error.code === undefined) missed.push(position);
        else expect(error.code, `byte ${position - start}`).to.equal("ASY-CEREMONY-001");
      }
      // What cannot be known by reading: whether the beacon's value is the one that was applied.
      expect(
        missed.every((position) => end - position <= 32),
        missed.join(),
      ).to.equal(true);
      expect(missed.length).to.be.within(3, 6);
      for (const position of missed) {
        const error = await failure(verifyCeremony(circuit, await flipped(keys[3], position)));
        expect(error.code, `byte ${position - start} of the record`).to.equal("ASY-CEREMONY-004");
        expect(error.message).to.contain("beacon does not match");
      }

      const renamed = await edited(keys[3], "renamed", (bytes) => {
        bytes.write("Mallo", bytes.indexOf("Alice"));
        return bytes;
      });
      const { contributions } = await verifyCeremony(circuit, renamed);
      expect(contributions[0]).to.deep.equal({ kind: "contribution", name: "Mallo", hash: hashes[0] });
    });

    it("finds points that are on the curve and not the key's", async () => {
      const places = await sections(keys[2]);
      const graft = async (id: number, from: string, offset = 0, length?: number): Promise<string> => {
        const [start, end] = places.get(id) as readonly [number, number];
        const donor = await readFile(from);
        const [theirStart] = (await sections(from)).get(id) as readonly [number, number];
        return await edited(keys[2], "grafted", (bytes) => {
          const count = length ?? end - start;
          donor.copy(bytes, start + offset, theirStart + offset, theirStart + offset + count);
          return bytes;
        });
      };
      for (const [what, path] of [
        ["another key's points of private wires", await graft(8, keys[1])],
        ["another key's points of the quotient", await graft(9, keys[1])],
        ["another key's delta in G2", await graft(2, keys[1], 84 + 3 * 64 + 2 * 128, 128)],
      ] as const) {
        await copyFile(path, at("grafted-copy"));
        const error = await failure(verifyCeremony(circuit, at("grafted-copy")));
        expect(error, `${what}: ${error.message}`).to.have.property("code", "ASY-CEREMONY-004");
      }
      const delta1 = await failure(readCeremonyKey(await graft(2, keys[1], 84 + 2 * 64 + 2 * 128, 64)));
      expect(delta1, "another key's delta in G1").to.have.property("code", "ASY-CEREMONY-001");
    });

    it("finds a key of another circuit or other powers of tau, also of the same shape", async () => {
      for (const [name, source] of [
        ["same-shape", program(4, 1)],
        ["larger", program(3, 4)],
      ] as const) {
        const r1csPath = await compile(name, source);
        const error = await failure(verifyCeremony({ ...circuit, r1csPath }, keys[3]));
        expect(error, name).to.have.property("code", "ASY-CEREMONY-004");
        expect(error.message).to.contain(keys[3]).and.contain(r1csPath).and.contain("not of the circuit");
      }
      const ptau = { path: at("other.ptau"), unpinned: true };
      expect(await failure(verifyCeremony({ ...circuit, ptau }, keys[3]))).to.have.property("code", "ASY-CEREMONY-004");
    });

    it("refuses keys that are cut short, of another kind, absent or no file", async () => {
      const whole = await readFile(keys[3]);
      const bad: readonly (readonly [string, Buffer])[] = [
        ["empty", Buffer.alloc(0)],
        ["cut", whole.subarray(0, whole.length - 1)],
        ["half", whole.subarray(0, whole.length >> 1)],
        ["longer", Buffer.concat([whole, Buffer.alloc(1)])],
        ["a ptau", await readFile(at("tiny.ptau"))],
        ["text", Buffer.from("{}".repeat(100))],
        ["a length beyond the file", Buffer.concat([whole.subarray(0, 16), Buffer.alloc(8, 0xff), whole.subarray(24)])],
      ];
      for (const [name, bytes] of bad) {
        await writeFile(at("bad"), bytes);
        for (const attempt of [
          async () => await readCeremonyKey(at("bad")),
          async () => await contribute(at("bad"), at("no.zkey"), { name: "Alice" }),
          async () => await finaliseCeremony(circuit, at("bad"), { outDir: at("never") }),
        ]) {
          const error = await failure(attempt());
          expect(error, name).to.have.property("code", "ASY-CEREMONY-001");
          expect(error.message).to.contain(at("bad"));
        }
      }
      for (const path of [at("absent"), home]) {
        expect(await failure(readCeremonyKey(path)), path).to.have.property("code", "ASY-CEREMONY-001");
      }
      expect(await readdir(home))
        .to.not.include("never")
        .and.not.include("no.zkey");
      expect(await leftovers()).to.deep.equal([]);
    });

    it("refuses beacons that would take for ever to check", async () => {
      const iterations = (await readFile(keys[3])).lastIndexOf(Buffer.from([2, 10, 3, 32]));
      const path = await edited(keys[3], "slow", (bytes) => {
        bytes.writeUInt8(63, iterations + 1);
        return bytes;
      });
      const error = await failure(verifyCeremony(circuit, path));
      expect(error).to.have.property("code", "ASY-CEREMONY-001");
      expect(error.message).to.contain("2^63");
    });

    it("finds a flipped bit in circuit and powers of tau", async () => {
      const r1cs = await readFile(circuit.r1csPath);
      for (const position of [0, 4, 30, 100, r1cs.indexOf(Buffer.alloc(8, 0), 200) - 8]) {
        const r1csPath = await flipped(circuit.r1csPath, position);
        const error = await failure(verifyCeremony({ ...circuit, r1csPath }, keys[3]));
        expect(error.code, `byte ${position}: ${error.message}`).to.match(/^ASY-(ZKML-004|CEREMONY-00[4-8])$/);
      }
      const places = await sections(at("tiny.ptau"));
      for (const id of [1, 4, 5, 6]) {
        const [start] = places.get(id) as readonly [number, number];
        const ptau = { path: await flipped(at("tiny.ptau"), start), unpinned: true };
        const error = await failure(verifyCeremony({ ...circuit, ptau }, keys[3]));
        expect(error.code, `section ${id}: ${error.message}`).to.match(/^ASY-CEREMONY-00[148]$/);
        const pinned = await failure(verifyCeremony({ ...circuit, ptau: { path: ptau.path } }, keys[3]));
        expect(pinned.code).to.match(/^ASY-CEREMONY-00[15]$/);
      }
    });
  });

  describe("points", () => {
    const R = 1n << 256n;
    const bytesOf = (...words: bigint[]): Buffer =>
      Buffer.concat(
        words.map((word) => Buffer.from(((word * R) % BASE_MODULUS).toString(16).padStart(64, "0"), "hex").reverse()),
      );

    it("takes points of the groups, and no others", () => {
      expect(readG1(bytesOf(1n, 2n))).to.deep.equal([1n, 2n]);
      expect(readG1(bytesOf(1n, 3n)), "not on the curve").to.equal(undefined);
      expect(readG1(bytesOf(0n, 0n)), "infinity").to.equal(undefined);
      const unreduced = Buffer.concat([Buffer.alloc(32, 0xff), bytesOf(2n)]);
      expect(readG1(unreduced), "a coordinate that is not reduced").to.equal(undefined);

      const { x, y } = bn254.G2.Point.BASE.multiply(12345n).toAffine();
      expect(readG2(bytesOf(x.c0, x.c1, y.c0, y.c1))).to.deep.equal([x.c0, x.c1, y.c0, y.c1]);
      expect(readG2(bytesOf(x.c0, x.c1, y.c0, y.c1 + 1n)), "not on the curve").to.equal(undefined);
      expect(readG2(bytesOf(0n, 0n, 0n, 0n)), "infinity").to.equal(undefined);
      const { Fp2 } = bn254.fields;
      const b = Fp2.sub(Fp2.sqr(bn254.G2.Point.BASE.toAffine().y), Fp2.pow(bn254.G2.Point.BASE.toAffine().x, 3n));
      let outside = 0;
      for (let k = 1n; outside < 3; k++) {
        const square = Fp2.add(Fp2.pow({ c0: k, c1: 0n }, 3n), b);
        let root: typeof square;
        try {
          root = Fp2.sqrt(square);
        } catch {
          continue;
        }
        // On the curve, and in the subgroup with chance 2^-254.
        expect(readG2(bytesOf(k, 0n, root.c0, root.c1)), `x = ${k}`).to.equal(undefined);
        outside++;
      }
    });
  });
});
