import { expect } from "chai";

import { LayerTooLargeError } from "../../../compiler/src/graph/errors.ts";
import { compileOnnx } from "../../../compiler/src/index.ts";
import { ProgramBuilder } from "../../../compiler/src/program/builder.ts";
import { checkWork } from "../../../compiler/src/program/work.ts";
import { attribute, buildModel, node, valueInfo } from "../../support/onnx-builder.ts";

describe("checkWork", () => {
  it("refuses a small file that asks for years of convolution, at once", () => {
    const size = 400;
    const dims = {
      name: "dims",
      dims: [4],
      data_type: 7,
      raw_data: new Uint8Array(BigInt64Array.of(1n, 1n, 400n, 400n).buffer),
    };
    const bytes = buildModel({
      nodes: [
        node("ConstantOfShape", ["dims"], "w", [
          attribute.tensor("value", { dims: [1], data_type: 1, raw_data: new Uint8Array(Float32Array.of(1).buffer) }),
        ]),
        node("Conv", ["x", "w"], "y", [{ name: "pads", type: 7, ints: [size - 1, size - 1, size - 1, size - 1] }]),
      ],
      initializers: [dims],
      inputs: [valueInfo("x", [1, 1, size, size])],
      outputs: [valueInfo("y", [1, 1, 2 * size - 1, 2 * size - 1])],
    });
    const started = performance.now();
    expect(() => compileOnnx(bytes, {})).to.throw(LayerTooLargeError, /Conv_y/);
    expect(performance.now() - started).to.be.below(5_000);
  });

  it("counts every calibration input", () => {
    const builder = new ProgramBuilder("dense");
    const x = builder.input("x", [1, 1024], "real");
    builder.source = "layer";
    const rows = Array.from({ length: 1024 }, () => new Float64Array(1024).fill(1));
    const y = builder.dense(x, 1, rows, new Float64Array(1024), [1, 1024]);
    const program = builder.finish([{ name: "y", value: y }]);
    checkWork(program, 16_384);
    expect(() => checkWork(program, 16_385)).to.throw(LayerTooLargeError, /layer.*16385 calibration inputs/);
  });
});
