import { expect } from "chai";

import { codeViolations } from "../../scripts/checks/error-codes.ts";

const CODE = "ASY-" + "SDK-001";
const check = (source: string, page: string): string[] =>
  codeViolations(new Map([["sdk/src/a.ts", source]]), new Map([["docs/errors/sdk.md", page]]));

describe("Error codes", () => {
  it("takes a code with its row", () => {
    expect(check(`code = "${CODE}"`, `| ${CODE} | when | remedy | no |`)).to.deep.equal([]);
  });

  it("refuses a code without a row, a row without a code, a second row and an empty cell", () => {
    expect(check(`code = "${CODE}"`, "").join()).to.match(/has no row/);
    expect(check("", `| ${CODE} | when | remedy | no |`).join()).to.match(/is used nowhere/);
    const twice = `| ${CODE} | when | remedy | no |\n| ${CODE} | when | remedy | no |`;
    expect(check(`code = "${CODE}"`, twice).join()).to.match(/is listed in docs\/errors\/sdk\.md too/);
    expect(check(`code = "${CODE}"`, `| ${CODE} | when |  | no |`).join()).to.match(/lacks when, remedy or retry/);
  });
});
