import { mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { elementBounds } from "../../compiler/src/emit/circom/bounds.ts";
import { compileCircuit } from "../../compiler/src/emit/circom/compile.ts";
import { emitCircom } from "../../compiler/src/emit/circom/program.ts";
import type { IntegerGraph, TensorSpec } from "../../compiler/src/graph/types.ts";
import { wordsOf } from "../../compiler/src/prove/words.ts";
import { toScalar } from "../../compiler/src/setup/field.ts";
import { CircuitTester } from "../support/circuit.ts";
import { graphOf } from "../support/graphs.ts";
import { digitsLikeGraph, encodeTensor, evaluate, legalInputs, randomMlp, tensor } from "../support/random-graphs.ts";

const outDir = fileURLToPath(new URL("../../build/test/zkml", import.meta.url));
const context = Uint8Array.from({ length: 31 }, (_, i) => 255 - i);

const open = async (graph: IntegerGraph): Promise<CircuitTester> => {
  const { folder } = await compileCircuit(graph, { outDir, binding: "packed" });
  return await CircuitTester.files(join(folder, "model"));
};

const statement = (graph: IntegerGraph, x: readonly bigint[], output?: readonly bigint[]) => {
  const y = output ?? evaluate(graph, x).get(graph.output.name) ?? [];
  return { x, words: wordsOf(context, encodeTensor(graph.input, x), encodeTensor(graph.output, y)) };
};

/** A graph that a test may break; nodes 0 and 1 are the first dense and requantise node. */
interface Loose {
  input: { dims: number[]; range: { min: bigint; max: bigint } };
  output: object;
  ranges: Record<string, { min: bigint; max: bigint }>;
  widths: Record<string, number>;
  nodes: [
    { weights: number[][]; bias: number[]; rows: number },
    { input: string; output: string; shift: number; clamp: { min: bigint; max: bigint } },
  ];
}

const clamp = { min: 0n, max: 15n };

/** Small networks that between them use every way of binding a port and every ending of a layer. */
const small: readonly (readonly [string, IntegerGraph])[] = [
  [
    "unsigned input, argmax",
    randomMlp({
      seed: 11,
      input: tensor("x", "u8", [2, 3], 0n, 200n),
      hidden: [{ width: 5, shift: 6, clamp }],
      outputs: 4,
      output: "argmax",
    }),
  ],
  [
    "signed input of a narrow range, signed clamp, logits across words",
    randomMlp({
      seed: 12,
      input: tensor("x", "i8", [7], -5n, 17n),
      hidden: [{ width: 4, shift: 3, clamp: { min: -128n, max: 127n } }],
      outputs: 9,
      output: "logits",
    }),
  ],
  [
    "wide unsigned input across words, symmetric clamp, two hidden layers",
    randomMlp({
      seed: 13,
      input: tensor("x", "u16", [1, 1, 17], 0n, 40000n),
      hidden: [
        { width: 6, shift: 12, clamp: { min: -127n, max: 127n } },
        { width: 3, shift: 0, clamp: { min: -100n, max: 1000n } },
      ],
      outputs: 3,
      output: "logits",
      weight: 20,
    }),
  ],
  [
    "full signed range, input above zero, no hidden layer",
    randomMlp({ seed: 14, input: tensor("x", "i16", [3], -32768n, 32767n), hidden: [], outputs: 2, output: "argmax" }),
  ],
  [
    "an input range that starts above zero",
    randomMlp({
      seed: 15,
      input: tensor("x", "u32", [9], 3n, 70000n),
      hidden: [{ width: 3, shift: 10, clamp: { min: 2n, max: 9n } }],
      outputs: 3,
      output: "logits",
      weight: 5,
    }),
  ],
];

const at = <T>(values: readonly T[], index: number): T => values[index] as T;

describe("compiler/emit/circom", () => {
  for (const [name, graph] of small) {
    it(`agrees with the reference on 1,000 inputs: ${name}`, async () => {
      const circuit = await open(graph);
      for (const x of legalInputs(graph.input, 1000)) {
        const given = statement(graph, x);
        const witness = circuit.witness({ words: given.words, x });
        expect(witness.slice(1, 1 + given.words.length)).to.deep.equal(given.words);
      }
      circuit.expectAccepted(
        circuit.witness(statement(graph, [...legalInputs(graph.input, 5)].at(-1) as bigint[])),
        name,
      );
    });

    it(`refuses inputs one past the range and outputs one off: ${name}`, async () => {
      const circuit = await open(graph);
      const [x] = [...legalInputs(graph.input, 5)].slice(-1) as [bigint[]];
      for (const value of [graph.input.range.min - 1n, graph.input.range.max + 1n]) {
        const outside = x.map((element, i) => (i === 1 ? value : element));
        expect(() => circuit.witness(statement(graph, outside)), `element 1 = ${value}`).to.throw("does not hold");
      }
      const y = evaluate(graph, x).get(graph.output.name) as readonly bigint[];
      for (const [index] of y.entries()) {
        const wrong = y.map((element, i) => (i === index ? element + 1n : element));
        expect(() => circuit.witness(statement(graph, x, wrong)), `output ${index}`).to.throw("does not hold");
      }
    });
  }

  it("writes the same program twice, and another for another weight", () => {
    const [, graph] = small[0] as (typeof small)[number];
    expect(emitCircom(graph).source).to.equal(emitCircom(structuredClone(graph)).source);
    const other = structuredClone(graph) as unknown as { nodes: { weights: number[][] }[] };
    const row = other.nodes[0]?.weights[0] as number[];
    row[0] = row[0] === 0 ? 1 : 0;
    expect(emitCircom(other as unknown as IntegerGraph).source).to.not.equal(emitCircom(graph).source);
  });

  it("writes no name of the model where it could become code", () => {
    const [, graph] = small[0] as (typeof small)[number];
    const evil = "x\n*/ } template Evil() { \u2028 //";
    const renamed = { ...graph, name: evil, nodes: graph.nodes.map((node, i) => ({ ...node, name: `${evil}${i}` })) };
    expect(emitCircom(renamed).source).to.not.match(/\*\/|\u2028|\n ?\*|template Evil\(\)/);
  });

  it("counts the constraints of each node, input and words apart", async () => {
    const graph = graphOf("costs", tensor("x", "u8", [3], 0n, 9n), [
      { op: "multiply", name: "square", left: "x", right: "x", output: "a" },
      { op: "gather", name: "turn", inputs: ["a"], constants: [], index: [2, 1, 0, 2], output: "b" },
      { op: "gather", name: "mix", inputs: ["b", "x", "a"], constants: [5], index: [2, 1, 4, 5, 7, 10], output: "c" },
      { op: "linear", name: "sum", inputs: ["c", "c"], factors: [1, 2], offset: 3, output: "d" },
      { op: "sum", name: "pairs", input: "d", width: 2, output: "e" },
      { op: "scale", name: "scale", input: "e", factors: [1, 2, 0], offsets: [0, 0, 7], output: "f" },
      { op: "max", name: "best", input: "f", width: 3, output: "g" },
      { op: "requantise", name: "few", input: "g", shift: 8, clamp: { min: 0n, max: 3n }, output: "h" },
      { op: "onehot", name: "hot", input: "h", size: 4, output: "y" },
    ]);
    const { constraints, costs } = await compileCircuit(graph, { outDir, binding: "packed" });
    // Three products; wires; six sums, three, and the one that is not a wire or a constant; max: one choice and the nine
    // digits of a difference up to 480, since the 7 cannot win; 10 digits and a sum; four products and a sum.
    expect(costs).to.deep.equal({ input: 12, words: 2, nodes: [3, 0, 0, 6, 3, 1, 10, 11, 5] });
    const all = [costs.input, costs.words, ...costs.nodes];
    expect(
      all.reduce((sum, each) => sum + each, 0),
      "sum",
    ).to.equal(constraints.total);
  });

  describe("a network of the digits model's shape", () => {
    const graph = digitsLikeGraph();

    it("agrees with the reference on 1,000 inputs", async () => {
      const circuit = await open(graph);
      for (const x of legalInputs(graph.input, 1000)) circuit.witness(statement(graph, x));
    });

    it("costs far less than 2,600 constraints, and has only the words in public", async () => {
      const { constraints, costs, words } = await compileCircuit(graph, { outDir, binding: "packed" });
      expect(constraints).to.deep.equal({ nonLinear: 1128, linear: 56, total: 1184 });
      // 64 inputs of 5 digits; 32 sums; their digits and saturation; 10 sums; differences to the greatest. Words: 3 and the context.
      expect(costs).to.deep.equal({ input: 320, words: 4, nodes: [32, 592, 10, 226] });
      expect(words).to.equal(4);
      const circuit = await open(graph);
      expect(circuit.r1cs.publics).to.equal(4);
      expect([0, 1, 2, 3].map((i) => circuit.wire(`main.words[${i}]`))).to.deep.equal([1, 2, 3, 4]);
    });

    it("refuses another value of any one signal, but for those that no output depends on", async () => {
      const circuit = await open(graph);
      const given = statement(graph, [...legalInputs(graph.input, 9)].at(-1) as bigint[]);
      const honest = circuit.witness(given);
      const seen = new Set<string>();
      const harmless: string[] = [];
      for (const name of circuit.signals) {
        const value = circuit.value(honest, name);
        seen.add(name.replaceAll(/_\d+_\d+|\[\d+\]|_\d+/g, ""));
        for (const forged of [value === 0n ? 1n : 0n, value + 1n, value - 1n]) {
          if (toScalar(forged) === value) continue;
          if (circuit.bears(honest, name, forged)) harmless.push(name);
        }
      }
      // Free by design: `lift` where it is multiplied by 0, and the digits of an interval, which say no more than "inside".
      const free = /\.lift$|^main\.InInterval_[^.]*\.digit\[\d+\]$/;
      expect(harmless.filter((name) => !free.test(name))).to.deep.equal([]);
      const sum = circuit.signals.filter((name) => /^main\.InInterval_[^.]*\.digit\[[1-4]\]$/.test(name));
      expect(sum.length, "digits of 64 inputs in [0, 16] that have signals").to.equal(64 * 4);
      expect(
        [...seen].some((kind) => kind.endsWith("hot")),
        "one-hot signals",
      ).to.equal(true);
      expect(
        [...seen].some((kind) => kind.endsWith("digit")),
        "digits",
      ).to.equal(true);
      expect(seen.has("main.words") && seen.has("main.x"), "words and inputs").to.equal(true);
    });

    it("refuses the witness of another input or output under these words", async () => {
      const circuit = await open(graph);
      const [one, two] = [...legalInputs(graph.input, 12)].slice(-2).map((x) => statement(graph, x)) as [
        ReturnType<typeof statement>,
        ReturnType<typeof statement>,
      ];
      const honest = circuit.witness(one);
      const other = circuit.witness(two);
      const swapped = [honest[0] as bigint, ...honest.slice(1, 5), ...other.slice(5)];
      circuit.expectRefused(swapped, "wires of another input");
      for (let index = 1; index < 4; index++) {
        if (one.words[index] === two.words[index]) continue;
        circuit.expectRefused(
          circuit.edit(honest, { [`main.words[${index}]`]: two.words[index] as bigint }),
          `word ${index}`,
        );
      }
    });

    it("binds the context", async () => {
      const circuit = await open(graph);
      const honest = circuit.witness(statement(graph, [...legalInputs(graph.input, 3)][2] as bigint[]));
      circuit.expectRefused(circuit.edit(honest, { "main.words[0]": 5n }), "another context");
    });
  });

  describe("refuses graphs that it could not prove soundly", () => {
    const [, graph] = small[0] as (typeof small)[number];
    const change = (edit: (copy: Loose) => void): IntegerGraph => {
      const copy = structuredClone(graph) as unknown as Loose;
      edit(copy);
      return copy as unknown as IntegerGraph;
    };
    const output = (edit: Partial<TensorSpec>) => change((copy) => Object.assign(copy.output, edit));
    const refusals: readonly (readonly [string, IntegerGraph, RegExp])[] = [
      [
        "a range that is too narrow",
        change((c) => (c.ranges["relu0"] = { min: 0n, max: 3n })),
        /wrong at ranges\.relu0/,
      ],
      ["a tensor without a range", change((c) => delete c.ranges["dense0"]), /ranges\.dense0: it says nothing/],
      [
        "a weight that is no integer",
        change((c) => (at(c.nodes[0].weights, 0)[0] = 0.5)),
        /weights\.0\.0: it says 0\.5/,
      ],
      ["a NaN bias", change((c) => (c.nodes[0].bias[0] = Number.NaN)), /bias\.0: it says NaN/],
      ["a missing weight", change((c) => at(c.nodes[0].weights, 2).pop()), /weights\.2: it says 5 elements, 6 follows/],
      ["a missing bias", change((c) => c.nodes[0].bias.pop()), /bias: it says 4 elements, 5 follows/],
      ["rows that do not divide the input", change((c) => (c.nodes[0].rows = 4)), /rows: it says 4, a divisor of 6/],
      ["a tensor nobody makes", change((c) => (c.nodes[1].input = "ghost")), /nodes\.relu0\.input: it says ghost/],
      ["a tensor made twice", change((c) => (c.nodes[1].output = "dense0")), /nodes\.relu0\.output: it says dense0/],
      ["an empty clamp", change((c) => (c.nodes[1].clamp = { min: 3n, max: 2n })), /clamp: it says \[3, 2\]/],
      ["a negative shift", change((c) => (c.nodes[1].shift = -1)), /shift: it says -1/],
      [
        "an input range outside of its dtype",
        change((c) => (c.input.range.max = 256n)),
        /range \[0, 256\] does not fit u8/,
      ],
      ["an output of other dims", output({ dims: [2] }), /output\.dims: it says 2 elements/],
      ["an output that nobody makes", output({ name: "ghost" }), /output\.name: it says ghost/],
      ["an output that is the input", change((c) => (c.output = { ...c.input })), /output\.name: it says x/],
      [
        "a width that is not the one made",
        change((c) => (c.widths["relu0"] = 6)),
        /widths\.relu0: it says 6, 5 follows/,
      ],
      [
        "an output range that is too narrow",
        output({ range: { min: 0n, max: 2n } }),
        /output\.range: it says \[0, 2\]/,
      ],
      ["an output range that is too wide", output({ range: { min: 0n, max: 4n } }), /output\.range: it says \[0, 4\]/],
      ["dims that cannot be encoded", change((c) => (c.input.dims = [1.5, 4])), /dims/],
    ];
    for (const [name, bad, message] of refusals) {
      it(name, () => {
        expect(() => emitCircom(bad), name)
          .to.throw(message)
          .with.property("code", "ASY-ZKML-001");
      });
    }

    it("numbers of 2^24 and more, long before any could wrap in the field", () => {
      const wide = change((c) => {
        c.nodes[0].weights = c.nodes[0].weights.map((row) => row.map(() => 2 ** 23));
      });
      expect(() => emitCircom(wide))
        .to.throw(/partial sums may reach/)
        .with.property("code", "ASY-ZKML-001");
    });

    it("an argmax over more entries than the circuit compares", () => {
      const argmax = (width: number) => {
        const node = { op: "argmax", name: "best", input: "x", output: "y", width } as const;
        return graphOf("wide", tensor("x", "u8", [width], 0n, 1n), [node]);
      };
      expect(() => elementBounds(argmax(2 ** 16))).not.to.throw();
      expect(() => elementBounds(argmax(2 ** 16 + 1)))
        .to.throw(/"best": argmax takes at most 65536/)
        .with.property("code", "ASY-ZKML-001");
    });
  });

  describe("compileCircuit", () => {
    const [, graph] = small[3] as (typeof small)[number];

    it("compiles once, then finds the circuit, and shows both", async () => {
      const folder = join(outDir, "cache");
      await rm(folder, { recursive: true, force: true });
      const steps: string[] = [];
      const options = { outDir: folder, onProgress: ({ step }: { step: string }) => void steps.push(step) };
      const first = await compileCircuit(graph, options);
      expect(steps.at(-1)).to.equal("compiled");
      const second = await compileCircuit(graph, options);
      expect(steps.at(-1)).to.equal("found in the cache");
      expect(second).to.deep.equal(first);
    });

    it("ignores what an interrupted run left and leaves nothing itself", async () => {
      const folder = join(outDir, "interrupted");
      await rm(folder, { recursive: true, force: true });
      const controller = new AbortController();
      const stopped = compileCircuit(graph, {
        outDir: folder,
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (done === 1) controller.abort();
        },
      });
      const error = await stopped.catch((caught: unknown) => caught);
      expect(error).to.have.property("code", "ASY-ZKML-003");
      expect(await readdir(folder)).to.deep.equal([]);
      await mkdir(join(folder, "deadbeef.tmp-1-aa"));
      await writeFile(join(folder, "deadbeef.tmp-1-aa", "model.r1cs"), "half");
      const both = await Promise.all([
        compileCircuit(graph, { outDir: folder }),
        compileCircuit(graph, { outDir: folder }),
      ]);
      expect(both[0]).to.deep.equal(both[1]);
    });

    it("removes what runs left long ago, and nothing else of that folder", async () => {
      const folder = join(outDir, "stale");
      await rm(folder, { recursive: true, force: true });
      const stale = `${"0a".repeat(16)}.tmp-17-00112233`;
      const own = ["notes.tmp-mine", "0a0a.tmp-17-00112233", `x${stale}`];
      for (const name of [stale, ...own]) {
        await mkdir(join(folder, name), { recursive: true });
        await utimes(join(folder, name), 1, 1);
      }
      const { folder: made } = await compileCircuit(graph, { outDir: folder });
      expect(await readdir(folder)).to.have.members([...own, basename(made)]);
    });

    it("interpolates long tables in turns, says so, and stops when it is told to", async () => {
      const tables = [1, 2, 3, 4].map((seed) => ({
        op: "lookup" as const,
        name: `table${seed}`,
        input: "x",
        output: `y${seed}`,
        min: 0,
        table: Array.from({ length: 4096 }, (_, i) => (seed * i * i) % 4093),
      }));
      const sum = { op: "linear", name: "sum", inputs: ["y1", "y2", "y3", "y4"], factors: [1, 1, 1, 1], offset: 0 };
      const long = graphOf("long", tensor("x", "u16", [1], 0n, 4095n), [...tables, { ...sum, output: "y" } as never]);
      const stop = new AbortController();
      const steps: string[] = [];
      const started = performance.now();
      setTimeout(() => stop.abort(), 300);
      const work = compileCircuit(long, {
        outDir: join(outDir, "long"),
        signal: stop.signal,
        onProgress: ({ step }) => void steps.push(step),
      });
      expect(await work.catch((caught: unknown) => caught)).to.have.property("code", "ASY-ZKML-003");
      // Each of the four takes seconds.
      expect(performance.now() - started).to.be.below(2_000);
      expect(steps).to.deep.equal(["emitting circom", "interpolating table 1 of 4"]);
    });

    for (const [what, damage] of [
      ["a witness program that is cut short", async (at) => truncate(at("model.wasm"), 100)],
      ["constraints that are others, of the same length", async (at) => flipByte(at("model.r1cs"))],
      ["constraints that are gone", async (at) => rm(at("model.r1cs"))],
      ["a folder in place of the constraints", async (at) => (await rm(at("model.r1cs")), mkdir(at("model.r1cs")))],
      ["a manifest that is cut short", async (at) => truncate(at("manifest.json"), 40)],
      ["a manifest that is no object", async (at) => writeFile(at("manifest.json"), "[1]")],
      ["a manifest without end", async (at) => truncate(at("manifest.json"), 2 ** 32)],
      ["a manifest that names other counts", async (at) => replaceIn(at("manifest.json"), '"words": 2', '"words": 3')],
    ] satisfies readonly (readonly [string, (at: (file: string) => string) => Promise<unknown>])[]) {
      it(`compiles again in place of ${what}`, async () => {
        const options = { outDir: join(outDir, "damaged") };
        const good = await compileCircuit(graph, options);
        const constraints = await readFile(good.r1csPath);
        await damage((file) => join(good.folder, file));
        const steps: string[] = [];
        const again = await compileCircuit(graph, { ...options, onProgress: ({ step }) => void steps.push(step) });
        expect(steps.at(-1)).to.equal("compiled");
        expect(again).to.deep.equal(good);
        expect(await readFile(again.r1csPath)).to.deep.equal(constraints);
        expect(await readdir(options.outDir)).to.have.length(1);
      });
    }
  });
});

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path, bytes);
}

async function replaceIn(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, "utf8");
  expect(text).to.contain(from);
  await writeFile(path, text.replace(from, to));
}
