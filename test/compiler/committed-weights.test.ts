import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { compileOnnx } from "../../compiler/src/compile.ts";
import { compileCircuit, type CompiledCircuit } from "../../compiler/src/emit/circom/compile.ts";
import { GraphNotProvableError } from "../../compiler/src/emit/circom/errors.ts";
import { publicLayout } from "../../compiler/src/emit/circom/layout.ts";
import { privateBounds } from "../../compiler/src/emit/circom/private-bounds.ts";
import { weightGroups, weightInputs, weightInterval } from "../../compiler/src/emit/circom/private-weights.ts";
import { emitCircom } from "../../compiler/src/emit/circom/program.ts";
import { weightsCommitment } from "../../compiler/src/emit/circom/weights-commitment.ts";
import { emitVerifier } from "../../compiler/src/emit/solidity/verifier.ts";
import { graphDigest } from "../../compiler/src/graph/digest.ts";
import { parseGraph, serialiseGraph } from "../../compiler/src/graph/serialise.ts";
import type { IntegerGraph, IntegerNode } from "../../compiler/src/graph/types.ts";
import { interpret } from "../../compiler/src/interpret/interpret.ts";
import { verifyOffChain } from "../../compiler/src/prove/proof.ts";
import { createGroth16Prover } from "../../compiler/src/prove/prover.ts";
import { statementOf } from "../../compiler/src/prove/statement.ts";
import { CompileOptionError } from "../../compiler/src/quantise/errors.ts";
import { estimateConstraints } from "../../compiler/src/report/constraints.ts";
import { setupDevelopment } from "../../compiler/src/setup/development.ts";
import { SCALAR_MODULUS } from "../../compiler/src/setup/field.ts";
import { readR1cs, type R1cs } from "../../compiler/src/setup/r1cs.ts";
import { poseidonChain } from "../../sdk/src/index.ts";
import { CircuitTester } from "../support/circuit.ts";
import { graphOf } from "../support/graphs.ts";
import { OPS, randomDag } from "../support/random-dags.ts";
import { encodeTensor, evaluate, legalInputs, randomIntegers, randomMlp, tensor } from "../support/random-graphs.ts";

const root = fileURLToPath(new URL("../../build/test/", import.meta.url));
const outDir = join(root, "zkml");
const context = Uint8Array.from({ length: 31 }, (_, i) => 7 * i + 3);
const saltOf = (seed: number) => `0x${(seed + 16).toString(16).padStart(2, "0").repeat(31)}`;

/** A network of every op that has weights; weights depend on the seed, their widths and all else do not. */
function network(seed: number): IntegerGraph {
  const random = randomIntegers(seed);
  const list = (count: number, most: number) => Array.from({ length: count }, () => random(-most, most));
  const nodes: IntegerNode[] = [
    {
      op: "conv",
      name: "conv",
      input: "x",
      output: "c",
      shape: {
        ...{ channels: 1, size: [4, 4], outputs: 4, kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
        ...{ dilations: [1, 1], groups: 1 },
      },
      weights: list(36, 100),
      bias: [2011, ...list(3, 1500)],
    },
    { op: "requantise", name: "relu", input: "c", output: "r", shift: 6, clamp: { min: 0n, max: 63n } },
    { op: "scale", name: "scale", input: "r", output: "s", factors: list(16, 90), offsets: list(16, 120) },
    { op: "requantise", name: "cut", input: "s", output: "q", shift: 5, clamp: { min: -31n, max: 31n } },
    { op: "gather", name: "with", inputs: ["q"], output: "g", constants: list(2, 77), index: [...Array(18).keys()] },
    {
      op: "dense",
      name: "dense",
      input: "g",
      output: "logits",
      rows: 1,
      weights: Array.from({ length: 4 }, () => list(18, 100)),
      bias: list(4, 1999),
    },
    { op: "argmax", name: "argmax", input: "logits", output: "y", width: 4 },
  ];
  const graph = graphOf("private", tensor("x", "u8", [16], 0n, 15n), nodes);
  return { ...graph, output: { ...graph.output, dtype: "u8" }, weightsSalt: saltOf(seed) };
}

const [one, two] = [network(1), network(2)];

interface Fixture {
  readonly graph: IntegerGraph;
  readonly compiled: CompiledCircuit;
  readonly circuit: CircuitTester;
}

const open = async (graph: IntegerGraph): Promise<Fixture> => {
  const compiled = await compileCircuit(graph, { outDir });
  return { graph, compiled, circuit: await CircuitTester.files(join(compiled.folder, "model")) };
};

const statement = (graph: IntegerGraph, x: readonly bigint[]) => {
  const y = Array.from(interpret(graph, x.map(Number)).output, BigInt);
  const request = { context, input: encodeTensor(graph.input, x), output: encodeTensor(graph.output, y) };
  return { y, request, ...statementOf(publicLayout(graph), request) };
};

const inputsOf = (graph: IntegerGraph, x: readonly bigint[]) => ({
  ...statement(graph, x).inputs,
  ...weightInputs(graph),
});

const X = Array.from({ length: 16 }, (_, i) => BigInt((i * 7 + 3) % 16));

describe("compiler: private weights", () => {
  let a: Fixture;
  let b: Fixture;

  before(async function () {
    this.timeout(600_000);
    a = await open(one);
    b = await open(two);
  });

  it("gives the circuit's outputs as the interpreter has them, for extremes and random inputs", () => {
    for (const { graph, circuit } of [a, b]) {
      for (const x of legalInputs(graph.input, 12)) {
        const witness = circuit.witness(inputsOf(graph, x));
        circuit.expectAccepted(witness, x.join());
        const { words } = statement(graph, x);
        expect(witness.slice(1, 1 + words.length)).to.deep.equal(words);
      }
    }
  });

  it("writes one program for all weights of the same widths, but for the commitment", () => {
    const [first, second] = [one, two].map((graph) => {
      const commitment = String(weightsCommitment(graph));
      const { source } = emitCircom(graph);
      expect(source.split(commitment).length, "places of the commitment").to.equal(2);
      return source.replace(commitment, "COMMITMENT");
    }) as [string, string];
    expect(first).to.equal(second);
    expect(first).to.not.match(/\b2011\b/);
    expect(emitCircom({ ...one, weightsSalt: undefined }).source, "the constant program has them").to.match(/\b2011\b/);
  });

  it("leaves no weight in constraints or witness program: they differ in the commitment alone", async () => {
    const [first, second] = await Promise.all([readR1cs(a.compiled.r1csPath), readR1cs(b.compiled.r1csPath)]);
    const text = ({ constraints }: R1cs) =>
      constraints.map((each) =>
        JSON.stringify(each, (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
      );
    const [left, right] = [text(first), text(second)];
    const other = left.filter((line, at) => line !== right[at]);
    expect([left.length, other.length]).to.deep.equal([right.length, 1]);
    const commitment = weightsCommitment(one)!;
    expect([`${commitment}`, `${SCALAR_MODULUS - commitment}`].some((value) => other[0]!.includes(value))).to.equal(
      true,
    );
    const [program, another] = await Promise.all([a, b].map(({ compiled }) => readFile(compiled.wasmPath)));
    expect(program!.length).to.equal(another!.length);
    const places = [...program!.keys()].filter((at) => program![at] !== another![at]);
    // One number of the table of constants: 32 bytes in Montgomery form, or 40 with its short form and type.
    expect(places.at(-1)! - places[0]!, "the span of bytes that differ").to.be.below(40);
  });

  it("refuses another model's weights, by the constraint of the commitment and by nothing else", () => {
    const witness = b.circuit.witness(inputsOf(two, X));
    a.circuit.expectRefused(witness, "weights of the other model");
    expect(() => a.circuit.witness({ ...inputsOf(two, X) })).to.throw("does not hold");
    const broken = a.circuit.r1cs.constraints.filter((constraint) => {
      const sum = (terms: typeof constraint.a) =>
        terms.reduce((total, [wire, factor]) => total + factor * witness[wire]!, 0n) % SCALAR_MODULUS;
      return (sum(constraint.a) * sum(constraint.b)) % SCALAR_MODULUS !== sum(constraint.c);
    });
    expect(broken.length).to.equal(1);
  });

  it("refuses a weight that is another, out of range, lent to its neighbour, or swapped, and another salt", () => {
    const inputs = inputsOf(one, X) as Record<string, readonly bigint[]>;
    const weights = inputs["weights"]!;
    const groups = weightGroups(one);
    const change = (values: Readonly<Record<number, bigint>>) => weights.map((each, at) => values[at] ?? each);
    for (const { from, bits, values, kind } of groups) {
      const lent = 1n << BigInt(bits);
      const [first, next] = [weights[from]!, weights[from + 1]!];
      const swap = values.findIndex((value) => value !== values[0]);
      for (const [what, wrong] of [
        ["another", change({ [from]: first + 1n })],
        ["out of range", change({ [from]: weightInterval({ bits }).max + 1n })],
        ["below its range", change({ [from]: weightInterval({ bits }).min - 1n })],
        ["lent", change({ [from]: first + lent, [from + 1]: next - 1n })],
        ["swapped", change({ [from]: weights[from + swap]!, [from + swap]: first })],
      ] as const) {
        expect(() => a.circuit.witness({ ...inputs, weights: wrong }), `${kind}: ${what}`).to.throw("does not hold");
      }
    }
    const weightsSalt = [inputs["weightsSalt"]![0]! + 1n];
    expect(() => a.circuit.witness({ ...inputs, weightsSalt })).to.throw("does not hold");
  });

  it("refuses every weight and every number made of one that is changed in the witness", () => {
    const honest = a.circuit.witness(inputsOf(one, X));
    const signals = a.circuit.signals.filter((name) =>
      /^main\.(?:weights(?:Salt|\[)|weightChain|n\d+\.dot\[\d+\]\.(?:out|product)|t[0246]\[)/.test(name),
    );
    expect(signals.length).to.be.greaterThan(200);
    for (const name of signals) {
      const value = a.circuit.value(honest, name);
      for (const step of [1n, -1n, 256n, 1n << 100n]) {
        expect(a.circuit.bears(honest, name, value + step), `${name} + ${step}`).to.equal(false);
      }
    }
  });

  it("commits to salt and weights as the SDK's hash does, and shows it in the verifier", async () => {
    const groups = weightGroups(one);
    expect(groups.map(({ kind, bits }) => [kind, bits])).to.deep.equal([
      ["weights", 8],
      ["bias", 12],
      ["factors", 8],
      ["offsets", 8],
      ["constants", 8],
      ["weights", 8],
      ["bias", 12],
    ]);
    const words = groups.flatMap(({ bits, values }) => {
      const each = Math.floor(248 / bits);
      return Array.from({ length: Math.ceil(values.length / each) }, (_, k) =>
        values
          .slice(k * each, (k + 1) * each)
          .reduce((sum, value, i) => sum + BigInt(value + 2 ** (bits - 1)) * 2n ** BigInt(bits * i), 0n),
      );
    });
    expect(weightsCommitment(one)).to.equal(poseidonChain("weights", [BigInt(saltOf(1)), ...words]));
    expect(weightsCommitment({ ...one, weightsSalt: saltOf(3) })).to.not.equal(weightsCommitment(one));
    const setup = await setupDevelopment(a.compiled.r1csPath, { seed: "private", outDir: join(root, "setup-private") });
    const { verifyingKey } = setup;
    const options = { name: "V", verifyingKey, setup: "development", graphDigest: graphDigest(one) } as const;
    const made = { ...options, inputBytes: 22, outputBytes: 7 };
    const solidity = emitVerifier({ ...made, weightsCommitment: weightsCommitment(one)! });
    const hex = weightsCommitment(one)!.toString(16).padStart(64, "0");
    expect(solidity).to.contain(`bytes32 public constant weightsCommitment = 0x${hex};`);
    expect(emitVerifier(made)).to.not.contain("weightsCommitment");
  });

  it("costs what the estimate says, to the constraint", () => {
    expect(a.compiled.constraints).to.deep.equal(b.compiled.constraints);
    expect(estimateConstraints(one).total).to.equal(a.compiled.constraints.total);
    expect(a.compiled.constraints).to.deep.equal({ nonLinear: 2804, linear: 1516, total: 4320 });
  });

  it("is bounded by widths alone, whatever the weights", () => {
    const bounds = privateBounds(one);
    expect(privateBounds(two)).to.deep.equal(bounds);
    for (let seed = 3; seed < 23; seed++) {
      const graph = network(seed);
      for (const x of legalInputs(graph.input, 6, seed)) {
        const { tensors } = interpret(graph, x.map(Number));
        for (const [name, values] of Object.entries(tensors)) {
          for (const [at, value] of Array.from(values).entries()) {
            const { min, max } = bounds.get(name)![at]!;
            expect(BigInt(value) >= min && BigInt(value) <= max, `${name}[${at}] = ${value}`).to.equal(true);
          }
        }
      }
    }
  });

  it("is proven, for its own weights and not under the other model's key", async function () {
    this.timeout(600_000);
    const outDirs = join(root, "setup-private");
    const [mine, theirs] = await Promise.all(
      [a, b].map(({ compiled }) => setupDevelopment(compiled.r1csPath, { seed: "private", outDir: outDirs })),
    );
    const prover = await createGroth16Prover({ graph: one, circuit: a.compiled, zkeyPath: mine!.zkeyPath });
    try {
      const { words, proof } = await prover.prove(statement(one, X).request);
      expect(await verifyOffChain(mine!.verifyingKey, words, proof)).to.equal(true);
      expect(await verifyOffChain(theirs!.verifyingKey, words, proof)).to.equal(false);
      const wrong = words.map((word, at) => (at === 1 ? word ^ 1n : word));
      expect(await verifyOffChain(mine!.verifyingKey, wrong, proof)).to.equal(false);
    } finally {
      await prover.close();
    }
  });
});

/** The graph with other weights: the least, the greatest or random ones of their widths. */
function reweighted(graph: IntegerGraph, turn: number, random: (min: number, max: number) => number): IntegerGraph {
  const groups = weightGroups(graph);
  const other = (node: number, kind: string, values: readonly number[]): number[] => {
    const group = groups.find((each) => each.node === node && each.kind === kind);
    if (group === undefined) return [...values];
    const { min, max } = weightInterval(group);
    const [least, most] = [Number(min), Number(max)];
    return values.map(() => (turn === 0 ? least : turn === 1 ? most : random(least, most)));
  };
  const nodes = graph.nodes.map((node, at): IntegerNode => {
    switch (node.op) {
      case "dense": {
        const flat = other(at, "weights", node.weights.flat());
        const weights = node.weights.map((row) => flat.splice(0, row.length));
        return { ...node, weights, bias: other(at, "bias", node.bias) };
      }
      case "conv":
        return { ...node, weights: other(at, "weights", node.weights), bias: other(at, "bias", node.bias) };
      case "scale":
        return {
          ...node,
          factors: other(at, "factors", node.factors),
          offsets: other(at, "offsets", node.offsets),
        };
      case "gather":
        return { ...node, constants: other(at, "constants", node.constants) };
      default:
        return node;
    }
  });
  return { ...graph, nodes };
}

describe("compiler: private weights in random graphs", () => {
  const COUNT = Number(process.env["ASSAY_GRAPHS"] ?? 80);
  const SEED = Number(process.env["ASSAY_SEED"] ?? 70_000);
  const graphOfSeed = (seed: number): IntegerGraph => ({
    ...randomDag(seed % 10 === 0 ? { seed, ops: OPS } : { seed }),
    weightsSalt: saltOf(7),
  });

  it(`are bounded for any weights of their widths, or refused by name: ${COUNT} from seed ${SEED}`, function () {
    this.timeout(60_000 + 1_000 * COUNT);
    let bounded = 0;
    for (let seed = SEED; seed < SEED + COUNT; seed++) {
      const graph = graphOfSeed(seed);
      let bounds: ReturnType<typeof privateBounds>;
      try {
        bounds = privateBounds(graph);
      } catch (error) {
        expect(error, `seed ${seed}`).to.be.instanceOf(GraphNotProvableError);
        continue;
      }
      bounded++;
      const random = randomIntegers(seed);
      for (let turn = 0; turn < 4; turn++) {
        const other = reweighted(graph, turn, random);
        for (const x of legalInputs(graph.input, 6, seed + turn)) {
          for (const [name, values] of evaluate(other, x)) {
            const outside = values.findIndex((value, at) => {
              const { min, max } = bounds.get(name)![at]!;
              return value < min || value > max;
            });
            expect(outside, `seed ${seed}, ${name}`).to.equal(-1);
          }
        }
      }
    }
    expect(bounded, "graphs that were not refused").to.be.greaterThan(COUNT / 2);
  });

  it("gives the interpreter's numbers with every op at once, and refuses others", async function () {
    this.timeout(600_000);
    const graph = graphOfSeed(70_030);
    const { circuit } = await open(graph);
    expect(new Set(graph.nodes.map(({ op }) => op)).size).to.equal(OPS.length);
    for (const x of legalInputs(graph.input, 12)) circuit.expectAccepted(circuit.witness(inputsOf(graph, x)), x.join());
    const x = [...legalInputs(graph.input, 12)].at(-1)!;
    const { y } = statement(graph, x);
    const { max } = graph.output.range;
    for (const [at, value] of y.entries()) {
      const wrong = y.map((each, index) => (index === at ? (value < max ? each + 1n : each - 1n) : each));
      const request = { context, input: encodeTensor(graph.input, x), output: encodeTensor(graph.output, wrong) };
      const given = { ...statementOf(publicLayout(graph), request).inputs, ...weightInputs(graph) };
      expect(() => circuit.witness(given), `output ${at}`).to.throw("does not hold");
    }
  });
});

describe("compiler: weights, an option", () => {
  const bytes = readFileSync(new URL("../../vectors/models/digits/model.onnx", import.meta.url));
  const data = JSON.parse(
    readFileSync(new URL("../../vectors/models/digits/calibration.json", import.meta.url), "utf8"),
  ) as { images: { pixels: number[] }[] };
  const calibration = data.images.slice(0, 24).map(({ pixels }) => pixels);
  const weightsSalt = new Uint8Array(31).fill(5);

  it("keeps answers, salts the digest, and survives being written", () => {
    const open_ = compileOnnx(bytes, { calibration });
    const { graph, report } = compileOnnx(bytes, { calibration, weights: "committed", weightsSalt });
    expect({ ...graph, weightsSalt: undefined }).to.deep.equal({ ...open_.graph, weightsSalt: undefined });
    expect(graphDigest(graph)).to.not.equal(graphDigest(open_.graph));
    expect(parseGraph(serialiseGraph(graph))).to.deep.equal(graph);
    expect(report.constraints.total).to.equal(35_768);
    const fresh = [1, 2].map(() => compileOnnx(bytes, { calibration, weights: "committed" }).graph.weightsSalt);
    expect(fresh[0]).to.match(/^0x[0-9a-f]{62}$/);
    expect(fresh[0]).to.not.equal(fresh[1]);
  });

  it("narrows clamps to the tables behind them, and computes the same", () => {
    const folder = new URL("../../vectors/models/xgboost-iris/", import.meta.url);
    const { inputs } = JSON.parse(readFileSync(new URL("calibration.json", folder), "utf8")) as { inputs: number[][] };
    const file = readFileSync(new URL("model.onnx", folder));
    const [plain, hidden] = (["constant", "committed"] as const).map(
      (weights) => compileOnnx(file, { calibration: inputs, weights }).graph,
    ) as [IntegerGraph, IntegerGraph];
    const clampsOf = ({ nodes }: IntegerGraph) =>
      nodes.flatMap((node) => (node.op === "requantise" ? [node.clamp] : []));
    expect(clampsOf(hidden)).to.not.deep.equal(clampsOf(plain));
    expect(() => privateBounds({ ...plain, weightsSalt: saltOf(1) })).to.throw(GraphNotProvableError, "table");
    for (const x of legalInputs(plain.input, 20)) {
      expect(interpret(hidden, x.map(Number)).tensors).to.deep.equal(interpret(plain, x.map(Number)).tensors);
    }
  });

  it("refuses what it cannot do, by name", () => {
    const options = { calibration, weights: "committed" } as const;
    for (const [wrong, name] of [
      [{ ...options, batch: 2 }, "batch"],
      [{ ...options, weightsSalt: new Uint8Array(32) }, "weightsSalt"],
      [{ calibration, weightsSalt }, "weightsSalt"],
      [{ calibration, weights: "hidden" as "committed" }, "weights"],
    ] as const) {
      expect(() => compileOnnx(bytes, wrong)).to.throw(CompileOptionError, name);
    }
    expect(() => parseGraph(serialiseGraph({ ...one, weightsSalt: "0x12" }))).to.throw("weightsSalt");
    const table = graphOf("table", tensor("x", "u8", [2], 0n, 3n), [
      { op: "dense", name: "sum", input: "x", output: "s", rows: 1, weights: [[1, 1]], bias: [0] },
      { op: "lookup", name: "table", input: "s", output: "y", min: 0, table: [5, 4, 3, 2, 1, 0, 9] },
    ]);
    expect(() => emitCircom({ ...table, weightsSalt: saltOf(1) })).to.throw(
      GraphNotProvableError,
      /"table".*constants/,
    );
    const logits = randomMlp({
      ...{ seed: 4, input: tensor("x", "u8", [1, 4], 0n, 15n), hidden: [], outputs: 2, output: "logits" },
    });
    const narrow = { ...logits, output: { ...logits.output, dtype: "i16" as const }, weightsSalt: saltOf(1) };
    expect(() => emitCircom(narrow)).to.not.throw();
    expect(() => emitCircom({ ...narrow, output: { ...narrow.output, dtype: "i8" as const } })).to.throw(
      GraphNotProvableError,
    );
  });
});
