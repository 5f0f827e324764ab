import { expect } from "chai";

import { ProgramBuilder } from "../../../compiler/src/program/builder.ts";
import { fold } from "../../../compiler/src/program/fold.ts";
import { runProgram } from "../../../compiler/src/program/run.ts";
import type { ConvShape, Program } from "../../../compiler/src/program/types.ts";

const SHAPE: ConvShape = {
  channels: 1,
  size: [3, 3],
  outputs: 2,
  kernel: [2, 2],
  strides: [1, 1],
  pads: [0, 0, 0, 0],
  dilations: [1, 1],
  groups: 1,
};

function expectSame(program: Program, input: readonly number[]): Program {
  const folded = fold(program);
  const { id } = program.outputs[0]!.value;
  const [before, after] = [program, folded].map((each) => runProgram(each, [input]).get(id)!);
  for (const [at, value] of before!.entries()) expect(after![at]).to.be.closeTo(value, 1e-9);
  return folded;
}

describe("fold", () => {
  it("puts a bias of its own into the dense layer before it", () => {
    const builder = new ProgramBuilder("bias");
    const x = builder.input("x", [1, 2], "real");
    const dense = builder.dense(x, 1, [Float64Array.of(1, 2), Float64Array.of(3, 4)], Float64Array.of(0, 1), [1, 2]);
    const y = builder.scale(dense, Float64Array.of(2, 1), Float64Array.of(5, -6));
    const { steps } = expectSame(builder.finish([{ name: "y", value: y }]), [0.5, -3]);
    expect(steps.map(({ op }) => op)).to.deep.equal(["dense"]);
  });

  it("puts a normalisation of channels into the convolution before it", () => {
    const builder = new ProgramBuilder("norm");
    const x = builder.input("x", [1, 3, 3], "real");
    const conv = builder.conv(x, SHAPE, Float64Array.of(1, -2, 3, 4, 0.5, 6, -7, 8), Float64Array.of(1, 2));
    const each = (values: readonly number[]) =>
      Float64Array.from({ length: 8 }, (_, at) => values[Math.floor(at / 4)]!);
    const y = builder.scale(conv, each([2, -3]), each([0.25, 4]));
    const { steps } = expectSame(builder.finish([{ name: "y", value: y }]), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(steps.map(({ op }) => op)).to.deep.equal(["conv"]);
  });

  it("makes one line of two", () => {
    const builder = new ProgramBuilder("lines");
    const x = builder.input("x", [3], "real");
    const first = builder.scale(x, Float64Array.of(1, 2, 3), Float64Array.of(0, 1, 0));
    const y = builder.linear([[-2, first]], 5);
    const { steps } = expectSame(builder.finish([{ name: "y", value: y }]), [1, -1, 4]);
    expect(steps.map(({ op }) => op)).to.deep.equal(["scale"]);
  });

  it("leaves apart what differs within a channel, or is read twice", () => {
    const builder = new ProgramBuilder("apart");
    const x = builder.input("x", [1, 3, 3], "real");
    const conv = builder.conv(
      x,
      SHAPE,
      Float64Array.from({ length: 8 }, (_, at) => at),
      Float64Array.of(0, 0),
    );
    const uneven = builder.scale(
      conv,
      Float64Array.from({ length: 8 }, (_, at) => at),
      new Float64Array(8),
    );
    const first = expectSame(builder.finish([{ name: "y", value: uneven }]), [1, 0, 2, 0, 3, 0, 4, 0, 5]);
    expect(first.steps.map(({ op }) => op)).to.deep.equal(["conv", "scale"]);
    const twice = builder.multiply(conv, builder.linear([[2, conv]], 1));
    const second = expectSame(builder.finish([{ name: "y", value: twice }]), [1, 0, 2, 0, 3, 0, 4, 0, 5]);
    expect(second.steps.map(({ op }) => op)).to.deep.equal(["conv", "linear", "multiply"]);
  });
});
