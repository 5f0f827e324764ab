import { expect } from "chai";

import {
  attribute,
  buildModel,
  floatTensor,
  integerTensor,
  node,
  tensor,
  valueInfo,
} from "../../support/onnx-builder.ts";
import { errorOf } from "../../support/quantised-error.ts";
import { Random } from "../../support/random.ts";

const SIZE = 4;
const random = new Random(12);
const scores = random.array(SIZE * SIZE, () => Math.fround(random.normal()));
const lower = scores.map((_, at) => (at % SIZE > Math.floor(at / SIZE) ? 0 : 1));

const square = [SIZE, SIZE] as const;
const attend = node("Softmax", ["m"], "y", [attribute.integer("axis", -1)]);
const parts = { inputs: [valueInfo("x", square)], outputs: [valueInfo("y", square)] };

describe("masks", () => {
  for (const mask of [-1e4, -1e9, -1e20, -3.4028234663852886e38, -Infinity]) {
    it(`of ${mask}, chosen by constants, do not disturb a softmax`, async () => {
      const where = buildModel({
        nodes: [node("Where", ["c", "x", "k"], "m"), attend],
        initializers: [tensor("c", 9, square, lower), floatTensor("k", [], [mask])],
        ...parts,
      });
      expect(await errorOf(where, [square], [scores])).to.be.below(0.02);
      const added = buildModel({
        nodes: [node("Add", ["x", "k"], "m"), attend],
        initializers: [floatTensor("k", square, lower.map((each) => (each === 1 ? 0 : mask)))], // prettier-ignore
        ...parts,
      });
      expect(await errorOf(added, [square], [scores])).to.be.below(0.02);
    });

    it(`of ${mask}, chosen by an input, do not disturb a softmax`, async () => {
      const where = buildModel({
        nodes: [node("Where", ["c", "x", "k"], "m"), attend],
        initializers: [floatTensor("k", [], [mask])],
        inputs: [valueInfo("x", square), valueInfo("c", square, 9)],
        outputs: parts.outputs,
      });
      expect(await errorOf(where, [square, square], [scores, lower])).to.be.below(0.02);
    });
  }

  it("made of an input as (1 - mask) * -1e9 do not disturb a softmax, seen or not", async () => {
    const onnx = buildModel({
      nodes: [node("Sub", ["one", "c"], "n"), node("Mul", ["n", "k"], "h"), node("Add", ["x", "h"], "m"), attend],
      initializers: [floatTensor("one", [], [1]), floatTensor("k", [], [-1e9])],
      inputs: [valueInfo("x", square), valueInfo("c", square)],
      outputs: parts.outputs,
    });
    for (const mask of [lower, lower.map(() => 1)]) {
      expect(await errorOf(onnx, [square, square], [scores, mask])).to.be.below(0.02);
    }
  });

  it("made so leave a greatest number where it is", async () => {
    const onnx = buildModel({
      nodes: [
        ...[node("Sub", ["one", "c"], "n"), node("Mul", ["n", "k"], "h"), node("Add", ["x", "h"], "m")],
        node("ReduceMax", ["m"], "y", [attribute.integers("axes", [1])]),
      ],
      initializers: [floatTensor("one", [], [1]), floatTensor("k", [], [-1e9])],
      inputs: [valueInfo("x", square), valueInfo("c", square)],
      outputs: [valueInfo("y", [SIZE, 1])],
    });
    expect(await errorOf(onnx, [square, square], [scores, lower])).to.be.below(0.02);
  });

  it("leave large numbers alone that are no masks", async () => {
    const onnx = buildModel({
      nodes: [node("Mul", ["x", "k"], "y")],
      initializers: [floatTensor("k", [], [1e6])],
      ...parts,
    });
    expect(await errorOf(onnx, [square], [scores])).to.be.below(0.001);
  });

  describe("leave alone", () => {
    const x = [0.3, -0.7, 1.1, 0.5];
    const added = (offsets: readonly number[]) => ({
      nodes: [node("Add", ["x", "k"], "y")],
      initializers: [floatTensor("k", [4], offsets)],
      inputs: [valueInfo("x", [4])],
      outputs: [valueInfo("y", [4])],
    });
    const flagged = (size: number, type?: number) => ({
      nodes: [...(type === undefined ? [] : [node("Cast", ["c"], "f", [attribute.integer("to", 1)])]), node("Mul", [type === undefined ? "c" : "f", "k"], "h"), node("Add", ["x", "h"], "y")], // prettier-ignore
      initializers: [floatTensor("k", [], [size])],
      inputs: [valueInfo("x", [4]), valueInfo("c", [4], type)],
      outputs: [valueInfo("y", [4])],
    });

    it("an offset that all numbers have", async () => {
      for (const offset of [1e4, -1e5]) {
        expect(await errorOf(buildModel(added(x.map(() => offset))), [[4]], [x])).to.be.below(0.02);
      }
    });

    it("large offsets of some numbers that the output shows, or the greatest of them", async () => {
      const model = added([0, 1e5, 0, 1e5]);
      expect(await errorOf(buildModel(model), [[4]], [x])).to.be.below(0.001);
      const nodes = [
        node("Add", ["x", "k"], "h"),
        node("ReduceMax", ["h"], "y", [attribute.integers("axes", [0]), attribute.integer("keepdims", 1)]),
      ];
      const greatest = buildModel({ ...model, nodes, outputs: [valueInfo("y", [1])] });
      expect(await errorOf(greatest, [[4]], [x])).to.be.below(0.001);
    });

    it("large factors of what is added", async () => {
      for (const factor of [1e5, 1e9]) {
        const onnx = buildModel(flagged(factor));
        expect(await errorOf(onnx, [[4], [4]], [x, [0.9, 0.5, 0.4, 0.8]])).to.be.below(0.02);
      }
    });

    it("a large factor of a flag that the calibration data does not raise", async () => {
      const onnx = buildModel(flagged(1e5, 9));
      const inputs = [x, [0, 1, 0, 1]];
      expect(await errorOf(onnx, [[4], [4]], inputs, [[...x, 0, 0, 0, 0]])).to.be.below(0.02);
    });
  });
});

describe("factors and offsets", () => {
  it("that are no powers of two keep bits enough behind wide sums", async () => {
    const variance = buildModel({
      nodes: [
        node("ReduceMean", ["x"], "m", [attribute.integers("axes", [1])]),
        node("Sub", ["x", "m"], "d"),
        node("Mul", ["d", "d"], "s"),
        node("ReduceSum", ["s", "axes"], "t", [attribute.integer("keepdims", 0)]),
        node("Mul", ["t", "k"], "y"),
      ],
      initializers: [integerTensor("axes", [1]), floatTensor("k", [], [1 / 7])],
      inputs: [valueInfo("x", [2, 8])],
      outputs: [valueInfo("y", [2])],
    });
    const x = random.array(16, () => Math.fround(random.normal()));
    expect(await errorOf(variance, [[2, 8]], [x])).to.be.below(0.02);
  });

  it("of a mean over many numbers that all lie on one side fit", async () => {
    const mean = buildModel({
      nodes: [node("GlobalAveragePool", ["x"], "y")],
      inputs: [valueInfo("x", [1, 2, 6, 6])],
      outputs: [valueInfo("y", [1, 2, 1, 1])],
    });
    const x = random.array(72, () => Math.fround(random.normal()));
    expect(await errorOf(mean, [[1, 2, 6, 6]], [x])).to.be.below(0.02);
  });

  it("are not rounded to the unit of an input of small whole numbers", async () => {
    const shifted = buildModel({
      nodes: [node("Sub", ["x", "m"], "d"), node("MatMul", ["d", "w"], "y")],
      initializers: [
        floatTensor("m", [4], [5.843, 3.057, 3.758, 1.199]),
        floatTensor("w", [4, 2], [0.36, 0.66, -0.08, 0.73, 0.86, -0.17, 0.36, -0.08]),
      ],
      inputs: [valueInfo("x", [1, 4])],
      outputs: [valueInfo("y", [1, 2])],
    });
    expect(await errorOf(shifted, [[1, 4]], [[5, 2, 3.5, 1]])).to.be.below(0.02);
  });
});
