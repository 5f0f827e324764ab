import {
  inputsOf,
  type ConvNode,
  type DenseNode,
  type GatherNode,
  type IntegerNode,
  type Interval,
  type RequantiseNode,
} from "../../graph/types.ts";
import { requantise } from "./bounds.ts";
import { GraphNotProvableError } from "./errors.ts";
import type { Polynomials } from "./tables.ts";

/** Writes an array as a function of the program and returns the call. */
export type Define = (name: string, values: readonly unknown[]) => string;

/** What a node is written from. */
export interface NodeContext {
  readonly index: number;
  /** Name of the signal that the node makes. */
  readonly name: string;
  /** Name of the signal of a tensor, and the proven intervals of its elements. */
  readonly signalOf: (tensor: string) => string;
  readonly boundsOf: (tensor: string) => readonly Interval[];
  readonly define: Define;
  readonly polynomials: Polynomials;
  /** Place of the node's constants among the private weights, where they are private. */
  readonly constantsFrom?: number;
}

/** Lines of circom that make the signal `name` from those of the node's inputs. */
export function emitNode(node: IntegerNode, context: NodeContext): readonly string[] {
  const { index, name, signalOf, boundsOf, define } = context;
  const sources = inputsOf(node).map(signalOf);
  const bounds = inputsOf(node).map(boundsOf);
  const [a = "", b = ""] = sources;
  const [first = [], second = []] = bounds;
  const total = boundsOf(node.output).length;
  const each = (line: string, count = total) => [
    `    for (var i = 0; i < ${count}; i++) {`,
    `        ${line}`,
    "    }",
  ];
  switch (node.op) {
    case "dense":
      return dense(node, context, a, first.length);
    case "conv":
      return whole(index, name, total, conv(node, context), { in: a });
    case "gather":
      return gather(node, context, sources, bounds, total);
    case "linear": {
      const terms = sources.map((source, k) => `${node.factors[k]} * ${source}[i]`);
      return [
        `    signal ${name}[${total}];`,
        ...each(`${name}[i] <== ${[...terms, String(node.offset)].join(" + ")};`),
      ];
    }
    case "scale": {
      const [factors, offsets] = [`f${index}`, `o${index}`];
      return [
        `    var ${factors}[${total}] = ${define(`factors${index}`, node.factors)};`,
        `    var ${offsets}[${total}] = ${define(`offsets${index}`, node.offsets)};`,
        `    signal ${name}[${total}];`,
        ...each(`${name}[i] <== ${factors}[i] * ${a}[i] + ${offsets}[i];`),
      ];
    }
    case "sum":
      return [
        `    signal ${name}[${total}];`,
        `    for (var i = 0; i < ${total}; i++) {`,
        "        var sum = 0;",
        `        for (var j = 0; j < ${node.width}; j++) {`,
        `            sum += ${a}[i * ${node.width} + j];`,
        "        }",
        `        ${name}[i] <== sum;`,
        "    }",
      ];
    case "max": {
      const ends = [`low${index}`, `high${index}`] as const;
      return [
        `    var ${ends[0]}[${total}][${node.width}] = ${define(
          `${ends[0]}Of`,
          rowsOf(first, node.width, ({ min }) => min),
        )};`,
        `    var ${ends[1]}[${total}][${node.width}] = ${define(
          `${ends[1]}Of`,
          rowsOf(first, node.width, ({ max }) => max),
        )};`,
        ...rows(context, total, node.width, a, `MaxRow(${node.width}, ${ends[0]}[r], ${ends[1]}[r])`),
      ];
    }
    case "argmax": {
      const spans = chunk(first, node.width).map((row) => {
        const greatest = row.reduce((top, { max }) => (max > top ? max : top), row[0]?.max ?? 0n);
        return row.map(({ min }) => greatest - min);
      });
      return [
        `    var s${index}[${total}][${node.width}] = ${define(`span${index}`, spans)};`,
        ...rows(context, total, node.width, a, `ArgMax(${node.width}, s${index}[r])`),
      ];
    }
    case "requantise":
      return requantiseLayer(node, context, a, first);
    case "lookup": {
      const coefficients = define(`polynomial${index}`, context.polynomials(node));
      return [
        `    var c${index}[${node.table.length}] = ${coefficients};`,
        ...elements(index, name, total, `Lookup(${node.table.length}, c${index})`, { in: a }),
      ];
    }
    case "multiply":
      return whole(index, name, total, `Multiply(${total})`, { left: a, right: b });
    case "greater": {
      const low = first.map(({ min }, i) => min - (second[i]?.max ?? 0n));
      const high = first.map(({ max }, i) => max - (second[i]?.min ?? 0n));
      return [
        `    var low${index}[${total}] = ${define(`least${index}`, low)};`,
        `    var high${index}[${total}] = ${define(`most${index}`, high)};`,
        ...elements(index, name, total, `Greater(low${index}[i], high${index}[i])`, { left: a, right: b }),
      ];
    }
    case "divide": {
      const made = boundsOf(node.output);
      const arrays = [made.map(({ min }) => min), made.map(({ max }) => max), second.map(({ max }) => max)];
      const vars = ["low", "high", "divisor"].map((each_) => `${each_}${index}`);
      return [
        ...vars.map((each_, k) => `    var ${each_}[${total}] = ${define(`${each_}OfDivide`, arrays[k] ?? [])};`),
        ...elements(index, name, total, `Divide(${vars.map((each_) => `${each_}[i]`).join(", ")})`, {
          left: a,
          right: b,
        }),
      ];
    }
    case "matmul": {
      const { batch, m, k, n } = node;
      return whole(index, name, total, `MatMul(${batch}, ${m}, ${k}, ${n})`, { left: a, right: b });
    }
    case "onehot":
      return [
        `    component n${index}[${first.length}];`,
        `    signal ${name}[${total}];`,
        `    for (var i = 0; i < ${first.length}; i++) {`,
        `        n${index}[i] = OneHot(${node.size});`,
        `        n${index}[i].in <== ${a}[i];`,
        `        for (var k = 0; k < ${node.size}; k++) {`,
        `            ${name}[i * ${node.size} + k] <== n${index}[i].out[k];`,
        "        }",
        "    }",
      ];
  }
}

type Wires = Readonly<Record<string, string>>;

/** One component for the whole node; components are named so that constraints can be counted by node. */
function whole(index: number, name: string, total: number, template: string, wires: Wires): readonly string[] {
  return [
    `    component n${index} = ${template};`,
    ...Object.entries(wires).map(([input, source]) => `    n${index}.${input} <== ${source};`),
    `    signal ${name}[${total}] <== n${index}.out;`,
  ];
}

/** One component for each element. */
function elements(index: number, name: string, total: number, template: string, wires: Wires): readonly string[] {
  return [
    `    component n${index}[${total}];`,
    `    signal ${name}[${total}];`,
    `    for (var i = 0; i < ${total}; i++) {`,
    `        n${index}[i] = ${template};`,
    ...Object.entries(wires).map(([input, source]) => `        n${index}[i].${input} <== ${source}[i];`),
    `        ${name}[i] <== n${index}[i].out;`,
    "    }",
  ];
}

function chunk<T>(values: readonly T[], width: number): T[][] {
  return Array.from({ length: values.length / width }, (_, row) => values.slice(row * width, (row + 1) * width));
}

function rowsOf(bounds: readonly Interval[], width: number, end: (interval: Interval) => bigint): bigint[][] {
  return chunk(bounds, width).map((row) => row.map(end));
}

/** One component for each row of `width` elements, which has `in` and `out`. */
function rows({ index, name }: NodeContext, count: number, width: number, source: string, template: string) {
  return [
    `    signal ${name}[${count}];`,
    `    component n${index}[${count}];`,
    `    for (var r = 0; r < ${count}; r++) {`,
    `        n${index}[r] = ${template};`,
    `        for (var i = 0; i < ${width}; i++) {`,
    `            n${index}[r].in[i] <== ${source}[r * ${width} + i];`,
    "        }",
    `        ${name}[r] <== n${index}[r].out;`,
    "    }",
  ];
}

function dense(node: DenseNode, { index, name, define }: NodeContext, source: string, width: number) {
  const weights = define(`weights${index}`, node.weights);
  const bias = define(`bias${index}`, node.bias);
  const [outer, inner] = [node.weights.length, width / node.rows];
  const call = `Dense(${node.rows}, ${inner}, ${outer}, ${weights}, ${bias})`;
  return whole(index, name, node.rows * outer, call, { in: source });
}

function conv({ shape, weights, bias }: ConvNode, { index, define }: NodeContext): string {
  const { channels, size, outputs, kernel, strides, pads, dilations, groups } = shape;
  const list = (values: readonly number[]) => `[${values.join(", ")}]`;
  return `Conv(${[
    channels,
    list(size),
    outputs,
    list(kernel),
    list(strides),
    list(pads),
    list(dilations),
    groups,
    define(`weights${index}`, weights),
    define(`bias${index}`, bias),
  ].join(", ")})`;
}

function gather(
  node: GatherNode,
  { index, name, define, constantsFrom }: NodeContext,
  sources: readonly string[],
  bounds: readonly (readonly Interval[])[],
  total: number,
): readonly string[] {
  const lines: string[] = [];
  const length = bounds.reduce((sum, each) => sum + each.length, 0);
  let from = sources[0] ?? "";
  if (sources.length > 1) {
    from = `all${index}`;
    lines.push(`    signal ${from}[${length}];`);
    let at = 0;
    for (const [k, source] of sources.entries()) {
      const count = bounds[k]?.length ?? 0;
      lines.push(`    for (var i = 0; i < ${count}; i++) {`, `        ${from}[i + ${at}] <== ${source}[i];`, "    }");
      at += count;
    }
  }
  lines.push(
    `    var index${index}[${total}] = ${define(`indexOf${index}`, node.index)};`,
    `    signal ${name}[${total}];`,
  );
  const fixed = node.constants.length;
  if (fixed > 0 && constantsFrom === undefined)
    lines.push(`    var constant${index}[${fixed}] = ${define(`constantOf${index}`, node.constants)};`);
  const place = `index${index}[i]`;
  const wire = `${name}[i] <== ${from}[${place}];`;
  const constant =
    constantsFrom === undefined
      ? `${name}[i] <== constant${index}[${place} - ${length}];`
      : `${name}[i] <== weights[${place} - ${length} + ${constantsFrom}];`;
  lines.push(`    for (var i = 0; i < ${total}; i++) {`);
  if (fixed === 0) lines.push(`        ${wire}`);
  else if (length === 0) lines.push(`        ${constant}`);
  else {
    lines.push(`        if (${place} < ${length}) {`, `            ${wire}`, "        } else {");
    lines.push(`            ${constant}`, "        }");
  }
  lines.push("    }");
  return lines;
}

function requantiseLayer(
  node: RequantiseNode,
  { index, name, define }: NodeContext,
  source: string,
  input: readonly Interval[],
): readonly string[] {
  const { shift, clamp } = node;
  const widths: number[] = [];
  const signs: number[] = [];
  const constants: bigint[] = [];
  for (const [j, { min, max }] of input.entries()) {
    const offset = (shift === 0 ? 0n : 1n << BigInt(shift - 1)) - (clamp.min << BigInt(shift));
    const low = min + offset;
    const high = max + offset;
    const atMin = requantise(min, node);
    // The function never falls, so equal ends mean one result for the whole interval.
    const constant = atMin === requantise(max, node);
    const signed = !constant && low < 0n;
    const width = constant ? 0 : signed ? 1 + Math.max(bitLength(-low - 1n), bitLength(high)) : bitLength(high);
    if (width > 252) {
      throw new GraphNotProvableError(
        `node "${node.name}": element ${j} needs ${width} digits; the field has room for 252`,
      );
    }
    widths.push(width);
    signs.push(signed ? 1 : 0);
    constants.push(constant ? atMin : 0n);
  }
  const parameters = [
    input.length,
    shift,
    clamp.min,
    clamp.max,
    define(`signed${index}`, signs),
    define(`width${index}`, widths),
    define(`constant${index}`, constants),
  ];
  return whole(index, name, input.length, `RequantiseLayer(${parameters.join(", ")})`, { in: source });
}

export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
