import { readFileSync } from "node:fs";

import { expect } from "chai";

import { operators } from "../../compiler/src/onnx/ops/index.ts";

const PAGE = new URL("../../docs/zkml.md", import.meta.url);

/** What stands in backticks under the heading `Supported operators`. */
function listed(page: string): string[] {
  const [, rest = ""] = page.split("\n## Supported operators\n");
  const [section = ""] = rest.split("\n## ");
  return [...section.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}

describe("docs/zkml.md", () => {
  it("lists the operators that the importer has, each once", () => {
    const names = listed(readFileSync(PAGE, "utf8"));
    expect(names.toSorted()).to.deep.equal(Object.keys(operators).sort());
  });

  it("reads the list, and nothing after it", () => {
    const page = "# Page\n`A`\n\n## Supported operators\n\n- a: `B` `x.C`\n\n## Limits\n\n`D`\n";
    expect(listed(page)).to.deep.equal(["B", "x.C"]);
  });
});
