import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { compileCircuit } from "../../compiler/src/emit/circom/compile.ts";
import { graphDigest } from "../../compiler/src/graph/digest.ts";
import type { IntegerGraph } from "../../compiler/src/graph/types.ts";
import { interpret } from "../../compiler/src/interpret/interpret.ts";
import { readKeyFile } from "../../compiler/src/prove/backends/key-file.ts";
import { groth16Key, verifyOffChain } from "../../compiler/src/prove/proof.ts";
import { proofBytes } from "../../compiler/src/prove/service/estimate.ts";
import { Gate } from "../../compiler/src/prove/service/gate.ts";
import { createProvingService, type ProvingService } from "../../compiler/src/prove/service/service.ts";
import type { ProofRequest } from "../../compiler/src/prove/statement.ts";
import type { Stage } from "../../compiler/src/prove/types.ts";
import { encodeInput } from "../../compiler/src/quantise/input.ts";
import { setupDevelopment } from "../../compiler/src/setup/development.ts";
import { compileDigits, heldOut } from "../support/digits.ts";
import { smallGraph } from "../support/graphs.ts";
import { LOOP, runningInto, startingWith, TRAP } from "../support/hostile-wasm.ts";
import { abortWhenWritten, proverProgram } from "../support/outside-programs.ts";
import { encodeTensor } from "../support/random-graphs.ts";
import { BUILD, codeOf, tinyFiles, tinyRequest } from "../support/tiny-model.ts";

/** The statement that the digits model answers image `index` with what it answers. */
function digitsRequest(graph: IntegerGraph, index: number): ProofRequest {
  const x = encodeInput(graph.input, heldOut[index]?.pixels as number[]);
  const { output } = interpret(graph, x);
  return {
    context: new Uint8Array(31).fill(index),
    input: encodeTensor(graph.input, [...x].map(BigInt)),
    output: encodeTensor(graph.output, [...output].map(BigInt)),
  };
}

async function digitsFiles() {
  const { graph } = compileDigits();
  const circuit = await compileCircuit(graph, { outDir: join(BUILD, "zkml") });
  const setup = await setupDevelopment(circuit.r1csPath, { seed: "service", outDir: join(BUILD, "setup-service") });
  const { zkeyPath, verifyingKey } = setup;
  return { graph, circuit, zkeyPath, verifyingKey: groth16Key(verifyingKey), graphDigest: graphDigest(graph) };
}

describe("compiler/prove/service", function () {
  this.timeout(120_000);
  let digits: Awaited<ReturnType<typeof digitsFiles>>;
  let folder: string;
  const temporary = process.env["TMPDIR"];
  const services: ProvingService[] = [];
  const start = (options: Parameters<typeof createProvingService>[0]): ProvingService => {
    const service = createProvingService(options);
    services.push(service);
    return service;
  };

  before(async () => {
    digits = await digitsFiles();
    folder = await mkdtemp(join(tmpdir(), "assay-test-service-"));
    // Where temporary folders are made from now on, so that other tests' are not taken for ours.
    process.env["TMPDIR"] = folder;
  });

  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.close()));
  });

  after(async () => {
    if (temporary === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = temporary;
    await rm(folder, { recursive: true, force: true });
  });

  it("proves many digits in threads, tells what it is at, and never does more at once than it may", async () => {
    const service = start({ workers: 2 });
    const prover = await service.open(digits);
    let most = 0;
    const seen: Stage[][] = [];
    const proofs = await Promise.all(
      [0, 1, 2, 3, 4, 5].map(async (index) => {
        const stages: Stage[] = [];
        seen.push(stages);
        const onStage = ({ stage, milliseconds }: { stage: Stage; milliseconds?: number }): void => {
          most = Math.max(most, service.state.running);
          if (milliseconds !== undefined) stages.push(stage);
        };
        return await prover.prove(digitsRequest(digits.graph, index), { onStage });
      }),
    );
    expect(most).to.equal(2);
    for (const stages of seen) expect(stages).to.deep.equal(["load", "witness", "prove", "verify"]);
    expect(service.state).to.deep.equal({ running: 0, waiting: 0, bytes: 0, models: 1 });
    for (const [index, { words, proof, system }] of proofs.entries()) {
      expect(system).to.equal("groth16");
      expect(await verifyOffChain(digits.verifyingKey, words, proof)).to.equal(true);
      const other = proofs[(index + 1) % proofs.length]?.words as readonly bigint[];
      expect(await verifyOffChain(digits.verifyingKey, other, proof)).to.equal(false);
    }
  });

  it("runs one proof at a time where memory is for one, and refuses a model that can never fit", async () => {
    const bytes = proofBytes(await readKeyFile(digits.zkeyPath));
    const service = start({ workers: 4, memoryBytes: Math.floor(1.9 * bytes) });
    const prover = await service.open(digits);
    let most = 0;
    const onStage = (): void => {
      most = Math.max(most, service.state.running);
      expect(service.state.bytes).to.be.at.most(1.9 * bytes);
    };
    await Promise.all([0, 1, 2].map((index) => prover.prove(digitsRequest(digits.graph, index), { onStage })));
    expect(most).to.equal(1);
    const small = start({ memoryBytes: bytes - 1 });
    expect(await codeOf(small.open(digits))).to.equal("ASY-PROVER-005");
    expect(small.state.models).to.equal(0);
  });

  it("stops a proof in every stage and while it waits, and goes on with the next", async () => {
    const service = start({ workers: 1 });
    const prover = await service.open(digits);
    const request = digitsRequest(digits.graph, 0);
    for (const at of ["load", "witness", "prove", "verify"] as const) {
      const stop = new AbortController();
      const stages: Stage[] = [];
      const proving = prover.prove(request, {
        signal: stop.signal,
        onStage: ({ stage, milliseconds }) => {
          if (milliseconds !== undefined) stages.push(stage);
          // Once the thread is at it.
          else if (stage === at) setTimeout(() => stop.abort(), at === "prove" ? 10 : 0);
        },
      });
      const code = await codeOf(proving);
      if (at !== "load") expect(code, at).to.equal("ASY-ZKML-003");
      if (code === "ASY-ZKML-003") expect(stages, at).to.not.include("verify");
      expect(service.state).to.include({ running: 0, waiting: 0, bytes: 0 });
    }
    const stop = new AbortController();
    const first = prover.prove(request);
    const second = codeOf(prover.prove(request, { signal: stop.signal }));
    await new Promise((done) => setImmediate(done));
    expect(service.state).to.include({ running: 1, waiting: 1 });
    stop.abort();
    expect(await second).to.equal("ASY-ZKML-003");
    expect(await verifyOffChain(digits.verifyingKey, (await first).words, (await first).proof)).to.equal(true);
    expect(await codeOf(prover.prove(request, { signal: AbortSignal.abort() }))).to.equal("ASY-ZKML-003");
    await prover.prove(request);
  });

  it("ends a proof at the time limit, and what it ran outside", async () => {
    const service = start({ workers: 1, timeLimitMs: 5 });
    expect(await codeOf((await service.open(digits)).prove(digitsRequest(digits.graph, 0)))).to.equal("ASY-PROVER-004");
    const pids = join(folder, "pids");
    const rapidsnark = await proverProgram(folder, "hangs", {
      before: `writeFileSync(${JSON.stringify(pids)}, String(process.pid)); await new Promise(() => setInterval(() => {}, 1000));`,
    });
    const { graph, circuit, setup } = await tinyFiles();
    const outside = start({ workers: 1 });
    const prover = await outside.open({ graph, circuit, zkeyPath: setup.zkeyPath, rapidsnark });
    const stop = new AbortController();
    const request = tinyRequest([1n, 2n, 3n, 4n]);
    const onStage = ({ stage }: { stage: Stage }): void => {
      if (stage === "prove") abortWhenWritten(pids, stop);
    };
    expect(await codeOf(prover.prove(request, { signal: stop.signal, onStage }))).to.equal("ASY-ZKML-003");
    expect(() => process.kill(Number(readFileSync(pids, "utf8")), 0))
      .to.throw()
      .with.property("code", "ESRCH");
    expect((await readdir(tmpdir())).filter((name) => name.startsWith("assay-prove-"))).to.deep.equal([]);
    const good = await outside.open({
      graph,
      circuit,
      zkeyPath: setup.zkeyPath,
      rapidsnark: await proverProgram(folder, "works"),
    });
    const { words, proof } = await good.prove(request);
    expect(await verifyOffChain(setup.verifyingKey, words, proof)).to.equal(true);
  });

  it("refuses what is over the queue's length, and everything after close", async () => {
    const service = start({ workers: 1, maxWaiting: 1 });
    const prover = await service.open(digits);
    const request = digitsRequest(digits.graph, 0);
    const codes = [1, 2, 3].map(() => codeOf(prover.prove(request)));
    expect(await codes[2]).to.equal("ASY-PROVER-006");
    await service.close();
    expect([await codes[0], await codes[1]]).to.deep.equal(["ASY-ZKML-009", "ASY-ZKML-009"]);
    expect(await codeOf(prover.prove(request))).to.equal("ASY-ZKML-009");
    expect(await codeOf(service.open(digits))).to.equal("ASY-ZKML-009");
  });

  it("gives false and malformed statements their own errors, across threads", async () => {
    const prover = await start({ workers: 1 }).open(digits);
    const request = digitsRequest(digits.graph, 0);
    const output = Uint8Array.from(request.output, (byte, i) =>
      i === request.output.length - 1 ? (byte + 1) % 10 : byte,
    );
    expect(await codeOf(prover.prove({ ...request, output }))).to.equal("ASY-ZKML-007");
    expect(await codeOf(prover.prove({ ...request, context: new Uint8Array(3) }))).to.equal("ASY-ZKML-006");
    await prover.prove(request);
  });

  it("opens the same files once, and notices when a key changes under it", async () => {
    const service = start({ workers: 1 });
    const zkeyPath = join(folder, "copy.zkey");
    await copyFile(digits.zkeyPath, zkeyPath);
    const [one, two] = [await service.open({ ...digits, zkeyPath }), await service.open({ ...digits, zkeyPath })];
    expect(service.state.models).to.equal(1);
    await service.open(digits);
    expect(service.state.models).to.equal(2);
    await one.close();
    await one.close();
    expect(service.state.models).to.equal(2);
    const request = digitsRequest(digits.graph, 1);
    expect(await codeOf(one.prove(request))).to.equal("ASY-ZKML-009");
    await two.prove(request);
    await utimes(zkeyPath, 1, 1);
    expect(await codeOf(two.prove(request))).to.equal("ASY-ZKML-008");
    await two.close();
    expect(service.state.models).to.equal(1);
    await writeFile(join(folder, "bad.wasm"), "not a program");
    const circuit = { ...digits.circuit, wasmPath: join(folder, "bad.wasm") };
    expect(await codeOf(service.open({ ...digits, circuit }))).to.equal("ASY-ZKML-008");
    expect(service.state.models).to.equal(1);
  });

  it("refuses witness programs that trap or never answer when they are opened, and goes on meanwhile", async () => {
    const service = start({ workers: 1 });
    for (const [name, body] of [
      ["trap", TRAP],
      ["loop", LOOP],
    ] as const) {
      const wasmPath = join(folder, `${name}.wasm`);
      await writeFile(wasmPath, startingWith(body));
      let turns = 0;
      const clock = setInterval(() => turns++, 10);
      const opening = service.open({ ...digits, circuit: { ...digits.circuit, wasmPath } });
      expect(await codeOf(opening), name).to.equal("ASY-ZKML-008");
      clearInterval(clock);
      if (name === "loop") expect(turns).to.be.above(10);
      expect(service.state.models).to.equal(0);
    }
    const { wires } = await readKeyFile(digits.zkeyPath);
    for (const [name, body, code, limits] of [
      ["trap", TRAP, "ASY-PROVER-008", {}],
      ["loop", LOOP, "ASY-PROVER-004", { timeLimitMs: 1_000 }],
    ] as const) {
      const wasmPath = join(folder, `run-${name}.wasm`);
      await writeFile(wasmPath, runningInto(wires, body));
      const other = start({ workers: 1, ...limits });
      const prover = await other.open({ ...digits, circuit: { ...digits.circuit, wasmPath } });
      expect(await codeOf(prover.prove(digitsRequest(digits.graph, 0))), name).to.equal(code);
      expect(other.state).to.include({ running: 0, waiting: 0, bytes: 0 });
    }
  });

  it("does not take a model with other private weights for one that is open", async () => {
    const salted = (salt: string) => ({
      ...smallGraph(),
      weightsSalt: `0x${salt.repeat(31)}` as const,
      output: { ...smallGraph().output, dtype: "i32" as const },
    });
    const [right, wrong] = [salted("01"), salted("02")];
    const circuit = await compileCircuit(right, { outDir: join(BUILD, "zkml") });
    const setup = await setupDevelopment(circuit.r1csPath, { seed: "service", outDir: join(BUILD, "setup-service") });
    const service = start({ workers: 1 });
    const files = { circuit, zkeyPath: setup.zkeyPath, verifyingKey: groth16Key(setup.verifyingKey) };
    const { output } = interpret(right, [1, 2]);
    const request = {
      context: new Uint8Array(31),
      input: encodeTensor(right.input, [1n, 2n]),
      output: encodeTensor(right.output, Array.from(output, BigInt)),
    };
    const [other, own] = [
      await service.open({ ...files, graph: wrong }),
      await service.open({ ...files, graph: right }),
    ];
    expect(service.state.models).to.equal(2);
    expect(await codeOf(other.prove(request))).to.equal("ASY-ZKML-007");
    const { words, proof } = await own.prove(request);
    expect(await verifyOffChain(setup.verifyingKey, words, proof)).to.equal(true);
  });

  it("refuses options that are no bounds", () => {
    for (const options of [
      { workers: 0 },
      { workers: 65 },
      { workers: 1.5 },
      { memoryBytes: 0 },
      { timeLimitMs: Number.NaN },
      { maxWaiting: -1 },
    ])
      expect(() => createProvingService(options))
        .to.throw()
        .with.property("code", "ASY-ZKML-006");
  });

  it("lets proofs in by order, never over the bounds, and never a small one before a large one", async () => {
    const gate = new Gate({ slots: 3, bytes: 10, waiting: 10 });
    const order: string[] = [];
    const enter = async (name: string, bytes: number): Promise<() => void> => {
      const leave = await gate.enter(bytes);
      order.push(name);
      expect(gate.state.bytes).to.be.at.most(10);
      return leave;
    };
    const a = await enter("a", 6);
    const large = enter("large", 9);
    const small = enter("small", 1);
    await new Promise((done) => setImmediate(done));
    expect(order).to.deep.equal(["a"]);
    a();
    a();
    expect(gate.state).to.deep.equal({ running: 2, waiting: 0, bytes: 10 });
    (await large)();
    (await small)();
    expect(order).to.deep.equal(["a", "large", "small"]);
    expect(gate.state).to.deep.equal({ running: 0, waiting: 0, bytes: 0 });
    expect(await codeOf(gate.enter(11))).to.equal("ASY-PROVER-005");
  });
});
