import { OnnxUnsupportedOpError, type UnsupportedNode } from "./errors.ts";
import { operators } from "./ops/index.ts";
import type { Operator } from "./ops/types.ts";
import { domainOf } from "./opset.ts";
import type { ModelProto, NodeProto } from "./proto.ts";
import type { NamedNode } from "./structure.ts";

/** A node with its meaning. */
export interface KnownNode extends NamedNode {
  /** The operator as the registry has it: with its domain unless that is the standard one. */
  readonly op: string;
  /** Absent for an If, which is one of its branches. */
  readonly operator: Operator | undefined;
  /** Version of the operator set of its domain. */
  readonly opset: number;
}

const CONTROL_FLOW = "export without control flow: trace the model, and unroll loops";

const NOISE = "a model must give the same output for the same input; pass the noise as an input";
const LOSS = "end the model before its loss, which needs the answer as an input";

const REMEDIES: Readonly<Record<string, string>> = {
  Loop: CONTROL_FLOW,
  Scan: CONTROL_FLOW,
  SequenceMap: CONTROL_FLOW,
  "ai.onnx.ml.ZipMap": "export with zipmap switched off (skl2onnx: options={'zipmap': False})",
  NonMaxSuppression: "end the model before it, and suppress outside",
  ...Object.fromEntries(
    ["RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Bernoulli", "Multinomial"].map((op) => [
      op,
      NOISE,
    ]),
  ),
  SoftmaxCrossEntropyLoss: LOSS,
  NegativeLogLikelihoodLoss: LOSS,
};

function nameOf({ domain, op_type }: NodeProto): string {
  const known = domainOf(domain);
  return known === "" ? op_type : `${known}.${op_type}`;
}

/**
 * Gives every node its operator. A function of the file that redefines a known operator makes it unknown.
 *
 * @throws {OnnxUnsupportedOpError} listing every node whose operator has no meaning here.
 */
export function checkOperators(
  nodes: readonly NamedNode[],
  opsets: ReadonlyMap<string, number>,
  functions: ModelProto["functions"],
): readonly KnownNode[] {
  const redefined = new Set(functions.map(({ domain, name }) => `${domainOf(domain)}:${name}`));
  const unknown: UnsupportedNode[] = [];
  const known: KnownNode[] = [];
  for (const { name, proto } of nodes) {
    const op = nameOf(proto);
    const domain = domainOf(proto.domain);
    const operator = Object.hasOwn(operators, op) ? operators[op] : undefined;
    const own = redefined.has(`${domain}:${proto.op_type}`);
    if ((operator !== undefined || op === "If") && !own) {
      known.push({ name, proto, op, operator, opset: opsets.get(domain) ?? 1 });
      continue;
    }
    const listed = Object.hasOwn(REMEDIES, op) ? REMEDIES[op] : undefined;
    const remedy = own ? "export with functions inlined" : (listed ?? "write it with operators that are supported");
    unknown.push({ node: name, op, remedy });
  }
  if (unknown.length > 0) throw new OnnxUnsupportedOpError(unknown);
  return known;
}
