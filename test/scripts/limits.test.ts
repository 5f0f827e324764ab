import { expect } from "chai";

import { limitViolations } from "../../scripts/checks/limits.ts";

// Put together from parts, so that this file passes the check it tests.
const WORD = "TO" + "DO";
const ONLY = "it.on" + 'ly("x", () => {});';
const SKIP = "this.sk" + "ip();";

describe("File limits", () => {
  it("refuses a word that promises later work", () => {
    expect(limitViolations("sdk/a.ts", `x\n// ${WORD}: later\n`)).to.have.length(1);
    expect(limitViolations("sdk/a.ts", `x\n// ${WORD}: later\n`)[0]).to.match(/^sdk\/a\.ts:2: /);
    expect(limitViolations("sdk/a.ts", `const my${WORD}s = 1;\n`)).to.deep.equal([]);
  });

  it("refuses a test that leaves the others out", () => {
    expect(limitViolations("test/a.test.ts", ONLY).join()).to.match(/leaves every other test out/);
  });

  it("refuses a skip without a printed reason, and takes one with it", () => {
    expect(limitViolations("test/a.test.ts", `if (!gpu) ${SKIP}`).join()).to.match(/print its reason/);
    expect(limitViolations("test/a.test.ts", `console.log("no GPU adapter");\n${SKIP}`)).to.deep.equal([]);
    expect(limitViolations("test/a.test.ts", `console.log("far");\n\n\n\n\n${SKIP}`)).to.have.length(1);
  });

  it("takes the reason of solhint's own form from the comment above it, and nothing else there", () => {
    const bare = "// solhint-dis" + "able";
    const off = `${bare} no-unused-import`;
    expect(limitViolations("a.sol", `// Used in assembly.\n${off}\n`)).to.deep.equal([]);
    expect(limitViolations("a.sol", `contract A {}\n${off}\n`)).to.have.length(1);
    expect(limitViolations("a.sol", off)).to.have.length(1);
    expect(limitViolations("a.sol", `// All of it.\n${bare}\n`)).to.have.length(1);
  });

  it("refuses a comment that turns lint rules off without naming them or saying why", () => {
    const off = "eslint-dis" + "able";
    for (const text of [`/* ${off} */`, `// ${off}-next-line no-console`, `// ${off}-line -- just so`]) {
      expect(limitViolations("sdk/a.ts", text), text).to.have.length(1);
    }
    for (const text of [`// ${off}-next-line no-console -- a program`, `// ${off}-line @a/b, c -- both`]) {
      expect(limitViolations("sdk/a.ts", text), text).to.deep.equal([]);
    }
    expect(limitViolations("a.sol", "// solhint-dis" + "able-next-line no-unused-vars")).to.have.length(1);
  });

  it("names a long file and refuses a very long one", () => {
    const long: string[] = [];
    expect(limitViolations("a.ts", "x\n".repeat(500), long)).to.deep.equal([]);
    expect(long).to.deep.equal([]);
    expect(limitViolations("a.ts", "x\n".repeat(800), long)).to.deep.equal([]);
    expect(long).to.deep.equal(["a.ts: 800 lines"]);
    expect(limitViolations("a.ts", "x\n".repeat(801))).to.have.length(1);
  });
});
