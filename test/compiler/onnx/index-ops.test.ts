import { expect } from "chai";

import {
  OnnxAttributeError,
  OnnxDtypeError,
  OnnxShapeError,
  OnnxTooLargeError,
  OnnxUnsupportedOpError,
} from "../../../compiler/src/onnx/errors.ts";
import { indexOps } from "../../../compiler/src/onnx/ops/index-ops.ts";
import { elementCount } from "../../../compiler/src/program/geometry.ts";
import { compare, fixed, integer, lists, made, real, refuses, type Input } from "../../support/lowering.ts";
import { attribute } from "../../support/onnx-builder.ts";
import { Random } from "../../support/random.ts";

const axisAt = (axis: number) => [attribute.integer("axis", axis)];
const whole = ["integer"] as const;

describe("Reading and writing by index as steps", () => {
  const random = new Random(3);
  const table = (dims: readonly number[]) => {
    return fixed(
      "real",
      dims,
      random.array(elementCount(dims), () => Math.fround(random.normal())),
    );
  };

  it("Gather by constant indices is wiring", async () => {
    for (const axis of [0, 1, 2, -1]) {
      const size = [3, 4, 5].at(axis)!;
      for (const dims of [[], [3], [2, 2], [1]]) {
        const indices = fixed(
          "integer",
          dims,
          random.array(elementCount(dims), () => random.integer(-size, size - 1)),
        );
        const each = { op: "Gather", inputs: [real(3, 4, 5), indices], attributes: axisAt(axis) };
        const program = await compare(indexOps, each, random, { rounds: 2 });
        expect(program.steps.map(({ op }) => op)).to.deep.equal(["gather"]);
      }
    }
  });

  it("Gather by varying indices agrees with ONNX Runtime, negative ones too", async () => {
    for (const axis of [0, 1, -1]) {
      const size = [3, 4, 5].at(axis)!;
      for (const dims of [[], [3], [2, 2]]) {
        const inputs = [real(3, 4, 5), integer(dims, -size, size - 1)];
        await compare(indexOps, { op: "Gather", inputs, attributes: axisAt(axis) }, random, { rounds: 4 });
        const numbers = [integer([3, 4, 5], -99, 99), integer(dims, -size, size - 1)];
        const each = { op: "Gather", inputs: numbers, attributes: axisAt(axis), outputs: whole };
        await compare(indexOps, each, random, { rounds: 4 });
      }
    }
  });

  it("Gather compares nothing where the indices cannot be negative", async () => {
    const each = { op: "Gather", inputs: [real(4, 3), integer([5], 0, 3)] };
    expect(made(await compare(indexOps, each, random), "greater")).to.equal(5);
    expect(made(await compare(indexOps, { ...each, nonNegative: true }, random), "greater")).to.equal(0);
    const tuples = { op: "GatherND", inputs: [real(3, 4), integer([2, 2], 0, 2)], nonNegative: true };
    expect(made(await compare(indexOps, tuples, random), "greater")).to.equal(0);
  });

  it("Gather from a constant table costs no product", async () => {
    for (const axis of [0, 1]) {
      const inputs = [table([6, 7]), integer([2, 3], 0, 5)];
      const program = await compare(indexOps, { op: "Gather", inputs, attributes: axisAt(axis) }, random);
      expect(made(program, "multiply")).to.equal(0);
      expect(made(program, "onehot")).to.equal(6 * (axis === 0 ? 6 : 7));
    }
    const labels = fixed("integer", [5], [9, -3, 7, 100, 0]);
    const each = { op: "Gather", inputs: [labels, integer([4], -5, 4)], outputs: whole };
    const program = await compare(indexOps, each, random);
    expect(program.steps.every(({ output }) => output.type !== "real")).to.equal(true);
    expect(made(program, "multiply")).to.equal(0);
    const flags = fixed("boolean", [3], [1, 0, 1]);
    await compare(indexOps, { op: "Gather", inputs: [flags, integer([4], 0, 2)], outputs: ["boolean"] }, random);
  });

  it("GatherElements agrees with ONNX Runtime", async () => {
    for (const [axis, dims] of [
      [0, [2, 3]],
      [0, [5, 2]],
      [1, [2, 6]],
      [-1, [3, 4]],
    ] as const) {
      const size = [3, 4].at(axis)!;
      const known = random.array(elementCount(dims), () => random.integer(-size, size - 1));
      for (const indices of [integer(dims, -size, size - 1), fixed("integer", dims, known)]) {
        if (dims.some((each, at) => at !== (axis + 2) % 2 && each > [3, 4][at]!)) continue;
        for (const data of [real(3, 4), table([3, 4])]) {
          if (data.data !== undefined && indices.data !== undefined) continue;
          const each = { op: "GatherElements", inputs: [data, indices], attributes: axisAt(axis) };
          await compare(indexOps, each, random, { rounds: 4 });
        }
      }
    }
  });

  it("GatherND agrees with ONNX Runtime, with batches", async () => {
    for (const [batch, sizes, dims] of [
      [0, [2, 3], [4, 2]],
      [0, [2], [2, 3, 1]],
      [0, [2, 3, 4], [3]],
      [1, [3], [2, 5, 1]],
      [1, [3, 4], [2, 2, 2]],
      [2, [4], [2, 3, 1]],
    ] as const) {
      const tuples = elementCount(dims) / sizes.length;
      const known = Array.from({ length: tuples }, () => sizes.map((size) => random.integer(-size, size - 1))).flat();
      const least = Math.min(...sizes);
      for (const indices of [integer(dims, -least, least - 1), fixed("integer", dims, known)]) {
        for (const data of [real(2, 3, 4), table([2, 3, 4])]) {
          if (data.data !== undefined && indices.data !== undefined) continue;
          const attributes = [attribute.integer("batch_dims", batch)];
          await compare(indexOps, { op: "GatherND", inputs: [data, indices], attributes }, random, { rounds: 3 });
        }
      }
    }
  });

  it("ScatterElements agrees with ONNX Runtime", async () => {
    for (const axis of [0, 1, -1]) {
      const size = [3, 4].at(axis)!;
      // Without a reduction ONNX leaves open which of two updates of one element wins: one along the axis here.
      const dims = axis === 0 ? [1, 4] : [3, 1];
      const known = random.array(elementCount(dims), () => random.integer(-size, size - 1));
      for (const indices of [integer(dims, -size, size - 1), fixed("integer", dims, known)]) {
        const each = { op: "ScatterElements", inputs: [real(3, 4), indices, real(...dims)], attributes: axisAt(axis) };
        await compare(indexOps, each, random, { rounds: 4 });
        const numbers = [integer([3, 4], -9, 9), indices, integer(dims, -9, 9)];
        await compare(indexOps, { ...each, inputs: numbers, outputs: whole }, random, { rounds: 4 });
      }
    }
  });

  it("ScatterElements adds up what hits one element, and lets the last win", async () => {
    const known = fixed("integer", [2, 3], [0, 1, 1, 0, -1, 1]);
    for (const reduction of ["add", "none"]) {
      const attributes = [lists.text("reduction", reduction)];
      for (const indices of [integer([2, 3], -3, 2), known]) {
        const each = { op: "ScatterElements", opset: 18, inputs: [real(3, 4), indices, real(2, 3)], attributes };
        await compare(indexOps, each, random);
      }
    }
  });

  it("ScatterND agrees with ONNX Runtime", async () => {
    for (const [dims, length] of [
      [[3, 1], 1],
      [[2, 2, 2], 2],
      [[2, 3], 3],
    ] as const) {
      const updates = [...dims.slice(0, -1), ...[2, 3, 4].slice(length)];
      const known = fixed(
        "integer",
        dims,
        random.array(elementCount(dims), () => random.integer(-2, 1)),
      );
      for (const indices of [integer(dims, -2, 1), known]) {
        for (const reduction of ["none", "add"]) {
          const attributes = [lists.text("reduction", reduction)];
          const inputs = [real(2, 3, 4), indices, real(...updates)];
          await compare(indexOps, { op: "ScatterND", opset: 18, inputs, attributes }, random, { rounds: 4 });
        }
      }
    }
  });

  it("OneHot agrees with ONNX Runtime along any axis, inside the depth and outside", async () => {
    const depth = fixed("integer", [], [4]);
    for (const axis of [-1, 0, 1]) {
      const each = { op: "OneHot", attributes: axisAt(axis) };
      const values = fixed("real", [2], [-0.5, 3]);
      await compare(indexOps, { ...each, inputs: [integer([2, 3], -7, 7), depth, values] }, random);
      const known = fixed("integer", [5], [-5, -4, 0, 3, 4]);
      await compare(indexOps, { ...each, inputs: [known, depth, real(2)] }, random);
      const numbers = fixed("integer", [2], [2, 5]);
      await compare(indexOps, { ...each, inputs: [integer([3], -5, 5), depth, numbers], outputs: whole }, random);
    }
  });

  it("refuses indices outside of their axis", () => {
    const at = (...values: number[]): Input => fixed("integer", [values.length], values);
    const outside = [OnnxShapeError, "is outside of an axis of 3"] as const;
    refuses(indexOps, { op: "Gather", inputs: [real(3), at(0, 3)] }, ...outside);
    refuses(indexOps, { op: "Gather", inputs: [real(3), at(-4)] }, ...outside);
    refuses(indexOps, { op: "GatherElements", inputs: [real(3), at(7)] }, ...outside);
    refuses(indexOps, { op: "GatherND", inputs: [real(3), at(3)] }, ...outside);
    refuses(indexOps, { op: "ScatterElements", inputs: [real(3), at(1, -9), real(2)] }, ...outside);
    refuses(indexOps, { op: "ScatterND", inputs: [real(3), fixed("integer", [1, 1], [4]), real(1)] }, ...outside);
    refuses(indexOps, { op: "Gather", inputs: [real(3), at(2 ** 52)] }, ...outside);
  });

  it("refuses axes, shapes, types and sizes without meaning", () => {
    const ids = (...dims: number[]) => integer(dims, 0, 1);
    refuses(
      indexOps,
      { op: "Gather", inputs: [real(3), ids(1)], attributes: axisAt(1) },
      OnnxAttributeError,
      '"axis" is 1',
    );
    refuses(indexOps, { op: "Gather", inputs: [real(3), real(1)] }, OnnxDtypeError, "indices");
    refuses(indexOps, { op: "GatherElements", inputs: [real(3, 2), ids(2)] }, OnnxShapeError, "do not fit");
    refuses(indexOps, { op: "GatherElements", inputs: [real(3, 2), ids(2, 3)] }, OnnxShapeError, "do not fit");
    refuses(indexOps, { op: "GatherND", inputs: [real(3, 2), ids(2, 3)] }, OnnxShapeError, "do not fit");
    const batch = [attribute.integer("batch_dims", 1)];
    refuses(indexOps, { op: "GatherND", inputs: [real(3, 2), ids(2, 1)], attributes: batch }, OnnxShapeError);
    const negative = [attribute.integer("batch_dims", -1)];
    refuses(indexOps, { op: "GatherND", inputs: [real(3, 2), ids(2, 1)], attributes: negative }, OnnxAttributeError);
    refuses(
      indexOps,
      { op: "ScatterND", inputs: [real(3, 2), ids(2, 1), real(2)] },
      OnnxShapeError,
      "[2, 2] is needed",
    );
    refuses(indexOps, { op: "ScatterElements", inputs: [real(3), ids(2), real(1)] }, OnnxShapeError, "updates");
    const multiply = [lists.text("reduction", "mul")];
    const scatter = { op: "ScatterElements", inputs: [real(3), ids(2), real(2)], attributes: multiply };
    refuses(indexOps, scatter, OnnxAttributeError, "only none and add");
    const huge = fixed("integer", [], [2 ** 40]);
    const values = fixed("real", [2], [0, 1]);
    refuses(indexOps, { op: "OneHot", inputs: [ids(1), huge, values] }, OnnxTooLargeError);
    refuses(indexOps, { op: "OneHot", inputs: [ids(1), fixed("integer", [], [0]), values] }, OnnxShapeError, "depth");
    refuses(
      indexOps,
      { op: "OneHot", inputs: [ids(1), ids(), values] },
      OnnxUnsupportedOpError,
      "depth must be constant",
    );
    refuses(indexOps, { op: "OneHot", inputs: [ids(1), fixed("integer", [], [3]), real(3)] }, OnnxShapeError, "two");
    refuses(indexOps, { op: "GatherElements", inputs: [real(4000), ids(4000)] }, OnnxTooLargeError);
    const many = { op: "ScatterElements", inputs: [real(1), integer([5000], 0, 0), real(5000)] };
    refuses(indexOps, many, OnnxTooLargeError, "Rounds");
  });
});
