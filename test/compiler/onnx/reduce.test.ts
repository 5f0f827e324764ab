import { expect } from "chai";

import {
  OnnxAttributeError,
  OnnxDtypeError,
  OnnxShapeError,
  OnnxUnsupportedOpError,
} from "../../../compiler/src/onnx/errors.ts";
import { reduceOps } from "../../../compiler/src/onnx/ops/reduce.ts";
import { bits, compare, fixed, integer, lists, made, real, refuses, type Input } from "../../support/lowering.ts";
import { attribute } from "../../support/onnx-builder.ts";
import { Random } from "../../support/random.ts";

const EXACT = ["ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceSumSquare", "ReduceProd"];
const REAL = ["ReduceMean", "ReduceL2", "ReduceLogSumExp", "ReduceLogSum"];

const keepdims = (keep: number) => attribute.integer("keepdims", keep);
const axesInput = (...axes: number[]) => fixed("integer", [axes.length], axes);

describe("Reductions as steps", () => {
  const random = new Random(2);

  for (const op of [...EXACT, ...REAL]) {
    // The logarithm of a sum is asked only where the sum is above 0.
    const data = (...dims: number[]): Input => ({
      ...real(...dims),
      range: op === "ReduceLogSum" ? [0.1, 3] : [-2, 2],
    });

    it(`${op} agrees with ONNX Runtime along any axes, given either way`, async () => {
      for (const axes of [[0], [1], [2], [-1], [0, 2], [2, 0], [0, 1, 2]]) {
        for (const keep of [0, 1]) {
          const given = { op, inputs: [data(2, 3, 4), axesInput(...axes)], opset: 18, attributes: [keepdims(keep)] };
          await compare(reduceOps, given, random, { rounds: 2 });
          const attributes = [lists.integers("axes", axes), keepdims(keep)];
          const opset = op === "ReduceSum" ? 12 : 13;
          await compare(reduceOps, { op, inputs: [data(2, 3, 4)], opset, attributes }, random, { rounds: 2 });
        }
      }
    });

    it(`${op} reduces all axes, or none, when no axes are named`, async () => {
      await compare(reduceOps, { op, inputs: [data(2, 3)], opset: 18 }, random, { rounds: 2 });
      await compare(reduceOps, { op, inputs: [data(5)], opset: 18, attributes: [keepdims(0)] }, random, { rounds: 2 });
      await compare(reduceOps, { op, inputs: [data(2, 3), axesInput()], opset: 18 }, random, { rounds: 2 });
      const attributes = [attribute.integer("noop_with_empty_axes", 1)];
      await compare(reduceOps, { op, inputs: [data(2, 3)], opset: 18, attributes }, random, { rounds: 2 });
    });
  }

  for (const op of EXACT) {
    it(`${op} keeps integers`, async () => {
      const each = { op, inputs: [integer([3, 5], -4, 4), axesInput(1)], opset: 18, outputs: ["integer"] as const };
      const program = await compare(reduceOps, each, random);
      expect(program.steps.every(({ output }) => output.type === "integer")).to.equal(true);
    });
  }

  it("ReduceMax and ReduceMin take booleans", async () => {
    for (const op of ["ReduceMax", "ReduceMin"]) {
      const each = { op, inputs: [bits(4, 3), axesInput(1)], opset: 20, outputs: ["boolean"] as const };
      await compare(reduceOps, each, random);
    }
  });

  it("ReduceProd of n elements costs n - 1 products", async () => {
    for (const width of [2, 3, 4, 5, 6, 7, 8, 11]) {
      const each = { op: "ReduceProd", inputs: [real(2, width), axesInput(1)], opset: 18 };
      expect(made(await compare(reduceOps, each, random), "multiply")).to.equal(2 * (width - 1));
    }
  });

  it("ReduceLogSumExp stays finite for great and small elements", async () => {
    const each = { op: "ReduceLogSumExp", inputs: [real(1, 3), axesInput(1)], opset: 18 };
    await compare(reduceOps, each, random, { feeds: [[[800, 1, 2]], [[-900, -901, -902]], [[0, 0, 0]]] });
  });

  it("CumSum agrees with ONNX Runtime, exclusive, reverse and along any axis", async () => {
    for (const axis of [0, 1, -1]) {
      for (const exclusive of [0, 1]) {
        for (const reverse of [0, 1]) {
          const attributes = [attribute.integer("exclusive", exclusive), attribute.integer("reverse", reverse)];
          const at = fixed("integer", [], [axis]);
          await compare(reduceOps, { op: "CumSum", inputs: [real(3, 5, 2), at], attributes }, random, { rounds: 3 });
          const whole = {
            op: "CumSum",
            inputs: [integer([7, 3], -9, 9), at],
            attributes,
            outputs: ["integer"] as const,
          };
          await compare(reduceOps, whole, random, { rounds: 3 });
        }
      }
    }
  });

  for (const op of ["ArgMax", "ArgMin"]) {
    it(`${op} agrees with ONNX Runtime, on ties too`, async () => {
      for (const axis of [0, 1, -1]) {
        for (const keep of [0, 1]) {
          for (const last of [0, 1]) {
            const attributes = [attribute.integer("axis", axis), keepdims(keep), attribute.integer("select_last_index", last)]; // prettier-ignore
            const outputs = ["integer"] as const;
            await compare(reduceOps, { op, inputs: [real(2, 4, 3)], attributes, outputs }, random, { rounds: 2 });
            const tied: Input = { ...real(3, 6), range: [0, 0] };
            await compare(reduceOps, { op, inputs: [tied], attributes, outputs }, random, { rounds: 1 });
            const feeds = [[[3, 1, 3, 1, 2, 1, 1, 3]]];
            await compare(reduceOps, { op, inputs: [real(2, 4)], attributes, outputs }, random, { feeds });
          }
        }
      }
    });
  }

  it("refuses axes that are not there, are there twice, vary, or are given twice", () => {
    const x = real(2, 3);
    const axes = (...list: number[]) => [lists.integers("axes", list)];
    refuses(reduceOps, { op: "ReduceSum", inputs: [x, axesInput(2)] }, OnnxAttributeError, '"axes" is 2');
    refuses(reduceOps, { op: "ReduceMax", inputs: [x], attributes: axes(-3) }, OnnxAttributeError, '"axes" is -3');
    refuses(reduceOps, { op: "ReduceMax", inputs: [x], attributes: axes(1, -1) }, OnnxAttributeError, "once");
    refuses(
      reduceOps,
      { op: "ReduceMax", inputs: [x, axesInput(1)], attributes: axes(1) },
      OnnxAttributeError,
      "twice",
    );
    refuses(
      reduceOps,
      { op: "ReduceSum", inputs: [x, integer([1], 0, 1)] },
      OnnxUnsupportedOpError,
      "axes must be constant",
    );
    refuses(reduceOps, { op: "ReduceSum", inputs: [x, fixed("real", [1], [1])] }, OnnxDtypeError, "axes");
    refuses(reduceOps, { op: "CumSum", inputs: [x, axesInput(0, 1)] }, OnnxShapeError, "one number");
    refuses(reduceOps, { op: "CumSum", inputs: [x, fixed("integer", [], [2])] }, OnnxAttributeError, '"axis" is 2');
    refuses(reduceOps, { op: "ArgMax", inputs: [x], attributes: [attribute.integer("axis", 9)] }, OnnxAttributeError);
  });

  it("refuses what would round integers, and numbers made of booleans", () => {
    refuses(reduceOps, { op: "ReduceMean", inputs: [integer([2, 3], 0, 9)] }, OnnxUnsupportedOpError, "cast them");
    refuses(reduceOps, { op: "ReduceSum", inputs: [bits(2, 3)] }, OnnxDtypeError, "boolean");
  });
});
