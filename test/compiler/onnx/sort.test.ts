import { expect } from "chai";

import {
  OnnxAttributeError,
  OnnxDtypeError,
  OnnxShapeError,
  OnnxTooLargeError,
  OnnxUnsupportedOpError,
} from "../../../compiler/src/onnx/errors.ts";
import { sortOps } from "../../../compiler/src/onnx/ops/sort.ts";
import { bits, compare, fixed, integer, made, real, refuses, type Input } from "../../support/lowering.ts";
import { attribute } from "../../support/onnx-builder.ts";
import { Random } from "../../support/random.ts";

const k = (count: number) => fixed("integer", [1], [count]);

describe("TopK as steps", () => {
  const random = new Random(5);
  const outputs = ["real", "integer"] as const;
  const op = "TopK";

  it("agrees with ONNX Runtime, greatest and least, along any axis", async () => {
    for (const axis of [0, 1, -1]) {
      for (const largest of [0, 1]) {
        const attributes = [attribute.integer("axis", axis), attribute.integer("largest", largest)];
        for (const count of [1, 2, 3]) {
          await compare(sortOps, { op, inputs: [real(3, 4, 5), k(count)], attributes, outputs }, random, { rounds: 3 });
        }
      }
    }
    await compare(sortOps, { op, inputs: [real(6), k(6)], outputs }, random);
    await compare(sortOps, { op, inputs: [real(2, 1), k(1)], outputs }, random);
  });

  it("puts the first of equal elements first, for integers too", async () => {
    for (const largest of [0, 1]) {
      const attributes = [attribute.integer("largest", largest)];
      const same: Input = { ...real(2, 5), range: [3, 3] };
      await compare(sortOps, { op, inputs: [same, k(5)], attributes, outputs }, random);
      const few = { op, inputs: [integer([3, 6], 0, 1), k(6)], attributes, outputs: ["integer", "integer"] as const };
      await compare(sortOps, few, random, { rounds: 30 });
      const more = { op, inputs: [integer([3, 7], -2, 2), k(4)], attributes, outputs: ["integer", "integer"] as const };
      const program = await compare(sortOps, more, random, { rounds: 30 });
      expect(program.steps.every(({ output }) => output.type !== "real")).to.equal(true);
    }
  });

  it("does not let what was found win again, however far the elements are apart", async () => {
    const feeds = [[[1e6, -1e6, 1e6, 0]], [[-5, -5, -5, -4]], [[1e-6, 2e-6, 2e-6, 1e-6]]];
    await compare(sortOps, { op, inputs: [real(1, 4), k(4)], outputs }, random, { feeds });
  });

  it("takes k as an attribute, and either order where none is asked", async () => {
    await compare(
      sortOps,
      { op, opset: 9, inputs: [real(2, 5)], attributes: [attribute.integer("k", 2)], outputs },
      random,
    );
    const attributes = [attribute.integer("sorted", 0)];
    await compare(sortOps, { op, inputs: [real(2, 5), k(1)], attributes, outputs }, random);
  });

  it("costs one maximum when only that is asked", async () => {
    const each = { op, inputs: [real(4, 5), k(1)], outputs: ["real"] as const };
    const program = await compare(sortOps, { ...each, outputs }, random);
    expect(made(program, "multiply", "onehot", "greater")).to.equal(0);
  });

  it("refuses k that is 0, negative, beyond the axis, varying, or given twice, and booleans", () => {
    refuses(sortOps, { op, inputs: [real(2, 5), k(0)], outputs }, OnnxShapeError, "k is 0");
    refuses(sortOps, { op, inputs: [real(2, 5), k(-1)], outputs }, OnnxShapeError, "k is -1");
    refuses(sortOps, { op, inputs: [real(2, 5), k(6)], outputs }, OnnxShapeError, "k is 6", "5 elements");
    refuses(sortOps, { op, inputs: [real(2, 5), k(2 ** 52)], outputs }, OnnxShapeError, "k is");
    refuses(sortOps, { op, inputs: [real(4000), k(4000)], outputs }, OnnxTooLargeError, "Elements");
    refuses(sortOps, { op, inputs: [real(5000), k(5000)], outputs }, OnnxTooLargeError, "Rounds");
    refuses(sortOps, { op, inputs: [real(2, 5)], outputs }, OnnxShapeError, "k is 0");
    refuses(
      sortOps,
      { op, inputs: [real(2, 5), integer([1], 1, 2)], outputs },
      OnnxUnsupportedOpError,
      "k must be constant",
    );
    refuses(
      sortOps,
      { op, inputs: [real(2, 5), fixed("integer", [2], [1, 2])], outputs },
      OnnxShapeError,
      "one number",
    );
    const twice = [attribute.integer("k", 1)];
    refuses(sortOps, { op, inputs: [real(2, 5), k(1)], attributes: twice, outputs }, OnnxAttributeError, "too");
    const axis = [attribute.integer("axis", 2)];
    refuses(sortOps, { op, inputs: [real(2, 5), k(1)], attributes: axis, outputs }, OnnxAttributeError, '"axis" is 2');
    refuses(sortOps, { op, inputs: [bits(2, 5), k(1)], outputs }, OnnxDtypeError);
  });
});
