import { existsSync, readdirSync, readFileSync } from "node:fs";

import { expect } from "chai";

import { importOnnx } from "../../../compiler/src/onnx/import.ts";
import { elementCount } from "../../../compiler/src/program/geometry.ts";
import { retyped } from "../../support/onnx-retype.ts";
import { distance, runImported, runOnnx } from "../../support/onnx-run.ts";
import { Random } from "../../support/random.ts";

const HOME = new URL("../../../../shared/vectors/onnx/", import.meta.url);

/** Files that ONNX Runtime itself refuses: a product of int8, or a comparison of floats before operator set 11. */
const REFUSED = new Set(["decision_tree", "gradient_boosted_trees", "nanoGPT"]);

function readInputs(folder: string): readonly (readonly number[])[] | undefined {
  const file = new URL(`${folder}/input.json`, HOME);
  if (!existsSync(file)) return undefined;
  const { input_data } = JSON.parse(readFileSync(file, "utf8")) as { input_data: unknown[] };
  return input_data.map((flat) => [flat].flat(9).map(Number));
}

/** Small models of many kinds, kept beside the repository; one folder each with network.onnx and input.json. */
function folders(): readonly string[] {
  return existsSync(HOME) ? readdirSync(HOME).filter((name) => existsSync(new URL(`${name}/network.onnx`, HOME))) : [];
}

describe("importOnnx on the models of shared/vectors/onnx", () => {
  if (folders().length === 0) {
    it("finds the models", function () {
      console.log(`        skipped: there is no folder ${HOME.pathname}`);
      this.skip();
    });
  }
  for (const folder of folders()) {
    it(`${folder} gives what ONNX Runtime gives`, async function () {
      this.timeout(60_000);
      const bytes = Uint8Array.from(readFileSync(new URL(`${folder}/network.onnx`, HOME)));
      const { program } = importOnnx(bytes);
      const dims = program.inputs.map(({ value }) => value.dims);
      const random = new Random(7);
      const inputs =
        readInputs(folder) ??
        program.inputs.map(({ value }) => random.array(elementCount(value.dims), () => random.real()));
      const runnable = REFUSED.has(folder) ? retyped(bytes) : bytes;
      const expected = await runOnnx(runnable, dims, inputs);
      const { results } = runImported(bytes, inputs);
      for (const [at, { name, dims: shape, data }] of results.entries()) {
        expect(shape, `shape of ${name}`).to.deep.equal(expected[at]?.dims);
        expect(distance(data, expected[at]?.data ?? []), name).to.be.below(1e-4);
      }
    });
  }
});
