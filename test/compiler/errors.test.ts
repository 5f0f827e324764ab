import { readFileSync } from "node:fs";

import { AssayError } from "@assay/sdk";
import { expect } from "chai";

const HOME = new URL("../../", import.meta.url);
const AREAS = ["onnx", "graph", "quantise", "interpret"] as const;

/** The codes that a file of error classes gives. */
function codesIn(area: string): string[] {
  const source = readFileSync(new URL(`compiler/src/${area}/errors.ts`, HOME), "utf8");
  return [...source.matchAll(/code = "(ASY-[A-Z]+-\d{3})" as const/g)].map(([, code]) => code as string);
}

describe("error codes of the compiler", () => {
  const codes = AREAS.flatMap(codesIn);
  const rows =
    readFileSync(new URL("docs/errors/compiler.md", HOME), "utf8").match(/^\| ASY-[A-Z]+-\d{3}(?= \|)/gm) ?? [];

  it("are unique and each has one row in docs/errors/compiler.md", () => {
    expect(codes).to.have.length.above(25);
    expect(new Set(codes).size).to.equal(codes.length);
    expect(
      rows
        .map((row) => row.slice(2))
        .filter((code) => codes.includes(code))
        .sort(),
    ).to.deep.equal([...codes].sort());
  });

  it("belong to subclasses of AssayError", async () => {
    const classes: unknown[] = [];
    for (const area of AREAS) {
      const module = (await import(`../../compiler/src/${area}/errors.ts`)) as Record<string, unknown>;
      classes.push(...Object.values(module));
    }
    expect(classes).to.have.length(codes.length);
    for (const each of classes) expect((each as typeof AssayError).prototype).to.be.instanceOf(AssayError);
  });
});
