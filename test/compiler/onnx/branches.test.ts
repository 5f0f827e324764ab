import { expect } from "chai";

import {
  OnnxDanglingEdgeError,
  OnnxFormatError,
  OnnxTooLargeError,
  OnnxUnsupportedOpError,
} from "../../../compiler/src/onnx/errors.ts";
import {
  attribute,
  buildModel,
  floatTensor,
  integerTensor,
  node,
  outputInfo,
  valueInfo,
} from "../../support/onnx-builder.ts";
import { refuses } from "../../support/onnx-model.ts";
import { runImported, runOnnx } from "../../support/onnx-run.ts";

type Message = Record<string, unknown>;

const branch = (
  name: string,
  nodes: readonly Message[],
  output: string,
  initializer: readonly Message[] = [],
): Message => ({
  name,
  node: nodes,
  initializer,
  output: [outputInfo(output)],
});
const graph = (name: string, g: Message): Message => ({ name, type: 5, g });
const choose = (condition: string, yes: Message, no: Message, output = "y") =>
  node("If", [condition], output, [graph("then_branch", yes), graph("else_branch", no)]);

/** Whether x has `rank` dimensions, as exporters ask it of shapes. */
const asks = (rank: number) => [
  node("Shape", ["x"], "s"),
  node("Size", ["s"], "n"),
  node("Equal", ["n", "k"], "c"),
  { initializer: integerTensor("k", [rank]) },
];

function modelOf(rank: number, yes: Message, no: Message): Uint8Array {
  const [shape, size, equal, known] = asks(rank) as [Message, Message, Message, { initializer: Message }];
  return buildModel({
    nodes: [shape, size, equal, node("Squeeze", ["c"], "d"), node("Neg", ["x"], "outer"), choose("d", yes, no)],
    initializers: [known.initializer],
    inputs: [valueInfo("x", [2, 3])],
    outputs: [valueInfo("y", [null, null])],
  });
}

describe("If with a condition that is known", () => {
  const weight = floatTensor("w", [3], [1, 2, 4]);
  const product = branch("yes", [node("Mul", ["outer", "w"], "p")], "p", [weight]);
  const unknown = branch("no", [node("FancyOp", ["x"], "q", [], "com.acme")], "q");
  const sum = branch("sum", [node("Add", ["x", "outer"], "t"), node("Exp", ["t"], "r")], "r");
  const inputs = [[1, -2, 3, 0.5, 4, -1]];

  it("is the branch that it takes, which reads what is around it", async () => {
    for (const [rank, yes, no] of [
      [2, product, sum],
      [3, sum, product],
      [3, product, sum],
    ] as const) {
      const bytes = modelOf(rank, yes, no);
      const [expected] = await runOnnx(bytes, [[2, 3]], inputs);
      const [made] = runImported(bytes, inputs).results;
      expect(made).to.deep.include({ dims: expected!.dims, data: expected!.data });
    }
  });

  it("does not mind what is in the other branch", () => {
    expect(runImported(modelOf(2, product, unknown), inputs).results[0]?.data).to.deep.equal([-1, 4, -12, -0.5, -8, 4]);
    refuses(modelOf(3, product, unknown), OnnxUnsupportedOpError, "FancyOp");
  });

  it("takes branches inside of branches, to a depth", async () => {
    const nested = branch("inner", [choose("d", product, sum, "z")], "z");
    const bytes = modelOf(2, nested, sum);
    const [expected] = await runOnnx(bytes, [[2, 3]], inputs);
    expect(runImported(bytes, inputs).results[0]?.data).to.deep.equal(expected!.data);
    let deep = product;
    for (let level = 0; level < 16; level++)
      deep = branch(`b${level}`, [choose("d", deep, sum, `z${level}`)], `z${level}`);
    refuses(modelOf(2, deep, sum), OnnxTooLargeError, "inside of one another");
  });

  it("refuses conditions that vary, missing branches and tensors that nothing makes", () => {
    const varying = buildModel({
      nodes: [
        node("ReduceSum", ["x"], "s", [attribute.integer("keepdims", 0)]),
        node("Greater", ["s", "k"], "c"),
        choose("c", product, sum),
      ],
      initializers: [floatTensor("k", [], [0]), floatTensor("outer", [3], [1, 1, 1])],
      inputs: [valueInfo("x", [2, 3])],
      outputs: [valueInfo("y", [2, 3])],
    });
    refuses(varying, OnnxUnsupportedOpError, "If_y", "Where");
    refuses(modelOf(2, { ...product, output: [] }, sum), OnnxFormatError, "branch");
    refuses(modelOf(2, branch("yes", [node("Exp", ["nowhere"], "p")], "p"), sum), OnnxDanglingEdgeError, "nowhere");
  });
});
