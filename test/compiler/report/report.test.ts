import { readFileSync } from "node:fs";

import { expect } from "chai";

import {
  compileCircuit,
  compileOnnx,
  drawReport,
  estimateConstraints,
  estimateCost,
  type PictureData,
} from "../../../compiler/src/index.ts";
import { COST_MODEL } from "../../../compiler/src/report/costs.ts";
import { compileDigits } from "../../support/digits.ts";

function vector(name: string): { readonly onnx: Uint8Array; readonly calibration: number[][] } {
  const folder = new URL(`../../../vectors/models/${name}/`, import.meta.url);
  const data = JSON.parse(readFileSync(new URL("calibration.json", folder), "utf8")) as { inputs: number[][] };
  return { onnx: Uint8Array.from(readFileSync(new URL("model.onnx", folder))), calibration: data.inputs };
}

describe("report", () => {
  it("compares in float32, as ONNX Runtime does: trees that split at values of their data agree", () => {
    const { onnx, calibration } = vector("xgboost-iris");
    const { report } = compileOnnx(onnx, { calibration });
    expect(report.calibration.samples).to.equal(105);
    expect(report.calibration.agreement).to.equal(1);
    expect(report.calibration.relativeError).to.be.below(0.01);
  });

  it("counts constraints as the circuit has them", async function () {
    this.timeout(240_000);
    for (const name of ["xgboost-iris", "torch-cnn", "sklearn-forest"]) {
      const { onnx, calibration } = vector(name);
      const { graph } = compileOnnx(onnx, { calibration, name });
      const { constraints, costs } = await compileCircuit(graph, { binding: "packed" });
      const estimate = estimateConstraints(graph);
      expect(estimate.total, name).to.be.within(0.97 * constraints.total, 1.03 * constraints.total);
      expect(estimate.nodes, name).to.have.length(costs.nodes.length);
      expect(estimate.input, name).to.equal(costs.input);
    }
    const digits = await compileCircuit(compileDigits().graph, { binding: "packed" });
    expect(estimateConstraints(compileDigits().graph)).to.deep.equal({ ...digits.costs, total: 1_129 });
  });

  it("has the error of each node on the calibration data", () => {
    const { layers } = compileDigits().report;
    const [first, relu] = layers;
    expect(first?.error).to.be.within(1e-6, 0.02);
    expect(relu?.error).to.be.within(1e-6, 0.02);
    const coarse = compileOnnx(vector("torch-cnn").onnx, { ...vector("torch-cnn"), bits: 4 }).report.layers;
    const fine = compileOnnx(vector("torch-cnn").onnx, { ...vector("torch-cnn"), bits: 8 }).report.layers;
    expect(coarse.at(-1)!.error).to.be.above(4 * fine.at(-1)!.error!);
  });

  it("estimates the proving time of the circuits that were measured within a fifth", () => {
    const figures = JSON.parse(
      readFileSync(new URL("../../../bench/results/figures.json", import.meta.url), "utf8"),
    ) as Record<string, number>;
    const measured = [
      [figures["zk.digits.constraints"], figures["zk.digits.prove.ms"]! / 1_000],
      [figures["zk.mlp784.constraints"], figures["zk.mlp784.prove.s"]],
      [figures["zk.lenet5.constraints"], figures["zk.lenet5.prove.s"]],
    ] as const;
    for (const [constraints, seconds] of measured) {
      const { provingSeconds, provingSource } = estimateCost(constraints!, 4);
      expect(provingSeconds, provingSource).to.be.within(0.8 * seconds!, 1.2 * seconds!);
    }
    const { verificationGas, transactionGas } = estimateCost(1, 4);
    expect(Math.abs(verificationGas - 208_326), COST_MODEL.gasSource).to.be.below(100);
    expect(transactionGas).to.be.above(verificationGas + 21_000);
  });
});

describe("drawReport", () => {
  const bar = (name: string, error?: number): PictureData["layers"][number] => ({
    name: "n",
    op: "dense",
    source: name,
    elements: 1,
    scale: 1,
    range: { min: 0n, max: 1n },
    bits: 1,
    ...(error === undefined ? {} : { error }),
  });

  it("draws a bar for each node of the model, with its constraints and its error", () => {
    const { report } = compileDigits();
    const svg = drawReport({ title: "digits", ...report });
    for (const text of ["node_linear", "node_relu", "node_argmax", "public words", "digits: 1129 constraints"]) {
      expect(svg).to.contain(`>${text}<`);
    }
    const numbers = Array.from(svg.matchAll(/class="number"[^>]*>([0-9]+)</g), ([, each]) => Number(each));
    expect(numbers.reduce((sum, each) => sum + each, 0)).to.equal(1_129);
    expect(svg).to.contain("prefers-color-scheme: dark").and.to.contain('class="error"');
    expect(drawReport({ title: "digits", ...report })).to.equal(svg);
  });

  it("lets no name out of its text", () => {
    const names = [`</text><script>alert(1)</script>`, `"' onload="x`, "\u0000\u001b[2J\u202e", "\ud800", "&amp;"];
    const layers = names.map((name) => bar(name, NaN));
    const constraints = { input: 0, words: 0, nodes: names.map(() => 1) };
    const svg = drawReport({ title: names.join(""), layers, constraints });
    expect(svg).not.to.match(/<script|onload="|\ud800(?![\udc00-\udfff])/);

    expect(svg).not.to.match(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    const inside = svg.replace(/<style>[^]*<\/style>/, "");
    expect(Array.from(inside.matchAll(/<(\/?[a-z]+)/g), ([, tag]) => tag!).every((tag) => /^\/?(svg|title|rect|text|style)$/.test(tag))).to.equal(true); // prettier-ignore
  });

  it("has at most forty bars and leaves nothing out of the sum", () => {
    const layers = Array.from({ length: 300 }, (_, at) => bar(`node ${at}`, at / 300));
    const constraints = { input: 5, words: 7, nodes: layers.map((_, at) => at) };
    const svg = drawReport({ title: "many", layers, constraints });
    expect(svg.match(/class="name"/g)).to.have.length(40);
    expect(svg)
      .to.contain("263 others")
      .and.to.contain(`many: ${5 + 7 + (299 * 300) / 2} constraints`);
  });
});
