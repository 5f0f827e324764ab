import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { expect } from "chai";
import { zKey } from "snarkjs";

import { readKeyFile } from "../../compiler/src/prove/backends/key-file.ts";
import { proofJson, proofWords } from "../../compiler/src/prove/backends/proof-words.ts";
import { findProgram, runProgram } from "../../compiler/src/prove/backends/run-program.ts";
import { parseSystemKey } from "../../compiler/src/prove/backends/system-key.ts";
import { PROOF_LENGTHS, PROOF_SYSTEMS } from "../../compiler/src/prove/backends/systems.ts";
import { checkWitnessFile } from "../../compiler/src/prove/backends/witness-file.ts";
import { groth16Key, verifyOffChain } from "../../compiler/src/prove/proof.ts";
import { createProver, type ProverOptions } from "../../compiler/src/prove/prover.ts";
import { loadWitnessProgram } from "../../compiler/src/prove/witness.ts";
import { borrowCurve, returnCurve } from "../../compiler/src/setup/curve.ts";
import { BASE_MODULUS, SCALAR_MODULUS } from "../../compiler/src/setup/field.ts";
import { gateCount } from "../../compiler/src/setup/gates.ts";
import { readR1cs } from "../../compiler/src/setup/r1cs.ts";
import { setupUniversal, type UniversalSetup } from "../../compiler/src/setup/universal.ts";
import { runningInto, startingWith, TRAP } from "../support/hostile-wasm.ts";
import { abortWhenWritten, program, proverProgram, witnessProgram } from "../support/outside-programs.ts";
import { sectionsOf } from "../support/ptau.ts";
import { BUILD, codeOf, tiny, tinyFiles, tinyRequest } from "../support/tiny-model.ts";

type Files = Awaited<ReturnType<typeof tinyFiles>>;

describe("compiler/prove/backends", function () {
  this.timeout(120_000);
  let files: Files;
  let folder: string;
  const temporary = process.env["TMPDIR"];
  const universal = new Map<"plonk" | "fflonk", UniversalSetup>();

  before(async () => {
    await borrowCurve();
    files = await tinyFiles();
    folder = await mkdtemp(join(tmpdir(), "assay-test-backends-"));
    // Where temporary folders are made from now on, so that other tests' are not taken for ours.
    process.env["TMPDIR"] = folder;
    await rm(join(BUILD, "universal"), { recursive: true, force: true });
    for (const system of ["plonk", "fflonk"] as const) {
      const options = { system, outDir: join(BUILD, "universal"), tau: { seed: "backends" } } as const;
      universal.set(system, await setupUniversal(files.circuit.r1csPath, options));
    }
  });

  after(async () => {
    await returnCurve();
    if (temporary === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = temporary;
    await rm(folder, { recursive: true, force: true });
  });

  const setupOf = (system: "plonk" | "fflonk"): UniversalSetup => universal.get(system) as UniversalSetup;
  const groth16 = (more: Partial<ProverOptions<"groth16">> = {}): ProverOptions<"groth16"> => ({
    graph: tiny,
    circuit: files.circuit,
    zkeyPath: files.setup.zkeyPath,
    verifyingKey: groth16Key(files.setup.verifyingKey),
    ...more,
  });

  /** The code that one proof ends with. */
  async function provingCode(options: ProverOptions<"groth16">): Promise<string> {
    let prover;
    try {
      prover = await createProver(options);
    } catch (error) {
      return (error as { code: string }).code;
    }
    try {
      return await codeOf(prover.prove(tinyRequest([1n, 2n, -3n, 4n])));
    } finally {
      await prover.close();
    }
  }

  for (const system of ["plonk", "fflonk"] as const) {
    it(`proves with ${system}, and refuses the proof for other words and when an element is changed`, async () => {
      const { zkeyPath, verifyingKey } = setupOf(system);
      const prover = await createProver({ graph: tiny, circuit: files.circuit, zkeyPath, verifyingKey, system });
      try {
        const stages: string[] = [];
        const { words, proof, timings } = await prover.prove(tinyRequest([7n, -8n, 0n, 1n]), {
          onStage: ({ stage, milliseconds }) =>
            void stages.push(`${stage} ${milliseconds === undefined ? "begins" : "ends"}`),
        });
        expect(stages).to.deep.equal(
          ["load", "witness", "prove", "verify"].flatMap((stage) => [`${stage} begins`, `${stage} ends`]),
        );
        expect(timings.prove).to.be.greaterThan(timings.load);
        expect(proof).to.have.length(PROOF_LENGTHS[system]);
        expect(await verifyOffChain(verifyingKey, words, proof)).to.equal(true);
        for (const index of words.keys()) {
          const other = words.map((word, i) => (i === index ? word ^ 1n : word));
          expect(await verifyOffChain(verifyingKey, other, proof), `word ${index}`).to.equal(false);
        }
        for (const index of proof.keys()) {
          const other = proof.map((word, i) => (i === index ? (word === 0n ? 1n : word - 1n) : word));
          const holds = await verifyOffChain(verifyingKey, words, other);
          expect(holds, `element ${index}`).to.equal(false);
        }
        const good = tinyRequest([1n, 1n, 1n, 1n]);
        const output = Uint8Array.from(good.output, (byte, i) => (i === good.output.length - 1 ? byte ^ 1 : byte));
        expect(await codeOf(prover.prove({ ...good, output }))).to.equal("ASY-ZKML-007");
      } finally {
        await prover.close();
      }
    });
  }

  it("counts gates as the keys have them, and finds universal keys again", async () => {
    const gates = gateCount(await readR1cs(files.circuit.r1csPath));
    for (const system of ["plonk", "fflonk"] as const) {
      const { zkeyPath, manifest, folder: place } = setupOf(system);
      const header = Buffer.from(sectionsOf(await readFile(zkeyPath)).get(2) as Uint8Array);
      expect(header.readUInt32LE(72 + 16), system).to.equal(gates);
      const steps: string[] = [];
      const again = await setupUniversal(files.circuit.r1csPath, {
        system,
        outDir: join(BUILD, "universal"),
        tau: { seed: "backends" },
        onProgress: ({ step }) => void steps.push(step),
      });
      expect(again.manifest).to.deep.equal(manifest);
      expect(again.folder).to.equal(place);
      expect(steps.at(-1)).to.equal("found in the cache");
      expect(await readdir(place)).to.have.members(["model.zkey", "setup.json", "verifying-key.json"]);
    }
  });

  it("exports and parses keys of all systems, and refuses others", async () => {
    for (const system of ["plonk", "fflonk"] as const) {
      const { zkeyPath, verifyingKey } = setupOf(system);
      const exported = (await zKey.exportVerificationKey(zkeyPath)) as unknown as Record<string, unknown>;
      expect(parseSystemKey(exported)).to.deep.equal(verifyingKey);
      for (const change of [
        { protocol: "groth16" },
        { curve: "bls12381" },
        { X_2: [] },
        { k1: String(SCALAR_MODULUS) },
        { power: 99 },
        { nPublic: -1 },
      ])
        expect(await codeOf((async () => parseSystemKey({ ...exported, ...change }))())).to.equal("ASY-PROVER-001");
    }
    for (const bad of [null, 1, [], {}, { protocol: "groth16" }])
      expect(await codeOf((async () => parseSystemKey(bad))())).to.equal("ASY-PROVER-001");
  });

  it("turns proofs of all systems into words and back, and refuses words out of their fields", () => {
    for (const system of PROOF_SYSTEMS) {
      const words = Array.from({ length: PROOF_LENGTHS[system] }, (_, i) => BigInt(i + 2));
      expect(proofWords(system, proofJson(system, words))).to.deep.equal(words);
      for (const bad of [words.slice(1), [-1n, ...words.slice(1)], [BASE_MODULUS, ...words.slice(1)]])
        expect(() => proofJson(system, bad))
          .to.throw()
          .with.property("code", "ASY-ZKML-006");
      const infinity = JSON.parse(
        JSON.stringify(proofJson(system, words)).replace('["2","3","1"]', '["0","1","0"]'),
      ) as unknown;
      for (const bad of [infinity, {}, null, "proof", { pi_a: "1".repeat(100) }])
        expect(() => proofWords(system, bad))
          .to.throw()
          .with.property("code", "ASY-PROVER-008");
    }
  });

  it("refuses keys of other systems, cut short, with other counts, or of another curve, before it reads them", async () => {
    const good = await readFile(files.setup.zkeyPath);
    const path = join(folder, "bad.zkey");
    const header = 12 + 12 + 4 + 12;
    const change = (at: number, value: number) => {
      const bytes = Buffer.from(good);
      bytes.writeUInt32LE(value, at);
      return bytes;
    };
    const cases: readonly (readonly [string, Uint8Array])[] = [
      ["cut short", good.subarray(0, good.length - 100)],
      ["empty", new Uint8Array()],
      ["not a key", Buffer.from("hello, world, this is not a key")],
      ["sections without end", change(8, 0xffffffff)],
      ["another protocol", change(24, 3)],
      ["another base field", change(header + 4, 1)],
      ["another scalar field", change(header + 40, 1)],
      ["4 billion wires", change(header + 72, 0xffffffff)],
      ["4 billion public words", change(header + 76, 0xffffffff)],
      ["a domain of 2^31", change(header + 80, 2 ** 31)],
    ];
    for (const [name, bytes] of cases) {
      await writeFile(path, bytes);
      expect(await provingCode(groth16({ zkeyPath: path })), name).to.equal("ASY-PROVER-001");
    }
    expect(await provingCode(groth16({ zkeyPath: setupOf("plonk").zkeyPath }))).to.equal("ASY-PROVER-001");
    expect(await provingCode(groth16({ zkeyPath: join(folder, "none.zkey") }))).to.equal("ASY-PROVER-001");
    for (const system of ["plonk", "fflonk"] as const) {
      const bytes = await readFile(setupOf(system).zkeyPath);
      await writeFile(path, bytes.subarray(0, bytes.length - 1));
      expect(await codeOf(readKeyFile(path)), system).to.equal("ASY-PROVER-001");
      const counts = (sectionsOf(bytes).get(2) as Uint8Array).byteOffset - bytes.byteOffset + 72;
      for (const at of [4, 8, 12, 16]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt32LE(0x7fffffff, counts + at);
        await writeFile(path, changed);
        expect(await codeOf(readKeyFile(path)), `${system}, count ${at / 4}`).to.equal("ASY-PROVER-001");
      }
      // Nothing else in the file follows from the number of wires; the witness program's is another.
      bytes.writeUInt32LE(0x7fffffff, counts);
      await writeFile(path, bytes);
      const wires = createProver({ graph: tiny, circuit: files.circuit, zkeyPath: path, system });
      expect(await codeOf(wires), `${system}, wires`).to.equal("ASY-ZKML-008");
    }
  });

  it("hands out no proof made with damaged points or another circuit's key", async () => {
    const path = join(folder, "damaged.zkey");
    for (const section of [4, 5, 8, 9]) {
      await copyFile(files.setup.zkeyPath, path);
      const bytes = await readFile(path);
      const content = sectionsOf(bytes).get(section) as Uint8Array;
      const file = await open(path, "r+");
      // The middle of the section, in a coefficient or a coordinate.
      await file.write(
        Buffer.alloc(8, 0x11),
        0,
        8,
        content.byteOffset - bytes.byteOffset + 4 + 44 * Math.floor(content.length / 88) + 16,
      );
      await file.close();
      expect(await provingCode(groth16({ zkeyPath: path })), `section ${section}`).to.be.oneOf([
        "ASY-PROVER-007",
        "ASY-PROVER-008",
      ]);
    }
    const { alpha, ...rest } = files.setup.verifyingKey;
    const other = groth16Key({ ...rest, alpha: [alpha[0], BASE_MODULUS - alpha[1]] });
    expect(await provingCode(groth16({ verifyingKey: other }))).to.equal("ASY-PROVER-007");
    expect(await provingCode(groth16({ verifyingKey: setupOf("plonk").verifyingKey }))).to.equal("ASY-ZKML-008");
  });

  it("refuses witnesses that are cut short, of another field or size, or of another statement", async () => {
    const witness = await loadWitnessProgram(await readFile(files.circuit.wasmPath));
    const { words, x } = { words: [] as bigint[], x: [1n, 2n, -3n, 4n] };
    const { wordsOf } = await import("../../compiler/src/prove/words.ts");
    const request = tinyRequest(x);
    words.push(...wordsOf(request.context, request.input, request.output));
    const good = Buffer.from(witness.calculateFile({ words, x }));
    checkWitnessFile(good, witness.size, words);
    const change = (at: number, value: number) => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      return bytes;
    };
    const cases = [
      good.subarray(0, good.length - 1),
      Buffer.concat([good, Buffer.alloc(32)]),
      Buffer.alloc(0),
      ...[0, 4, 8, 16, 28, 60, 64, 68, 76].map((at) => change(at, 0xee)),
      change(76 + 32 * 20 + 31, 0xff),
      change(76 + 32, (good[76 + 32] as number) ^ 1),
    ];
    for (const [index, bytes] of cases.entries())
      expect(await codeOf((async () => checkWitnessFile(bytes, witness.size, words))()), `case ${index}`).to.equal(
        "ASY-PROVER-002",
      );
    expect(await codeOf((async () => checkWitnessFile(good, witness.size + 1, words))())).to.equal("ASY-PROVER-002");
  });

  it("refuses witness programs that are too large or no files, before it reads them, and those that trap", async () => {
    const path = join(folder, "large.wasm");
    await writeFile(path, "");
    await truncate(path, 2 ** 28 + 1);
    const before = process.memoryUsage().rss;
    const open_ = (wasmPath: string) => createProver(groth16({ circuit: { ...files.circuit, wasmPath } }));
    expect(await codeOf(open_(path))).to.equal("ASY-ZKML-008");
    expect(process.memoryUsage().rss - before).to.be.below(2 ** 27);
    expect(await codeOf(open_(folder))).to.equal("ASY-ZKML-008");
    expect(await codeOf(open_(join(folder, "none.wasm")))).to.equal("ASY-ZKML-008");
    await writeFile(path, startingWith(TRAP));
    expect(await codeOf(open_(path))).to.equal("ASY-ZKML-008");
    await writeFile(path, runningInto((await readKeyFile(files.setup.zkeyPath)).wires, TRAP));
    expect(await provingCode(groth16({ circuit: { ...files.circuit, wasmPath: path } }))).to.equal("ASY-PROVER-008");
  });

  it("proves with a program that has rapidsnark's arguments, and gives it nothing of the environment", async () => {
    process.env["ASSAY_TEST_SECRET"] = "hidden";
    const rapidsnark = await proverProgram(folder, "rapidsnark", {
      before: "if (process.env.ASSAY_TEST_SECRET !== undefined) process.exit(9);",
    });
    // A path from here, though the program runs in a folder of its own.
    const zkeyPath = relative(process.cwd(), files.setup.zkeyPath);
    const prover = await createProver(groth16({ rapidsnark, zkeyPath }));
    const { words, proof } = await prover.prove(tinyRequest([1n, 2n, -3n, 4n]));
    await prover.close();
    delete process.env["ASSAY_TEST_SECRET"];
    expect(await verifyOffChain(files.setup.verifyingKey, words, proof)).to.equal(true);
    expect(
      await codeOf(createProver({ ...groth16({ rapidsnark }), system: "plonk", zkeyPath: setupOf("plonk").zkeyPath })),
    ).to.equal("ASY-PROVER-003");
    expect(await codeOf(createProver(groth16({ rapidsnark: join(folder, "nothing-here") })))).to.equal(
      "ASY-PROVER-003",
    );
    expect(await codeOf(findProgram("no-such-prover-on-the-path"))).to.equal("ASY-PROVER-003");
    const path = process.env["PATH"];
    process.env["PATH"] = relative(process.cwd(), folder);
    const found = await findProgram("rapidsnark.mjs").finally(() => (process.env["PATH"] = path));
    expect(found, "on a PATH from here").to.equal(rapidsnark);
  });

  const forged = "const a = answer.proof.pi_a; answer.proof.pi_a = answer.proof.pi_c; answer.proof.pi_c = a;";
  for (const [what, body, code] of [
    ["exits with 3", { before: 'console.error("out of luck"); process.exit(3);' }, "ASY-PROVER-003"],
    ["writes nothing", { before: "process.exit(0);" }, "ASY-PROVER-003"],
    [
      "removes its folder",
      { before: 'process.chdir("/"); rmSync(dirname(proof), { recursive: true }); process.exit(0);' },
      "ASY-PROVER-003",
    ],
    [
      "leaves a folder for its proof",
      { before: "mkdirSync(proof); mkdirSync(words); process.exit(0);" },
      "ASY-PROVER-003",
    ],
    [
      "leaves its proof elsewhere",
      { change: 'symlinkSync("/dev/zero", proof); symlinkSync("/dev/zero", words); process.exit(0);' },
      "ASY-PROVER-003",
    ],
    [
      "writes no JSON",
      { before: 'writeFileSync(proof, "\\u0000{"); writeFileSync(words, "]"); process.exit(0);' },
      "ASY-PROVER-003",
    ],
    ["writes other JSON", { change: "answer.proof = { pi_a: [answer.proof] };" }, "ASY-PROVER-003"],
    ["writes a coordinate out of the field", { change: `answer.proof.pi_a[0] = "${BASE_MODULUS}";` }, "ASY-PROVER-003"],
    ["writes too few words", { change: "answer.publicSignals.pop();" }, "ASY-PROVER-003"],
    ["writes other words", { change: 'answer.publicSignals[0] = "1";' }, "ASY-ZKML-008"],
    ["writes a forged proof", { change: forged }, "ASY-PROVER-007"],
    ["writes without end", { before: 'for (;;) appendFileSync(proof, "x".repeat(4096));' }, "ASY-PROVER-003"],
    [
      "prints without end",
      {
        before:
          'const more = () => process.stdout.write("x".repeat(65536), more); more(); await new Promise(() => {});',
      },
      "ASY-PROVER-003",
    ],
    ["hangs", { before: "await new Promise(() => setInterval(() => {}, 1000));" }, "ASY-PROVER-004"],
  ] as const) {
    it(`refuses a prover that ${what}`, async () => {
      const rapidsnark = await proverProgram(folder, what.replaceAll(" ", "-"), body);
      expect(
        await provingCode(groth16({ rapidsnark, timeLimitMs: code === "ASY-PROVER-004" ? 700 : 60_000 })),
      ).to.equal(code);
      expect((await readdir(tmpdir())).filter((name) => name.startsWith("assay-prove-"))).to.deep.equal([]);
    });
  }

  it("proves with a native witness program", async () => {
    const witnessBinary = await witnessProgram(folder, "witness", files.circuit.wasmPath);
    const prover = await createProver(groth16({ witnessBinary }));
    const request = tinyRequest([1n, 2n, -3n, 4n]);
    const { words, proof } = await prover.prove(request);
    expect(await verifyOffChain(files.setup.verifyingKey, words, proof)).to.equal(true);
    const output = Uint8Array.from(request.output, (byte, i) => (i === request.output.length - 1 ? byte ^ 1 : byte));
    expect(await codeOf(prover.prove({ ...request, output }))).to.equal("ASY-ZKML-007");
    await prover.close();
  });

  for (const [what, body, code] of [
    ["cuts its file short", { change: "file = file.subarray(0, 100);" }, "ASY-PROVER-002"],
    ["writes garbage", { change: "file.fill(0x5a);" }, "ASY-PROVER-002"],
    ["answers for other words", { change: "file[76 + 32] ^= 1;" }, "ASY-PROVER-002"],
    ["changes a private wire", { change: "file[76 + 32 * 30] ^= 1;" }, "ASY-PROVER-007"],
    ["crashes", { before: "process.abort();" }, "ASY-PROVER-003"],
    ["writes too much", { change: "file = Buffer.alloc(1 << 24);" }, "ASY-PROVER-003"],
  ] as const) {
    it(`refuses a witness program that ${what}`, async () => {
      const witnessBinary = await witnessProgram(folder, what.replaceAll(" ", "-"), files.circuit.wasmPath, body);
      expect(await provingCode(groth16({ witnessBinary }))).to.equal(code);
    });
  }

  it("ends what a program started, too", async function () {
    if (process.platform === "win32") {
      console.log("      skipped: Windows has no process groups");
      this.skip();
    }
    const child = join(folder, "child.pid");
    const file = await program(
      folder,
      "parent",
      `const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
       writeFileSync(${JSON.stringify(child)}, String(child.pid));
       setInterval(() => {}, 1000);`,
    );
    const place = await mkdtemp(join(folder, "run-"));
    const stop = new AbortController();
    abortWhenWritten(child, stop);
    const run = { file, args: [], folder: place, maxFileBytes: 0, timeLimitMs: 60_000, signal: stop.signal };
    expect(await codeOf(runProgram(run))).to.equal("ASY-ZKML-003");
    const pid = Number(await readFile(child, "utf8"));
    // Its new parent takes a moment to notice.
    for (let i = 0; i < 250 && alive(pid); i++) await new Promise((done) => setTimeout(done, 20));
    expect(alive(pid)).to.equal(false);
  });
});

/** Whether a process runs; one that is dead and waits to be collected does not. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = process.platform === "linux" ? readFileSync(`/proc/${pid}/stat`, "latin1") : "";
    return !/^\d+ \(.*\) [ZX]/s.test(stat);
  } catch {
    return false;
  }
}
