import { createHash } from "node:crypto";

import { expect } from "chai";

import {
  AccumulatorOverflowError,
  GraphFormatError,
  GraphInvalidError,
  graphDigest,
  parseGraph,
  serialiseGraph,
  verifyGraph,
} from "../../../compiler/src/index.ts";
import { compileDigits } from "../../support/digits.ts";
import { denseGraph, smallGraph } from "../../support/graphs.ts";

type Json = Record<string, unknown>;

/** The small graph as JSON with the value at `path` replaced; undefined removes it. */
function changed(path: string, value: unknown): string {
  const root = JSON.parse(serialiseGraph(smallGraph())) as Json;
  const keys = path.split(".");
  const last = keys.pop() as string;
  const parent = keys.reduce<Json>((at, key) => at[key] as Json, root);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return JSON.stringify(root);
}

describe("serialiseGraph, parseGraph, graphDigest", () => {
  it("gives the graph back, and the same text whatever the order of fields", () => {
    for (const graph of [smallGraph(), compileDigits().graph]) {
      const text = serialiseGraph(graph);
      expect(parseGraph(text)).to.deep.equal(graph);
      const shuffled = Object.fromEntries(Object.entries(graph).reverse()) as unknown as typeof graph;
      expect(serialiseGraph(shuffled)).to.equal(text);
      expect(graphDigest(graph)).to.equal(`0x${createHash("sha256").update(text).digest("hex")}`);
    }
  });

  it("names the digits model by one digest, on every machine", () => {
    // A change here means that the compiler makes another model of the same file: explain it in the pull request.
    expect(graphDigest(compileDigits().graph)).to.equal(
      "0x123fb1679d0f75b3b2442d475104cb6190302598e5bcce4525ffdd671a680c5a",
    );
  });

  it("writes keys sorted, without spaces, intervals as strings", () => {
    const text = serialiseGraph(denseGraph([1, -1], 0, 1));
    expect(text).to.equal(
      '{"format":"assay.graph/2","input":{"dims":[2],"dtype":"u8","name":"x","range":{"max":"1","min":"0"},"scale":1,' +
        '"zeroPoint":0},"inputParts":[{"dims":[2],"name":"x"}],"name":"dense","nodes":[{"bias":[0],"input":"x",' +
        '"name":"dense0","op":"dense","output":"y","rows":1,"weights":[[1,-1]]}],"output":{"dims":[1],"dtype":"i32",' +
        '"name":"y","range":{"max":"1","min":"-1"},"scale":1,"zeroPoint":0},"outputParts":[{"dims":[1],"name":"y"}],"ranges":{"x":{"max":"1","min":"0"},' +
        '"y":{"max":"1","min":"-1"}},"widths":{"x":2,"y":1}}',
    );
  });

  const malformed: readonly [path: string, value: unknown][] = [
    ["format", "assay.graph/3"],
    ["extra", 1],
    ["name", ""],
    ["name", "\ud800"],
    ["input.dtype", "f32"],
    ["input.dims", []],
    ["input.dims", [2, 2 ** 20]],
    ["input.scale", 0],
    ["input.range.max", 3],
    ["input.range.max", "03"],
    ["input.range.max", "-0"],
    ["input.range.max", "9".repeat(20)],
    ["nodes", []],
    ["nodes.0.op", "pow"],
    ["nodes.0.name", "a b"],
    ["nodes.0.weights.0.0", 1.5],
    ["nodes.0.weights.0.0", 2 ** 24],
    ["nodes.0.weights.0.0", null],
    ["nodes.0.bias.0", 2 ** 24],
    ["nodes.1.shift", 24],
    ["nodes.1.shift", -1],
    ["nodes.2.axis", 1],
    ["widths", undefined],
    ["widths.x", 0],
  ];
  for (const [path, value] of malformed) {
    it(`refuses ${path} = ${JSON.stringify(value)?.slice(0, 24) ?? "nothing"} as malformed`, () => {
      expect(() => parseGraph(changed(path, value))).to.throw(GraphFormatError, path.split(".")[0]);
    });
  }

  it("refuses negative zero, which is no integer of its own", () => {
    expect(() => parseGraph(changed("nodes.0.bias.0", 0).replace('"bias":[0,', '"bias":[-0,'))).to.throw(
      GraphFormatError,
    );
  });

  it("refuses text that is not JSON, and keys that would reach a prototype", () => {
    expect(() => parseGraph("{")).to.throw(GraphFormatError, "not JSON");
    const poisoned = serialiseGraph(smallGraph()).replace('"widths":{', '"widths":{"__proto__":1,');
    expect(() => parseGraph(poisoned)).to.throw(GraphFormatError);
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(() => parseGraph(poisoned.replace('"__proto__":1', `"__proto__":${deep}`))).to.throw(GraphFormatError);
    expect(() => parseGraph(deep)).to.throw(GraphFormatError);
  });

  const wrong: readonly [path: string, value: unknown][] = [
    ["nodes.0.bias", [1]],
    ["nodes.0.weights.0", [1]],
    ["nodes.0.weights.1.0", 4],
    ["nodes.1.clamp.max", "2"],
    ["nodes.1.clamp.min", "9"],
    ["nodes.1.shift", 3],
    ["nodes.1.input", "y"],
    ["nodes.1.input", "act0"],
    ["nodes.1.input", "ghost"],
    ["nodes.2.width", 3],
    ["nodes.1.output", "acc0"],
    ["nodes.2.name", "dense0"],
    ["widths.acc0", 3],
    ["widths.acc0", undefined],
    ["widths.extra", 3],
    ["ranges.act0.max", "4"],
    ["ranges.act0.min", "-1"],
    ["ranges.y", undefined],
    ["ranges.constructor", { min: "0", max: "0" }],
    ["input.range.max", "7"],
    ["input.range.max", "256"],
    ["input.range.min", "4"],
    ["input.zeroPoint", 256],
    ["input.dims", [3]],
    ["output.name", "act0"],
    ["output.range.max", "2"],
    ["output.dims", [2]],
    ["output.scale", 0.5],
  ];
  for (const [path, value] of wrong) {
    it(`refuses ${path} = ${JSON.stringify(value)?.slice(0, 24) ?? "nothing"}, because something else follows`, () => {
      expect(() => parseGraph(changed(path, value))).to.throw(GraphInvalidError);
    });
  }

  it("takes sums up to 2^24 - 1 and refuses 2^24", () => {
    // 255 * 32,768 * 2 + 65,535 = 2^24 - 1 - 65,536 + 65,536: the last integer that is exact with its neighbours.
    const edge = 2 ** 24 - 1 - 2 * 255 * 32_768;
    expect(() => verifyGraph(denseGraph([32_768, 32_768], edge, 255))).not.to.throw();
    expect(() => verifyGraph(denseGraph([32_768, 32_768], edge + 1, 255))).to.throw(AccumulatorOverflowError, "dense0");
    // The interval alone would fit; the partial sums would not.
    expect(() => verifyGraph(denseGraph([32_768, -32_768], 100_000, 255))).to.throw(AccumulatorOverflowError);
  });

  it("counts the half that rounds among the sums", () => {
    const withShift = (bias: number, shift: number) => {
      const dense = denseGraph([0], bias, 1);
      const out = {
        min: BigInt(Math.floor(bias / 2 ** shift + 0.5)),
        max: BigInt(Math.floor(bias / 2 ** shift + 0.5)),
      };
      const clamp = { min: 0n, max: 2n ** 24n };
      return {
        ...dense,
        nodes: [...dense.nodes, { op: "requantise", name: "r", input: "y", output: "z", shift, clamp }] as const,
        output: { ...dense.output, name: "z", range: out },
        outputParts: [{ name: "z", dims: [1] }],
        widths: { ...dense.widths, z: 1 },
        ranges: { ...dense.ranges, z: out },
      };
    };
    expect(() => verifyGraph(withShift(2 ** 24 - 1 - 2 ** 9, 10))).not.to.throw();
    expect(() => verifyGraph(withShift(2 ** 24 - 2 ** 9, 10))).to.throw(AccumulatorOverflowError);
  });
});
