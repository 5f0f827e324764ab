import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect } from "chai";

import { emitCircom } from "../../compiler/src/emit/circom/program.ts";
import { compileOnnx } from "../../compiler/src/index.ts";
import { lintTemplate, templatesOf, type Template } from "../support/circom-lints.ts";
import { OPS, randomDag } from "../support/random-dags.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (...path: string[]) => readFileSync(join(ROOT, ...path), "utf8");

const files = readdirSync(join(ROOT, "circuits"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".circom"))
  .sort();
const templates = files.flatMap((file) => templatesOf(read("circuits", file)).map((template) => ({ file, template })));
const library = new Map(templates.map(({ template }) => [template.name, template] as const));
// Used by one of ours alone, and not ours to lint.
const [poseidon] = templatesOf("template Poseidon(N) { signal input inputs[N]; signal output out; }");
library.set("Poseidon", poseidon as Template);

function lint(body: string, { generated = false } = {}): string[] {
  const made = templatesOf(body);
  const known = new Map([...library, ...made.map((template) => [template.name, template] as const)]);
  return made.flatMap((template) => lintTemplate(template, known, { generated }));
}

/** A template with nothing wrong but what `body` does. */
const snippet = (body: string): string =>
  `/// @input  in   any\n/// @output out  any\n/// Constraints: none.\ntemplate T() {\n    signal input in;\n    signal output out;\n${body}\n}\n`;

describe("circuits: lints", () => {
  it("sees every file and its templates", () => {
    expect(files.length).to.be.greaterThan(14);
    for (const file of files) expect(templatesOf(read("circuits", file)), file).not.to.deep.equal([]);
  });

  for (const { file, template } of templates) {
    it(`${file}: ${template.name}`, () => {
      expect(lintTemplate(template, library)).to.deep.equal([]);
    });
  }

  it("every template has a row in circuits/README.md and a test beside this one", () => {
    const readme = read("circuits", "README.md");
    const tests = readdirSync(join(ROOT, "test", "circuits")).filter((name) => name.endsWith(".test.ts"));
    for (const { file, template } of templates) {
      expect(readme, `row of ${template.name}`).to.match(new RegExp(`^\\| \`${file}\` \`${template.name}\\(`, "m"));
      const own = tests.filter((name) => !["lints.test.ts", "determined.test.ts"].includes(name));
      const tested = own.some((name) => new RegExp(`\\b${template.name}\\b`).test(read("test", "circuits", name)));
      expect(tested, `a test of ${template.name}`).to.equal(true);
    }
  });

  it("programs of every op and of random graphs", () => {
    const graphs = [
      ...OPS.map((op, at) => randomDag({ seed: 900 + at, ops: [op] })),
      ...Array.from({ length: 40 }, (_, at) => randomDag({ seed: 950 + at })),
    ];
    for (const graph of graphs)
      expect(lint(emitCircom(graph).source, { generated: true }), graph.name).to.deep.equal([]);
  });

  it("programs of every way to bind input and output", () => {
    const graph = randomDag({ seed: 990, ops: ["dense", "requantise"] });
    for (const mode of ["packed", "fingerprint"] as const) {
      for (const input of ["public", "committed"] as const) {
        for (const output of ["public", "committed"] as const) {
          if (mode === "fingerprint" && input === "committed" && output === "committed") continue;
          const binding = { mode, input, output };
          expect(lint(emitCircom(graph, binding).source, { generated: true }), JSON.stringify(binding)).to.deep.equal(
            [],
          );
        }
      }
    }
  });

  it("programs of the committed models", function () {
    this.timeout(60_000);
    const home = join("vectors", "models");
    for (const name of readdirSync(join(ROOT, home))) {
      if (!existsSync(join(ROOT, home, name, "model.onnx"))) continue;
      const data = JSON.parse(read(home, name, "calibration.json")) as {
        inputs?: number[][];
        images?: { pixels: number[] }[];
      };
      const calibration = data.inputs ?? data.images?.map(({ pixels }) => pixels) ?? [];
      for (const weights of ["constant", "committed"] as const) {
        const options = { name, calibration, weights };
        const { graph } = compileOnnx(readFileSync(join(ROOT, home, name, "model.onnx")), options);
        expect(lint(emitCircom(graph).source, { generated: true }), `${name}, ${weights}`).to.deep.equal([]);
      }
    }
  });

  const faults: readonly (readonly [what: string, body: string, says: RegExp])[] = [
    ["a hint without an argument", "out <-- in; out * in === in;", /no argument/],
    ["a hint without a constraint", "// Unique: no.\nout <-- in + 1; in === 3;", /in no constraint/],
    ["an assert on a signal", "assert(in < 4); out <== in;", /assert on "in"/],
    [
      "an assert on what follows from a signal",
      "var twice = 2 * in; assert(twice < 4); out <== in;",
      /assert on "twice"/,
    ],
    ["an equation of constants", "out <== in; 1 === 1;", /constants only/],
    ["an unread input", "out <== 4;", /input "in" is read nowhere/],
    ["an output that is not assigned", "in === 4;", /output signal "out" is assigned nowhere/],
    ["a signal that is not read", "signal spare <== in; out <== in;", /signal "spare" is read nowhere/],
    [
      "an ignored output",
      "component bits = Bits(8); bits.in <== in; out <== in;",
      /output "bits" of component "bits" is ignored/,
    ],
    ["an ignored anonymous output", "Bits(8)(in); out <== in;", /its output ignored/],
    ["254 digits", "signal bits[254] <== Bits(254)(in); out <== bits[0];", /above the modulus/],
    [
      "circomlib's digits",
      "component bits = Num2Bits(254); bits.in <== in; out <== bits.out[0];",
      /Num2Bits is circomlib's/,
    ],
    ["digits without a bound", "// Unique.\nout <-- in >> 1; out * 2 === in;", /no assert bounds/],
    ["a reversed hint", "in --> out; out === in;", /-->/],
  ];
  for (const [what, body, says] of faults) {
    it(`can fail: finds ${what}`, () => {
      expect(lint(snippet(body)).join("\n")).to.match(says);
    });
  }

  it("finds nothing in what is right", () => {
    expect(lint(snippet("    out <== in * in;"))).to.deep.equal([]);
    expect(lint(snippet("    out <== in * in;"), { generated: true })).to.deep.equal([]);
    expect(lint("template T(N) { signal input in; signal output out; out <== in; }").join("\n")).to.match(
      /@input[^]*@param[^]*cost/,
    );
  });
});
