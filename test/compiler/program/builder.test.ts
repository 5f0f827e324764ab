import { expect } from "chai";

import { ProgramBuilder } from "../../../compiler/src/program/builder.ts";
import { runProgram } from "../../../compiler/src/program/run.ts";
import type { Program, Value } from "../../../compiler/src/program/types.ts";

function finish(builder: ProgramBuilder, value: Value): Program {
  return builder.finish([{ name: "y", value }]);
}

function outputOf(program: Program, input: readonly number[]): number[] {
  const { value } = program.outputs[0]!;
  return Array.from(value.constant ?? runProgram(program, [input]).get(value.id)!);
}

const ops = (program: Program) => program.steps.map(({ op }) => op);

describe("ProgramBuilder", () => {
  it("computes at once what follows from constants alone", () => {
    const builder = new ProgramBuilder("constants");
    const x = builder.input("x", [2], "real");
    const product = builder.multiply(builder.constant([2], [2, 3]), builder.constant([2], [5, 7]));
    expect(Array.from(product.constant!)).to.deep.equal([10, 21]);
    const program = finish(
      builder,
      builder.linear(
        [
          [1, x],
          [2, product],
        ],
        1,
      ),
    );
    expect(ops(program)).to.deep.equal(["scale"]);
    expect(outputOf(program, [1, 1])).to.deep.equal([22, 44]);
  });

  it("makes one table of a chain of functions of one value", () => {
    const builder = new ProgramBuilder("gelu");
    const x = builder.input("x", [3], "real");
    const cube = builder.table(x, "cube", (v) => v ** 3);
    const inner = builder.linear(
      [
        [0.044715, cube],
        [1, x],
      ],
      0,
    );
    const bent = builder.table(inner, "tanh", Math.tanh);
    const program = finish(builder, builder.multiply(builder.linear([[0.5, x]], 0), builder.linear([[1, bent]], 1)));
    expect(ops(program)).to.deep.equal(["table"]);
    const wanted = [-2, 0.5, 3].map((v) => 0.5 * v * (1 + Math.tanh(v + 0.044715 * v ** 3)));
    expect(outputOf(program, [-2, 0.5, 3])).to.deep.equal(wanted);
  });

  it("keeps functions of two values, and straight lines, arithmetic", () => {
    const builder = new ProgramBuilder("two");
    const x = builder.input("x", [2], "real");
    const y = builder.input("z", [2], "real");
    const line = builder.linear([[3, x]], 1);
    const program = finish(builder, builder.multiply(builder.table(line, "sin", Math.sin), y));
    expect(ops(program)).to.deep.equal(["table", "multiply"]);
    expect(outputOf(finish(builder, builder.multiply(line, line)), [2, -1])).to.deep.equal([49, 4]);
    expect(ops(finish(builder, builder.multiply(line, line)))).to.deep.equal(["linear", "multiply"]);
  });

  it("does not take a reordered value for the value", () => {
    const builder = new ProgramBuilder("reversed");
    const x = builder.input("x", [2], "real");
    const squared = builder.table(x, "square", (v) => v * v);
    const reversed = builder.gather([squared], [1, 0], [2]);
    const program = finish(builder, builder.multiply(squared, reversed));
    expect(outputOf(program, [2, 3])).to.deep.equal([36, 36]);
    expect(ops(program)).to.deep.equal(["table", "gather", "multiply"]);
  });

  it("clamps a table within the table", () => {
    const builder = new ProgramBuilder("clamped");
    const x = builder.input("x", [3], "real");
    const program = finish(builder, builder.clamp(builder.table(x, "exp", Math.exp), 0, 2));
    expect(ops(program)).to.deep.equal(["table"]);
    expect(outputOf(program, [-1, 0, 5])).to.deep.equal([Math.exp(-1), 1, 2]);
  });

  it("leaves out what no output needs", () => {
    const builder = new ProgramBuilder("dead");
    const x = builder.input("x", [2], "real");
    builder.table(x, "unused", Math.cos);
    expect(ops(finish(builder, builder.sum(x, 2, [1])))).to.deep.equal(["sum"]);
  });
});
