import { expect } from "chai";

import { OnnxDtypeError, OnnxShapeError } from "../../../compiler/src/onnx/errors.ts";
import { compareOps } from "../../../compiler/src/onnx/ops/compare.ts";
import { runProgram } from "../../../compiler/src/program/run.ts";
import { bits, compare, fixed, integer, lower, made, real, refuses } from "../../support/lowering.ts";
import { attribute } from "../../support/onnx-builder.ts";
import { Random } from "../../support/random.ts";

const ORDERS = ["Greater", "Less", "GreaterOrEqual", "LessOrEqual"];
const outputs = ["boolean"] as const;

describe("Comparisons and logic as steps", () => {
  const random = new Random(1);

  for (const op of [...ORDERS, "Equal"]) {
    it(`${op} agrees with ONNX Runtime on reals, integers and broadcast shapes`, async () => {
      await compare(compareOps, { op, inputs: [real(2, 3), real(2, 3)], outputs }, random);
      await compare(compareOps, { op, inputs: [integer([2, 5], -2, 2), integer([2, 5], -2, 2)], outputs }, random);
      await compare(compareOps, { op, inputs: [integer([2, 1, 3], 0, 2), integer([4, 1], 0, 2)], outputs }, random);
      await compare(compareOps, { op, inputs: [integer([6], -1, 1), fixed("integer", [], [0])], outputs }, random);
      await compare(compareOps, { op, inputs: [fixed("real", [3], [-1, 0, 1]), real(2, 3)], outputs }, random);
    });
  }

  for (const op of ["And", "Or", "Xor", "Equal"]) {
    it(`${op} of booleans agrees with ONNX Runtime and costs one product each at most`, async () => {
      const program = await compare(compareOps, { op, inputs: [bits(2, 6), bits(6)], outputs }, random);
      expect(made(program, "multiply")).to.equal(12);
      expect(made(program, "greater")).to.equal(0);
      const half = fixed("boolean", [4], [0, 1, 0, 1]);
      const known = await compare(compareOps, { op, inputs: [bits(4), half], outputs }, random);
      expect(made(known, "multiply", "greater")).to.equal(0);
    });
  }

  it("Not agrees with ONNX Runtime", async () => {
    await compare(compareOps, { op: "Not", inputs: [bits(3, 3)], outputs }, random);
  });

  it("Where agrees with ONNX Runtime, whatever is constant", async () => {
    const op = "Where";
    const mask = fixed("boolean", [2, 2], [1, 0, 0, 1]);
    const lowest = fixed("real", [], [-3.4e38]);
    await compare(compareOps, { op, inputs: [bits(2, 3), real(2, 3), real(3)] }, random);
    await compare(compareOps, { op, inputs: [bits(2, 1), real(2, 3), lowest] }, random);
    await compare(compareOps, { op, inputs: [bits(3), lowest, real(2, 3)] }, random);
    await compare(compareOps, { op, inputs: [bits(3), fixed("real", [1], [7]), lowest] }, random);
    const wired = await compare(compareOps, { op, inputs: [mask, real(2, 2), lowest] }, random);
    expect(wired.steps.map((step) => step.op)).to.deep.equal(["gather"]);
    const whole = [bits(3), integer([3], -9, 9), integer([3], -9, 9)];
    const program = await compare(compareOps, { op, inputs: whole, outputs: ["integer"] }, random);
    expect(program.steps.every((step) => step.output.type !== "real")).to.equal(true);
    // ONNX Runtime has no Where of booleans.
    const picked = lower(compareOps, { op, inputs: [bits(4), bits(4), bits(4)], outputs: ["boolean"] });
    const result = runProgram(picked, [
      [0, 0, 1, 1],
      [0, 1, 0, 1],
      [1, 0, 1, 0],
    ]);
    expect(Array.from(result.get(picked.outputs[0]!.value.id)!)).to.deep.equal([1, 0, 0, 1]);
    expect(picked.outputs[0]!.value.type).to.equal("boolean");
  });

  it("IsNaN and IsInf are false", async () => {
    await compare(compareOps, { op: "IsNaN", inputs: [real(2, 2)], outputs }, random);
    const attributes = [attribute.integer("detect_positive", 1), attribute.integer("detect_negative", 0)];
    await compare(compareOps, { op: "IsInf", inputs: [real(2, 2)], outputs, attributes }, random);
  });

  it("computes what is constant at once", () => {
    const [a, b] = [fixed("real", [2], [1, 2]), fixed("real", [2], [2, 1])];
    const program = lower(compareOps, { op: "Less", inputs: [a, b], outputs });
    expect(program.steps).to.deep.equal([]);
    expect(Array.from(program.outputs[0]!.value.constant!)).to.deep.equal([1, 0]);
  });

  it("refuses shapes and types that do not go together", () => {
    refuses(compareOps, { op: "Greater", inputs: [real(2, 3), real(2)], outputs }, OnnxShapeError, "[2, 3] and [2]");
    refuses(compareOps, { op: "Greater", inputs: [real(2), integer([2], 0, 1)], outputs }, OnnxDtypeError);
    refuses(compareOps, { op: "Less", inputs: [bits(2), bits(2)], outputs }, OnnxDtypeError);
    refuses(compareOps, { op: "And", inputs: [real(2), bits(2)], outputs }, OnnxDtypeError);
    refuses(compareOps, { op: "Where", inputs: [real(2), real(2), real(2)] }, OnnxDtypeError);
    refuses(compareOps, { op: "Not", inputs: [undefined], outputs }, OnnxShapeError, "input 0");
  });
});
