import type {
  DenseNode,
  GatherNode,
  IntegerGraph,
  IntegerNode,
  LinearNode,
  MatMulNode,
  PairNode,
  RequantiseNode,
  RowsNode,
} from "../../graph/types.ts";
import { emitConv } from "./conv.ts";
import { FLOAT, INT32, INT64, type OnnxParts } from "./parts.ts";

/** Lengths and ranges of tensors. */
type Sizes = Pick<IntegerGraph, "widths" | "ranges">;

function emitDense(parts: OnnxParts, { input, output, rows, weights, bias }: DenseNode): void {
  const [outer, inner] = [weights.length, weights[0]?.length ?? 0];
  const columns: number[] = [];
  for (let i = 0; i < inner; i++) for (const row of weights) columns.push(row[i]!);
  const from = rows === 1 ? input : parts.reshape(input, [rows, inner], ".rows");
  const product = parts.step("MatMul", [from, parts.floats("weights", [inner, outer], columns)], "product");
  const added = [product, parts.floats("bias", [1, outer], bias)];
  if (rows === 1) parts.add("Add", added, output);
  else parts.reshape(parts.step("Add", added, "sums"), [1, rows * outer], output);
}

function emitGather(parts: OnnxParts, { inputs, output, constants, index }: GatherNode, { widths }: Sizes): void {
  const sources = [...inputs];
  if (constants.length > 0) sources.push(parts.floats("constants", [1, constants.length], constants));
  const total = inputs.reduce((sum, tensor) => sum + (widths[tensor] ?? 0), constants.length);
  const whole = index.length === total && index.every((from, at) => from === at);
  const [only = ""] = sources;
  if (whole && sources.length === 1) parts.add("Identity", [only], output);
  else if (whole) parts.add("Concat", sources, output, { axis: 1 });
  else {
    const all = sources.length === 1 ? only : parts.step("Concat", sources, "all", { axis: 1 });
    parts.add("Gather", [all, parts.integers("index", index)], output, { axis: 1 });
  }
}

function emitLinear(parts: OnnxParts, { inputs, output, factors, offset }: LinearNode): void {
  const terms = inputs.map((input, k) => {
    const factor = factors[k]!;
    return factor === 1 ? input : parts.step("Mul", [input, parts.floats(`factor${k}`, [], [factor])], `term${k}`);
  });
  const sum = terms.reduce((before, term, k) => parts.step("Add", [before, term], `sum${k}`));
  parts.add("Add", [sum, parts.floats("offset", [], [offset])], output);
}

function emitRows(parts: OnnxParts, { op, input, output, width }: RowsNode, { widths }: Sizes): void {
  const rows = (widths[input] ?? 0) / width;
  const from = parts.reshape(input, [rows, width], ".rows");
  const made = () => {
    switch (op) {
      case "sum":
        return parts.step("ReduceSum", [from, parts.integers("axes", [1])], "sums", { keepdims: 0 });
      case "max":
        return parts.step("ReduceMax", [from], "greatest", { axes: [1], keepdims: 0 });
      case "argmax":
        return parts.step("Cast", [parts.step("ArgMax", [from], "places", ARGMAX)], "floats", { to: FLOAT });
    }
  };
  parts.reshape(made(), [1, rows], output);
}

const ARGMAX = { axis: 1, keepdims: 0, select_last_index: 0 } as const;

/** The label as int64 [1]: the last node of a graph, an argmax of one row. */
export function emitLabel(parts: OnnxParts, { input, output }: RowsNode): void {
  parts.add("ArgMax", [input], output, ARGMAX);
}

function emitRequantise(parts: OnnxParts, { input, output, shift, clamp }: RequantiseNode): void {
  let from = input;
  if (shift > 0) {
    from = parts.step("Mul", [from, parts.floats("factor", [], [2 ** -shift])], "scaled");
    from = parts.step("Add", [from, parts.floats("half", [], [0.5])], "shifted");
    from = parts.step("Floor", [from], "rounded");
  }
  const [min, max] = [Number(clamp.min), Number(clamp.max)];
  parts.add("Clip", [from, parts.floats("min", [], [min]), parts.floats("max", [], [max])], output);
}

/**
 * floor((2 left + right) / (2 right)). Floats hold each step's integers exactly, but not every provider divides them
 * with the right rounding: the division itself is one of integers. That cuts towards 0, which is one too high where the
 * remainder is negative.
 */
function emitDivide(parts: OnnxParts, { left, right, output }: PairNode, { ranges }: Sizes): void {
  const two = parts.floats("two", [], [2]);
  // At least 1 in any verified graph; an integer division by 0, on input out of range, would end the process.
  const divisor = parts.step("Max", [right, parts.floats("one", [], [1])], "divisor");
  const dividend = parts.step("Add", [parts.step("Mul", [left, two], "twice"), divisor], "dividend");
  const double = parts.step("Mul", [divisor, two], "double");
  const whole = (name: string) => parts.step("Cast", [name], `${name.split(".").at(-1)}32`, { to: INT32 });
  const cut = parts.step("Div", [whole(dividend), whole(double)], "cut");
  const least = ranges[left]?.min ?? -1n;
  if (least >= 0n) {
    parts.add("Cast", [cut], output, { to: FLOAT });
    return;
  }
  const quotient = parts.step("Cast", [cut], "quotient", { to: FLOAT });
  const reached = parts.step("Mul", [quotient, double], "reached");
  const over = parts.step("Less", [dividend, reached], "over");
  parts.add("Sub", [quotient, parts.step("Cast", [over], "excess", { to: FLOAT })], output);
}

function emitMatMul(parts: OnnxParts, { left, right, output, batch, m, k, n }: MatMulNode): void {
  const operands = [parts.reshape(left, [batch, m, k], ".left"), parts.reshape(right, [batch, k, n], ".right")];
  parts.reshape(parts.step("MatMul", operands, "product"), [1, batch * m * n], output);
}

/** Adds a node; each tensor of the graph is float32 [1, width] under its own name. */
export function emitNode(parts: OnnxParts, node: IntegerNode, sizes: Sizes): void {
  parts.begin(node.name);
  const widthOf = (tensor: string) => sizes.widths[tensor] ?? 0;
  switch (node.op) {
    case "dense":
      return emitDense(parts, node);
    case "conv":
      return emitConv(parts, node);
    case "gather":
      return emitGather(parts, node, sizes);
    case "linear":
      return emitLinear(parts, node);
    case "scale": {
      const dims = [1, node.factors.length];
      const product = parts.step("Mul", [node.input, parts.floats("factors", dims, node.factors)], "product");
      parts.add("Add", [product, parts.floats("offsets", dims, node.offsets)], node.output);
      return;
    }
    case "sum":
    case "max":
    case "argmax":
      return emitRows(parts, node, sizes);
    case "requantise":
      return emitRequantise(parts, node);
    case "lookup": {
      const from = parts.step("Sub", [node.input, parts.floats("min", [], [node.min])], "places");
      const index = parts.step("Cast", [from], "index", { to: INT64 });
      parts.add("Gather", [parts.floats("table", [node.table.length], node.table), index], node.output, { axis: 0 });
      return;
    }
    case "multiply":
      parts.add("Mul", [node.left, node.right], node.output);
      return;
    case "greater":
      parts.add("Cast", [parts.step("Greater", [node.left, node.right], "above")], node.output, { to: FLOAT });
      return;
    case "divide":
      return emitDivide(parts, node, sizes);
    case "matmul":
      return emitMatMul(parts, node);
    case "onehot": {
      const count = widthOf(node.input);
      const places = parts.floats(
        "places",
        [1, node.size],
        Array.from({ length: node.size }, (_, k) => k),
      );
      const equal = parts.step("Equal", [parts.reshape(node.input, [count, 1], ".column"), places], "equal");
      parts.reshape(parts.step("Cast", [equal], "floats", { to: FLOAT }), [1, count * node.size], node.output);
    }
  }
}
