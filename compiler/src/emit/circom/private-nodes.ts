import type { Intervals } from "../../graph/bounds.ts";
import { inputsOf, type ConvNode, type DenseNode, type IntegerGraph, type IntegerNode } from "../../graph/types.ts";
import { convOutput, elementCount, forEachTap } from "../../program/geometry.ts";
import { bitLength, emitNode, type NodeContext } from "./nodes.ts";
import { weightGroups, type WeightKind } from "./private-weights.ts";

/** Bits of all slots of a multiplication together; `PrivateDot` says why. */
const MOST_SLOT_BITS = 251;

/** How outputs of a layer share multiplications. */
export interface Sharing {
  /** Outputs that share. */
  readonly slots: number;
  /** Bits of a slot. */
  readonly bits: number;
  readonly constraints: number;
}

/** Sums of `outputs` slots over `products` terms in all, made at `places` places. */
function cheapest(outputs: number, products: number, places: number, bits: number): Sharing {
  let best: Sharing = { slots: 1, bits, constraints: outputs * (products + places) };
  for (let slots = 2; slots <= outputs && slots * bits <= MOST_SLOT_BITS; slots++) {
    const shares = Math.ceil(outputs / slots);
    const alone = outputs % slots === 1 ? 1 : 0;
    const constraints = shares * (products + places) + places * (outputs - alone) * bits;
    if (constraints < best.constraints) best = { slots, bits, constraints };
  }
  return best;
}

/** The sharing with the fewest constraints for a layer whose results are within `made`, whatever its weights. */
export function sharingOf(node: DenseNode | ConvNode, width: number, made: Intervals): Sharing {
  const reach = made.reduce((far, { min, max }) => {
    const size = -min > max ? -min : max;
    return size > far ? size : far;
  }, 0n);
  const bits = 1 + Math.max(1, bitLength(reach));
  if (node.op === "dense") return cheapest(node.weights.length, width, node.rows, bits);
  const { shape } = node;
  let taps = 0;
  forEachTap(shape, () => taps++);
  const places = elementCount(convOutput(shape));
  const shared = cheapest(shape.outputs / shape.groups, taps / shape.outputs, places, bits);
  return { ...shared, constraints: shape.groups * shared.constraints };
}

/** As `emitNode`, for a graph whose weights are the circuit's input `weights`. */
export function emitPrivateNode(graph: IntegerGraph, node: IntegerNode, context: NodeContext): readonly string[] {
  const { index, name, signalOf, boundsOf } = context;
  const groups = weightGroups(graph).filter((each) => each.node === index);
  const from = (kind: WeightKind) => groups.find((each) => each.kind === kind)?.from ?? 0;
  const [source = ""] = inputsOf(node).map(signalOf);
  const total = boundsOf(node.output).length;
  if (node.op === "gather") return emitNode(node, { ...context, constantsFrom: from("constants") });
  if (node.op === "scale") {
    return [
      `    signal ${name}[${total}];`,
      `    for (var i = 0; i < ${total}; i++) {`,
      `        ${name}[i] <== weights[i + ${from("factors")}] * ${source}[i] + weights[i + ${from("offsets")}];`,
      "    }",
    ];
  }
  if (node.op !== "dense" && node.op !== "conv") return emitNode(node, context);
  const width = boundsOf(node.input).length;
  const { slots, bits } = sharingOf(node, width, boundsOf(node.output));
  const feed = (port: string, kind: WeightKind) => {
    const count = groups.find((each) => each.kind === kind)?.values.length ?? 0;
    return [
      `    for (var i = 0; i < ${count}; i++) {`,
      `        n${index}.${port}[i] <== weights[i + ${from(kind)}];`,
      "    }",
    ];
  };
  return [
    `    component n${index} = ${callOf(node, width, slots, bits)};`,
    `    n${index}.in <== ${source};`,
    ...feed("weight", "weights"),
    ...feed("bias", "bias"),
    `    signal ${name}[${total}] <== n${index}.out;`,
  ];
}

function callOf(node: DenseNode | ConvNode, width: number, slots: number, bits: number): string {
  if (node.op === "dense") {
    const { rows, weights } = node;
    return `PrivateDense(${rows}, ${width / rows}, ${weights.length}, ${slots}, ${bits})`;
  }
  const { channels, size, outputs, kernel, strides, pads, dilations, groups } = node.shape;
  const list = (values: readonly number[]) => `[${values.join(", ")}]`;
  const shape = [channels, list(size), outputs, list(kernel), list(strides), list(pads), list(dilations), groups];
  return `PrivateConv(${[...shape, slots, bits].join(", ")})`;
}
