import { expect } from "chai";

import { InputLengthError, InputValueError, interpret, TensorBoundError } from "../../../compiler/src/index.ts";
import { calibrationImages, compileDigits } from "../../support/digits.ts";
import { denseGraph, interval, smallGraph } from "../../support/graphs.ts";
import { expectParity, extremes } from "../../support/parity.ts";

describe("interpret", () => {
  it("computes the small graph as by hand", () => {
    // acc = [1 + 3 - 0, -4 + 9 + 0] = [4, 5]; rounded half up by 2: [2, 3]
    expect(interpret(smallGraph(), [3, 0])).to.deep.equal({
      output: [1],
      tensors: { x: [3, 0], acc0: [4, 5], act0: [2, 3], y: [1] },
    });
    // acc = [-5, -1]: the first is clamped, the second is -1/2, which rounds up to 0; the tie goes to the lower index.
    expect(interpret(smallGraph(), [0n, 3n]).tensors).to.deep.equal({
      x: [0, 3],
      acc0: [-5, -1],
      act0: [0, 0],
      y: [0],
    });
    // acc = [-2, 8]: 8 / 2 = 4 is over the clamp.
    expect(interpret(smallGraph(), [3, 3]).tensors["act0"]).to.deep.equal([0, 3]);
  });

  it("agrees with ONNX Runtime on every input of the small graph", async () => {
    const inputs = [0, 1, 2, 3].flatMap((first) => [0, 1, 2, 3].map((second) => [first, second]));
    await expectParity(smallGraph(), inputs);
  });

  it("agrees with ONNX Runtime where sums reach 2^24 - 1", async () => {
    const edge = 2 ** 24 - 1 - 2 * 255 * 32_768;
    for (const sign of [1, -1]) {
      const graph = denseGraph([sign * 32_768, sign * 32_768], sign * edge, 255);
      await expectParity(graph, extremes(graph));
      expect(interpret(graph, [255, 255]).output).to.deep.equal([sign * (2 ** 24 - 1)]);
    }
  });

  it("reads a digit", () => {
    const [image] = calibrationImages;
    expect(interpret(compileDigits().graph, image?.pixels ?? []).output).to.deep.equal([image?.label]);
  });

  it("refuses another number of elements", () => {
    for (const input of [[], [1], [1, 2, 3]]) expect(() => interpret(smallGraph(), input)).to.throw(InputLengthError);
  });

  for (const bad of [4, -1, 4n, -1n, 0.5, NaN, Infinity, 2 ** 53, "1", null, undefined]) {
    it(`refuses ${typeof bad} ${String(bad)} as an element`, () => {
      expect(() => interpret(smallGraph(), [0, bad as number])).to.throw(InputValueError, "x[1]");
    });
  }

  it("refuses holes in the input", () => {
    const holes = [1, 2];
    delete holes[0];
    expect(() => interpret(smallGraph(), holes)).to.throw(InputValueError, "x[0]");
  });

  it("notices a graph whose bounds are wrong", () => {
    const graph = smallGraph();
    const [dense, ...rest] = graph.nodes;
    const narrow = { ...dense, bounds: [interval(-5, 3), interval(-4, 8)] } as typeof dense & object;
    expect(() => interpret({ ...graph, nodes: [narrow, ...rest] }, [3, 0])).to.throw(TensorBoundError, "acc0[0]");
  });
});
