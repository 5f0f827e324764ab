import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { compileCircuit, type CompiledCircuit } from "../../compiler/src/emit/circom/compile.ts";
import type { IntegerGraph, IntegerNode } from "../../compiler/src/graph/types.ts";
import { interpret } from "../../compiler/src/interpret/interpret.ts";
import { wordsOf } from "../../compiler/src/prove/words.ts";
import { toScalar } from "../../compiler/src/setup/field.ts";
import { Adversary } from "../support/adversary.ts";
import { CircuitTester } from "../support/circuit.ts";
import { undetermined } from "../support/determined.ts";
import { OPS, randomDag } from "../support/random-dags.ts";
import { encodeTensor, legalInputs } from "../support/random-graphs.ts";

/** How many graphs of mixed ops there are beside the one of each op, and the seed of the first. */
const MIXED = Number(process.env["ASSAY_GRAPHS"] ?? 4);
const SEED = Number(process.env["ASSAY_SEED"] ?? 30_000);

const outDir = fileURLToPath(new URL("../../build/test/zkml", import.meta.url));
const context = Uint8Array.from({ length: 31 }, (_, i) => 7 * i + 3);

/**
 * Signals with more than one right value, on which no output depends: the digits that show that a number is in an
 * interval, and a `lift` that is multiplied by 0.
 */
const FREE = /^main\.InInterval_[^.]*\.digit\[|\.(?:within(?:\[\d+\])?|quotient|remainder|room)\.digit\[|\.lift$/;

/** What a node's prover chooses, and constraints then check: all else is computed from it and from the input. */
const HINTS: Partial<Record<IntegerNode["op"], RegExp>> = {
  requantise: /\.(?:digit\[\d+\]|lift)$/,
  argmax: /\.(?:digit|hot)\[\d+\]$/,
  max: /\.(?:digit|best)\[\d+\]$/,
  greater: /\.digit\[\d+\]$/,
  divide: /\.digit\[\d+\]$/,
};
/** Input and context: what a statement is about. */
const GIVEN = ["main.x[", "main.words[0]"] as const;

/** Ops whose result is itself a hint. */
const CHOSEN: ReadonlySet<IntegerNode["op"]> = new Set(["max", "greater", "divide", "onehot"]);

interface Fixture {
  readonly graph: IntegerGraph;
  readonly compiled: CompiledCircuit;
  readonly circuit: CircuitTester;
}

async function open(graph: IntegerGraph): Promise<Fixture> {
  const compiled = await compileCircuit(graph, { outDir, binding: "packed" });
  return { graph, compiled, circuit: await CircuitTester.files(join(compiled.folder, "model")) };
}

const outputOf = (graph: IntegerGraph, x: readonly bigint[]) => interpret(graph, x).output.map(BigInt);

function statement(graph: IntegerGraph, x: readonly bigint[], output = outputOf(graph, x)) {
  return { x, words: wordsOf(context, encodeTensor(graph.input, x), encodeTensor(graph.output, output)) };
}

const last = (graph: IntegerGraph) => [...legalInputs(graph.input, 24, 3)].at(-1) as bigint[];

/** 20 random inputs and the extremes. */
function expectAgreement({ graph, circuit }: Fixture): void {
  for (const x of legalInputs(graph.input, 24)) {
    const given = statement(graph, x);
    const witness = circuit.witness(given);
    expect(witness.slice(1, 1 + given.words.length)).to.deep.equal(given.words);
    circuit.expectAccepted(witness, `${graph.name} for [${x.join(", ")}]`);
  }
}

function expectOthersRefused({ graph, circuit }: Fixture): void {
  const x = last(graph);
  const [honest, y] = [circuit.witness(statement(graph, x)), outputOf(graph, x)];
  for (const [index, value] of y.entries()) {
    for (const wrong of [value - 1n, value + 1n]) {
      const given = statement(
        graph,
        x,
        y.map((each, at) => (at === index ? wrong : each)),
      );
      const what = `${graph.name}: output ${index} is ${wrong} for [${x.join(", ")}]`;
      expect(() => circuit.witness(given), what).to.throw("does not hold");
      const words = Object.fromEntries(given.words.map((word, at) => [`main.words[${at}]`, word]));
      circuit.expectRefused(circuit.edit(honest, words), what);
    }
  }
}

/** Every signal alone: one more, one less, and the other bit. */
function expectForgeriesRefused({ graph, circuit }: Fixture): void {
  const honest = circuit.witness(statement(graph, last(graph)));
  const harmless = circuit.signals.filter((name) => {
    const value = circuit.value(honest, name);
    const forged = [value === 0n ? 1n : 0n, value + 1n, value - 1n].filter((each) => toScalar(each) !== value);
    return forged.some((each) => circuit.bears(honest, name, each));
  });
  const unexpected = harmless.filter((name) => !FREE.test(name));
  expect(unexpected, `${graph.name}: signals that could have another value`).to.deep.equal([]);
}

function isHint(graph: IntegerGraph, name: string): boolean {
  // Digits that show the input's range, and those of numbers that lie in two words or are negative.
  if (name.startsWith("main.InInterval_") || /^main\.(?:x|t\d+)Bits\d+\[/.test(name)) return true;
  const [, kind, index] = /^main\.([nt])(\d+)[[.]/.exec(name) ?? [];
  const node = graph.nodes[Number(index)];
  if (node === undefined) return false;
  if (kind === "n") return HINTS[node.op]?.test(name) ?? false;
  // Of two, the choice is the index.
  return CHOSEN.has(node.op) || (node.op === "argmax" && node.width === 2);
}

/** Input, context and hints fix everything else: nothing is left that no constraint says. Needs no honest witness. */
function expectDetermined({ graph, circuit }: Fixture): void {
  const hints = circuit.signals.filter((name) => isHint(graph, name));
  expect(undetermined(circuit, ...GIVEN, ...hints), graph.name).to.deep.equal([]);
  // The check can fail: digits follow from nothing.
  const digits = hints.filter((name) => /^main\.n\d+[[.]/.test(name));
  if (digits.length === 0) return;
  const rest = hints.filter((name) => !digits.includes(name));
  expect(undetermined(circuit, ...GIVEN, ...rest), "without digits").not.to.deep.equal([]);
}

const rowsOf = (values: readonly number[], width: number) =>
  Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));

/** False claims about elements of every node, with a witness that suits each claim as well as any can. */
function expectClaimsRefused({ graph, circuit }: Fixture): void {
  const adversary = new Adversary(circuit, graph);
  const [, greatest = [], mixed = []] = legalInputs(graph.input, 3);
  for (const x of [greatest, mixed, last(graph)]) {
    circuit.expectAccepted(adversary.witness(context, x) ?? [], `${graph.name}: the adversary can be honest`);
    const { tensors } = interpret(graph, x);
    for (const [node, { name, output, ...rest }] of graph.nodes.entries()) {
      // One that loses: what a max must refuse though it is in its row.
      const losers =
        rest.op === "max" ? rowsOf(tensors[rest.input] ?? [], rest.width).map((row) => Math.min(...row)) : [];
      // An element without a wire is one of another tensor, or a constant.
      const wired = [...(tensors[output] ?? []).entries()].filter(([at]) => circuit.has(`main.t${node}[${at}]`));
      for (const [element, truth] of [...wired.slice(0, 2), ...wired.slice(2).slice(-2)]) {
        for (const value of new Set([truth - 1, truth + 1, 0, 1, losers[element] ?? 0])) {
          const forged = value === truth ? undefined : adversary.witness(context, x, { node, element, value });
          const what = `${graph.name}: ${name}[${element}] is ${value} for [${x.join(", ")}]`;
          if (forged !== undefined) circuit.expectRefused(forged, what);
        }
      }
    }
  }
}

describe("circuits of random graphs", () => {
  const single = OPS.map((op, at) => ({ seed: SEED - 1 - at, ops: [op] }));
  const mixed = Array.from({ length: MIXED }, (_, at) => ({ seed: SEED + at }));

  for (const options of [...single, ...mixed]) {
    const graph = randomDag(options);
    const ops = [...new Set(graph.nodes.map(({ op }) => op))].join(", ");
    it(`seed ${options.seed}: ${ops}`, async function () {
      this.timeout(120_000);
      const fixture = await open(graph);
      const { constraints, costs } = fixture.compiled;
      const all = [costs.input, costs.words, ...costs.nodes];
      expect(
        all.reduce((sum, each) => sum + each, 0),
        "costs",
      ).to.equal(constraints.total);
      expectAgreement(fixture);
      expectOthersRefused(fixture);
      expectForgeriesRefused(fixture);
      expectDetermined(fixture);
      expectClaimsRefused(fixture);
    });
  }
});
