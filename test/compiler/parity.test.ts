import { expect } from "chai";
import * as ort from "onnxruntime-node";

import { compileOnnx, encodeInput, interpret, type CompileOptions } from "../../compiler/src/index.ts";
import { compileDigits } from "../support/digits.ts";
import { attribute, buildModel, floatTensor, integerTensor, node, valueInfo } from "../support/onnx-builder.ts";
import { expectParity, extremes, randomInputs } from "../support/parity.ts";
import { Random } from "../support/random.ts";

interface Synthetic {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly options?: Partial<CompileOptions>;
}

/** Random weights of a layer, in the size that training leaves. */
function weights(random: Random, inner: number, outer: number): number[] {
  return random.array(inner * outer, () => random.normal() / Math.sqrt(inner));
}

function gemmModel(opset: number, transB: 0 | 1, alpha: number, beta: number): Synthetic {
  const random = new Random(opset * 100 + transB);
  const dims = (inner: number, outer: number) => (transB === 1 ? [outer, inner] : [inner, outer]);
  const attributes = [
    attribute.integer("transB", transB),
    attribute.float("alpha", alpha),
    attribute.float("beta", beta),
  ];
  const bytes = buildModel({
    opset,
    inputs: [valueInfo("x", [1, 12])],
    outputs: [valueInfo("y", [1, 1], 7)],
    nodes: [
      node("Gemm", ["x", "w0", "b0"], "h", attributes),
      node("Relu", ["h"], "r"),
      node("Gemm", ["r", "w1", "b1"], "z", attributes),
      node("ArgMax", ["z"], "y", [attribute.integer("axis", 1)]),
    ],
    initializers: [
      floatTensor("w0", dims(12, 9), weights(random, 12, 9)),
      floatTensor(
        "b0",
        [9],
        random.array(9, () => random.normal()),
      ),
      floatTensor("w1", dims(9, 5), weights(random, 9, 5)),
      floatTensor(
        "b1",
        [1, 5],
        random.array(5, () => random.normal()),
      ),
    ],
  });
  return { name: `Gemm, opset ${opset}, transB ${transB}, alpha ${alpha}, beta ${beta}`, bytes, width: 12 };
}

/** MatMul and Add with everything that only moves shapes, three layers, logits out. */
function matMulModel(opset: number): Synthetic {
  const random = new Random(opset);
  const shape = node("Constant", [], "shape", [attribute.tensor("value", integerTensor("", [0, -1]))]);
  const bytes = buildModel({
    opset,
    inputs: [valueInfo("in.put:0", [1, 1, 4, 4])],
    outputs: [valueInfo("logits", [1, 6])],
    nodes: [
      shape,
      node("Identity", ["b1"], "b1_shared"),
      node("Reshape", ["in.put:0", "shape"], "rows"),
      node("Flatten", ["rows"], "flat"),
      node("MatMul", ["flat", "w0"], "m0"),
      node("Add", ["b0", "m0"], "a0"),
      node("Relu", ["a0"], "r0"),
      node("Identity", ["r0"], "i0"),
      node("MatMul", ["i0", "w1"], "m1"),
      node("Add", ["m1", "b1_shared"], "a1"),
      node("Relu", ["a1"], "r1"),
      node("MatMul", ["r1", "w2"], "logits"),
    ],
    initializers: [
      floatTensor("w0", [16, 10], weights(random, 16, 10)),
      floatTensor(
        "b0",
        [10],
        random.array(10, () => random.normal()),
      ),
      floatTensor("w1", [10, 8], weights(random, 10, 8)),
      floatTensor("b1", [1], [0.25]),
      floatTensor("w2", [8, 6], weights(random, 8, 6)),
    ],
  });
  return { name: `MatMul and Add, logits, opset ${opset}`, bytes, width: 16 };
}

/** Two matrices without a ReLU between, a ReLU before ArgMax (ties at zero), signed input. */
function oddModel(): Synthetic {
  const random = new Random(5);
  const bytes = buildModel({
    inputs: [valueInfo("x", [7])],
    outputs: [valueInfo("y", [], 7)],
    nodes: [
      node("Add", ["x", "shift"], "s"),
      node("MatMul", ["s", "w0"], "m0"),
      node("MatMul", ["m0", "w1"], "m1"),
      node("Relu", ["m1"], "r1"),
      node("Relu", ["r1"], "r2"),
      node("ArgMax", ["r2"], "y", [attribute.integer("axis", -1), attribute.integer("keepdims", 0)]),
    ],
    initializers: [
      floatTensor("shift", [1], [0.5]),
      floatTensor("w0", [7, 6], weights(random, 7, 6)),
      floatTensor("w1", [6, 4], weights(random, 6, 4)),
    ],
  });
  return { name: "folded matrices, ReLU before ArgMax", bytes, width: 7 };
}

describe("parity of interpreter and ONNX Runtime", () => {
  it("holds for the digits model on 1,000 random inputs and the extremes, every tensor", async function () {
    this.timeout(60_000);
    const { graph } = compileDigits();
    await expectParity(graph, [...extremes(graph), ...randomInputs(graph, 1_000, new Random(1))]);
  });

  const models = [
    ...[9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21].map((opset) => gemmModel(opset, (opset % 2) as 0 | 1, 1, 1)),
    gemmModel(17, 1, 0.5, 2),
    gemmModel(17, 0, -1.25, 0),
    matMulModel(9),
    matMulModel(13),
    matMulModel(21),
    oddModel(),
  ];
  const variants: Partial<CompileOptions>[] = [
    {},
    { weightBits: 4, activationBits: 4 },
    { weightBits: 10, inputRange: "dtype" },
  ];
  for (const { name, bytes, width } of models) {
    it(`holds for ${name}`, async function () {
      this.timeout(60_000);
      const random = new Random(width);
      const calibration = Array.from({ length: 40 }, () => random.array(width, () => 3 * random.normal()));
      for (const variant of variants) {
        const { graph } = compileOnnx(bytes, { calibration, ...variant });
        await expectParity(graph, [...extremes(graph), ...randomInputs(graph, 60, random)]);
      }
    });

    it(`stays close to ONNX Runtime on the float file: ${name}`, async () => {
      const random = new Random(width + 1);
      const calibration = Array.from({ length: 200 }, () => random.array(width, () => 3 * random.normal()));
      const { graph, report } = compileOnnx(bytes, { calibration, weightBits: 10 });
      const session = await ort.InferenceSession.create(bytes, { executionProviders: ["cpu"], intraOpNumThreads: 1 });
      const [inputName = "", outputName = ""] = [session.inputNames[0], session.outputNames[0]];
      const dims = name.startsWith("MatMul") ? [1, 1, 4, 4] : name.startsWith("Gemm") ? [1, width] : [width];
      let agree = 0;
      let worst = 0;
      let largest = 0;
      for (const row of calibration) {
        const results = await session.run({ [inputName]: new ort.Tensor("float32", Float32Array.from(row), dims) });
        const float = Array.from(results[outputName]?.data as ArrayLike<number | bigint>, Number);
        const integer = interpret(graph, encodeInput(graph.input, row)).output.map(
          (value) => value * graph.output.scale,
        );
        expect(integer).to.have.length(float.length);
        agree += integer.every((value, index) => value === float[index]) ? 1 : 0;
        for (const [index, value] of float.entries()) {
          largest = Math.max(largest, Math.abs(value));
          worst = Math.max(worst, Math.abs(value - (integer[index] ?? NaN)));
        }
      }
      await session.release();
      if (graph.output.dtype === "i32") {
        expect(worst / largest, "worst relative error of a logit").to.be.below(0.06);
        expect(worst, "the report's figure").to.be.closeTo(report.calibration.maxAbsoluteError, 1e-4);
      } else {
        expect(agree / calibration.length, "share of equal labels").to.be.at.least(0.93);
        expect(agree / calibration.length, "the report's figure").to.be.closeTo(report.calibration.agreement, 0.011);
      }
    });
  }
});
