import { expect } from "chai";

import { compileOnnx, CompileOptionError, type CompileOptions } from "../../../compiler/src/index.ts";
import { calibrationImages, digitsOnnx } from "../../support/digits.ts";

const calibration = calibrationImages.map(({ pixels }) => pixels);

function compile(options: Partial<CompileOptions> = {}) {
  return compileOnnx(digitsOnnx(), { name: "digits", calibration, ...options });
}

/** Greatest weight of each dense layer, in bits with the sign, and bits of what the ReLU gives. */
function widths(options: Partial<CompileOptions>): { weights: number[]; relu: number | undefined } {
  const { graph, report } = compile(options);
  const weights = graph.nodes.flatMap((node) => {
    if (node.op !== "dense") return [];
    return [2 + Math.floor(Math.log2(Math.max(...node.weights.flat().map(Math.abs))))];
  });
  return { weights, relu: report.layers.find(({ source }) => source === "node_relu")?.bits };
}

describe("bit widths", () => {
  it("gives all weights and activations the bits asked for, from 4 to 16", () => {
    expect(widths({ bits: 4 })).to.deep.equal({ weights: [4, 4], relu: 4 });
    expect(widths({ bits: 6 })).to.deep.equal({ weights: [6, 6], relu: 6 });
    const { weights, relu } = widths({ bits: 16 });
    expect(weights[0], "five-bit pixels have room for 16 bits").to.equal(16);
    expect(relu, "activations keep theirs").to.equal(16);
    expect(weights[1], "and the next weights lose some, for the sums' sake").to.be.within(4, 8);
  });

  it("gives one node the bits asked for, and leaves the others", () => {
    const plain = widths({});
    expect(plain).to.deep.equal({ weights: [8, 10], relu: 8 });
    expect(widths({ bitsOf: { node_linear: { weights: 5 } } })).to.deep.equal({ weights: [5, 10], relu: 8 });
    expect(widths({ bitsOf: { node_relu: 6 } })).to.deep.equal({ weights: [8, 10], relu: 6 });
    expect(widths({ bitsOf: { node_relu: { results: 12 } } }).relu).to.equal(12);
    expect(widths({ bits: 6, bitsOf: { node_linear_1: 9, node_relu: 7 } })).to.deep.equal({ weights: [6, 9], relu: 7 });
  });

  it("lets the particular option go before the general one", () => {
    expect(widths({ bits: 5, weightBits: 7 })).to.deep.equal({ weights: [7, 7], relu: 5 });
    expect(widths({ bits: 5, activationBits: 9 })).to.deep.equal({ weights: [5, 5], relu: 9 });
  });

  it("is nearer to the float model with more bits", () => {
    const errors = [4, 6, 8, 10].map((bits) => compile({ bits }).report.calibration.meanAbsoluteError);
    for (const [at, error] of errors.slice(1).entries()) expect(error).to.be.below(errors[at]! / 2);
  });

  it("refuses bits that are none, naming option, value and range", () => {
    for (const bits of [0, 3, 17, 8.5, -8, NaN, Infinity, 1e300]) {
      expect(() => compile({ bits }), `bits ${bits}`).to.throw(CompileOptionError, /Option bits is .*from 4 to 16/);
      const one = { bitsOf: { node_relu: bits } };
      expect(() => compile(one), `of one ${bits}`).to.throw(CompileOptionError, /bitsOf "node_relu" is .*from 4 to 16/);
      const weights = { bitsOf: { node_linear: { weights: bits } } };
      expect(() => compile(weights), `of weights ${bits}`).to.throw(CompileOptionError, "node_linear");
    }
    expect(() => compile({ bitsOf: { node_relu: {} } })).to.throw(CompileOptionError, "empty");
    expect(() => compile({ scales: "any" as "powers" })).to.throw(CompileOptionError, "scales");
  });

  it("refuses bits for a node that the model has not, and lists those that it has", () => {
    for (const name of ["nobody", "__proto__", "constructor", "", "x".repeat(10_000)]) {
      const bitsOf = Object.fromEntries([[name, 6]]);
      expect(() => compile({ bitsOf }), name.slice(0, 20)).to.throw(CompileOptionError, '"node_linear"');
    }
  });
});
