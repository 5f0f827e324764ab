import { chainStart, PACKED_BINDING, type ZkBinding } from "@assay/sdk";

import type { IntegerGraph, Interval } from "../../graph/types.ts";
import { elementBounds } from "./bounds.ts";
import { GraphNotProvableError } from "./errors.ts";
import { dtypeInterval, WORD_BYTES, publicLayout, wordCount, type PortLayout, type PublicLayout } from "./layout.ts";
import { bitLength, emitNode, type Define } from "./nodes.ts";
import { privateBounds } from "./private-bounds.ts";
import { emitPrivateNode } from "./private-nodes.ts";
import { weightInputs } from "./private-weights.ts";
import { polynomialsOf, type Polynomials } from "./tables.ts";
import { weightChecks } from "./weights-commitment.ts";

/** Part of the cache key; raised whenever the emitted program changes for the same graph. */
export const EMITTER_VERSION = "2";

/** Templates that programs are composed of, in the `circuits` folder. */
export const TEMPLATES = [
  "lib/bits.circom",
  "lib/combination.circom",
  "lib/interval.circom",
  "lib/pack.circom",
  "nn/argmax.circom",
  "nn/conv.circom",
  "nn/dense.circom",
  "nn/divide.circom",
  "nn/greater.circom",
  "nn/lookup.circom",
  "nn/matmul.circom",
  "nn/max.circom",
  "nn/multiply.circom",
  "nn/onehot.circom",
  "nn/requantise.circom",
] as const;

/** Templates that programs need besides, which hash words: all but those that are packed and public. */
export const HASHING_TEMPLATES = ["lib/fingerprint.circom", "lib/poseidon-chain.circom", "lib/words.circom"] as const;

/** Templates that programs with private weights need besides those that hash. */
export const PRIVATE_TEMPLATES = ["lib/private-weights.circom", "nn/private-dense.circom"] as const;

/** A circom program and the layout of its public words. */
export interface CircomProgram {
  /** The program's text; its includes are `templates`. */
  readonly source: string;
  /** Files of the `circuits` folder that the program includes. With any of `HASHING_TEMPLATES` it needs circomlib, too. */
  readonly templates: readonly string[];
  readonly layout: PublicLayout;
}

/** A number that lies in a public word. */
interface Piece {
  readonly expression: string;
  readonly word: number;
  readonly shift: number;
}

/**
 * Writes the circom program of an integer graph, the same text for the same graph.
 *
 * Signals: public `words[W]`, see `IZkVerifier`; private `x[N]`, the input's elements in row-major order, and for a
 * committed port `inputSalt` or `outputSalt`. The program holds for `words` if and only if they spell an input inside of its
 * range and the graph's output for it, each in the open words or under its commitment.
 *
 * With private weights, those are inputs as well, and the program holds for the weights under the graph's commitment only.
 *
 * Not shown by the proof: anything about the context, which is bound to the proof but takes part in no computation. That a
 * fingerprint's words are those of the statement follows only if its point is the one that `IZkVerifier` prescribes.
 *
 * @param polynomials those of its tables, where they are known; to make them can take seconds for each
 * @throws {GraphNotProvableError} when the graph breaks a rule that soundness rests on.
 */
export function emitCircom(
  graph: IntegerGraph,
  binding: ZkBinding = PACKED_BINDING,
  polynomials: Polynomials = polynomialsOf(),
): CircomProgram {
  const layout = publicLayout(graph, binding);
  const hidden = graph.weightsSalt !== undefined;
  const bounds = hidden ? privateBounds(graph) : elementBounds(graph);
  const result = graph.output.name === graph.input.name ? undefined : bounds.get(graph.output.name);
  if (result === undefined || result.length !== layout.output.elements) {
    throw new GraphNotProvableError(
      `output "${graph.output.name}": dims [${graph.output.dims.join(", ")}] for ${result?.length ?? "no"} elements made`,
    );
  }
  for (const [index, { min, max }] of result.entries()) {
    // What private weights can make is wider than what these do; the graph's range is that of these.
    const range = hidden ? dtypeInterval(graph.output.dtype) : graph.output.range;
    if (min < range.min || max > range.max) {
      throw new GraphNotProvableError(
        `output "${graph.output.name}": element ${index} can be in [${min}, ${max}], outside of [${range.min}, ${range.max}]`,
      );
    }
  }

  const functions: string[] = [];
  const body: string[] = [];
  const names = new Map<string, string>([[graph.input.name, "x"]]);

  const define = (name: string, values: readonly unknown[]): string => {
    functions.push(`function ${name}() {\n    return ${literal(values, "    ")};\n}\n`);
    return `${name}()`;
  };

  body.push(...inputChecks(graph.input.range, layout.input.elements));
  const inputPieces = portPieces(layout.input, bounds.get(graph.input.name) ?? [], "x", body);

  if (hidden) body.push(...weightChecks(graph));

  for (const [index, node] of graph.nodes.entries()) {
    const name = `t${index}`;
    names.set(node.output, name);
    body.push("", `    // ${node.op}: ${plain(node.name)}`);
    const signalOf = (tensor: string) => names.get(tensor) as string;
    const boundsOf = (tensor: string) => bounds.get(tensor) ?? [];
    const context = { index, name, signalOf, boundsOf, define, polynomials };
    body.push(...(hidden ? emitPrivateNode(graph, node, context) : emitNode(node, context)));
  }

  body.push("");
  const made = names.get(graph.output.name) as string;
  const outputPieces = portPieces(layout.output, result, made, body);
  body.push(...bind(layout, inputPieces, outputPieces, define));

  const open31 = binding.mode === "packed" && binding.input === "public" && binding.output === "public";
  const templates = [
    ...TEMPLATES,
    ...(open31 && !hidden ? [] : HASHING_TEMPLATES),
    ...(hidden ? PRIVATE_TEMPLATES : []),
  ];
  const source = [
    `// Generated by Assay's circom emitter, version ${EMITTER_VERSION}, from the graph "${plain(graph.name)}". Do not edit.`,
    "pragma circom 2.2.0;",
    "",
    ...templates.map((template) => `include "${template}";`),
    "",
    ...functions,
    "template Model() {",
    `    signal input words[${layout.words}];`,
    `    signal input x[${layout.input.elements}];`,
    ...(["input", "output"] as const)
      .filter((name) => binding[name] === "committed")
      .map((name) => `    signal input ${name}Salt;`),
    ...Object.entries(weightInputs(graph)).map(([name, values]) =>
      name === "weights" ? `    signal input ${name}[${values.length}];` : `    signal input ${name};`,
    ),
    "",
    ...(binding.mode === "packed" ? CONTEXT : []),
    ...body,
    "}",
    "",
    "component main {public [words]} = Model();",
    "",
  ].join("\n");
  return { source, templates, layout };
}

const CONTEXT = [
  "    // The context takes part in no computation. Its square ties it to the proof: without a constraint, a public word's",
  "    // share of the verification equation would rest on what the setup happens to add for unused ones.",
  "    signal context <== words[0] * words[0];",
  "",
] as const;

function inputChecks(range: Interval, elements: number): readonly string[] {
  return [
    `    // input: ${elements} elements in [${range.min}, ${range.max}]`,
    `    for (var i = 0; i < ${elements}; i++) {`,
    `        InInterval(${range.min}, ${range.max})(x[i]);`,
    "    }",
  ];
}

/**
 * Cuts a port's elements into numbers that each lie in one word. A non-negative element whose low bytes are in one word is
 * such a number as it is; any other is taken apart into the bits of its two's complement form.
 */
function portPieces(port: PortLayout, bounds: readonly Interval[], signal: string, body: string[]): readonly Piece[] {
  const pieces: Piece[] = [];
  const { bytesPerElement: size } = port;
  const data = port.offset + port.header.length;
  for (const [index, { min, max }] of bounds.entries()) {
    const last = data + (index + 1) * size - 1;
    const first = last - Math.max(1, Math.ceil(bitLength(max) / 8)) + 1;
    if (min >= 0n && wordOf(first) === wordOf(last)) {
      pieces.push({ expression: `${signal}[${index}]`, word: wordOf(last), shift: shiftOf(last) });
      continue;
    }
    const bits = `${signal}Bits${index}`;
    if (min >= 0n) {
      const width = bitLength(max);
      body.push(`    signal ${bits}[${width}] <== Bits(${width})(${signal}[${index}]);`);
      for (let bit = 0; bit < width; bit++) pieces.push(bitPiece(bits, bit, last));
    } else {
      const width = 1 + Math.max(bitLength(-min - 1n), max < 0n ? 0 : bitLength(max));
      body.push(`    signal ${bits}[${8 * size}] <== TwosComplement(${width}, ${8 * size})(${signal}[${index}]);`);
      for (let bit = 0; bit < 8 * size; bit++) pieces.push(bitPiece(bits, bit, last));
    }
  }
  return pieces;
}

function bitPiece(bits: string, bit: number, lastByte: number): Piece {
  const byte = lastByte - Math.floor(bit / 8);
  return { expression: `${bits}[${bit}]`, word: wordOf(byte), shift: shiftOf(byte) + (bit % 8) };
}

function wordOf(byte: number): number {
  return Math.floor(byte / WORD_BYTES);
}

/** Places by which a byte is shifted left in its big-endian word. */
function shiftOf(byte: number): number {
  return 8 * (WORD_BYTES - 1 - (byte % WORD_BYTES));
}

/** The public words from the pieces of both ports. */
function bind(
  layout: PublicLayout,
  inputPieces: readonly Piece[],
  outputPieces: readonly Piece[],
  define: Define,
): readonly string[] {
  const { binding, input, output, openWords } = layout;
  const ports = [
    { name: "input", port: input, pieces: inputPieces },
    { name: "output", port: output, pieces: outputPieces },
  ].map((each) => ({ ...each, open: each.port.visibility === "public" }));
  const open = ports.filter((each) => each.open);
  const pieces = open.flatMap((each) => each.pieces);
  const parameters = packing("", openWords, open, define);
  const lines: string[] = [];
  if (binding.mode === "packed" && openWords > 0) {
    lines.push(
      "",
      "    // words 1 and up: input and output, headers included",
      `    signal piece[${pieces.length}];`,
      ...runs("piece", pieces),
      `    signal body[${openWords}];`,
      `    for (var k = 0; k < ${openWords}; k++) {`,
      "        body[k] <== words[k + 1];",
      "    }",
      `    Pack(${parameters})(piece, body);`,
    );
  }
  if (binding.mode === "fingerprint") {
    lines.push(
      "",
      "    // words 0 to 2: hash of the open words, point, value of their polynomial at the point",
      `    signal piece[${pieces.length}];`,
      ...runs("piece", pieces),
      `    signal body[${openWords}] <== Words(${parameters})(piece);`,
      `    signal wordsHash <== PoseidonChain(${openWords}, ${chainStart("words", openWords)})(body);`,
      "    words[0] === wordsHash;",
      `    signal wordsValue <== Fingerprint(${openWords})(body, words[1]);`,
      "    words[2] === wordsValue;",
    );
  }
  const closed = ports.filter((each) => !each.open);
  for (const [index, each] of closed.entries()) {
    const count = wordCount(each.port.byteLength);
    const place = layout.words - closed.length + index;
    const [piece, body, salted] = ["Piece", "Body", "Salted"].map((kind) => `${each.name}${kind}`) as [
      string,
      string,
      string,
    ];
    lines.push(
      "",
      `    // word ${place}: commitment to the ${each.name}, header included`,
      `    signal ${piece}[${each.pieces.length}];`,
      ...runs(piece, each.pieces),
      `    signal ${body}[${count}] <== Words(${packing(each.name, count, [each], define)})(${piece});`,
      `    signal ${salted}[${count + 1}];`,
      `    ${salted}[0] <== ${each.name}Salt;`,
      `    for (var k = 0; k < ${count}; k++) {`,
      `        ${salted}[k + 1] <== ${body}[k];`,
      "    }",
      `    signal ${each.name}Hash <== PoseidonChain(${count + 1}, ${chainStart("commitment", count + 1)})(${salted});`,
      `    words[${place}] === ${each.name}Hash;`,
    );
  }
  return lines;
}

/** Parameters of `Pack` and `Words` for ports that share a stream. */
function packing(
  name: string,
  count: number,
  ports: readonly { readonly port: PortLayout; readonly pieces: readonly Piece[] }[],
  define: Define,
): string {
  if (count === 0) return "";
  const fixed = Array.from({ length: count }, () => 0n);
  for (const { offset, header } of ports.map(({ port }) => port)) {
    for (const [index, byte] of header.entries()) {
      const at = offset + index;
      fixed[wordOf(at)] = (fixed[wordOf(at)] ?? 0n) + (BigInt(byte) << BigInt(shiftOf(at)));
    }
  }
  const pieces = ports.flatMap((each) => each.pieces);
  const called = (what: string): string =>
    name === "" ? what : `${name}${what.slice(0, 1).toUpperCase()}${what.slice(1)}`;
  return [
    count,
    pieces.length,
    define(called("fixedBytes"), fixed),
    define(
      called("pieceWord"),
      pieces.map(({ word }) => word),
    ),
    define(
      called("pieceShift"),
      pieces.map(({ shift }) => shift),
    ),
  ].join(", ");
}

/** Assigns the pieces, with a loop for each run of consecutive elements of one signal. */
function runs(target: string, pieces: readonly Piece[]): readonly string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < pieces.length) {
    const [signal, from] = parts(pieces[start]);
    let end = start + 1;
    while (end < pieces.length) {
      const [nextSignal, at] = parts(pieces[end]);
      if (nextSignal !== signal || at !== from + end - start) break;
      end++;
    }
    lines.push(
      `    for (var i = 0; i < ${end - start}; i++) {`,
      `        ${target}[i + ${start}] <== ${signal}[i + ${from}];`,
      "    }",
    );
    start = end;
  }
  return lines;
}

function parts(piece: Piece | undefined): [string, number] {
  const match = /^(\w+)\[(\d+)\]$/.exec(piece?.expression ?? "");
  return [match?.[1] ?? "", Number(match?.[2] ?? 0)];
}

/** An array in circom's syntax, in lines of at most about 110 characters. */
function literal(values: readonly unknown[], indent: string): string {
  if (Array.isArray(values[0])) {
    const rows = values.map((row) => `${indent}    ${literal(row as readonly unknown[], `${indent}    `)}`);
    return `[\n${rows.join(",\n")}\n${indent}]`;
  }
  const lines: string[] = [];
  let line = "";
  for (const value of values) {
    const item = String(value);
    if (line !== "" && indent.length + line.length + item.length > 106) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? item : `, ${item}`;
  }
  lines.push(line);
  return lines.length === 1 ? `[${lines[0]}]` : `[\n${lines.map((l) => `${indent}    ${l}`).join(",\n")}\n${indent}]`;
}

/** A name without the characters that could end a comment or a line. */
function plain(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_./: -]/g, "_").slice(0, 80);
}
