import { expect } from "chai";

import { TaskError } from "../../tasks/shared/error.ts";
import { readBitsOf, readBudget } from "../../tasks/zkml/compile-options.ts";

describe("options of zkml compile", () => {
  it("reads bits by node, for weights and results alike or apart", () => {
    expect(readBitsOf(undefined)).to.deep.equal({});
    expect(readBitsOf("/conv1/Conv=6,/relu/Relu=8/5")).to.deep.equal({
      "/conv1/Conv": 6,
      "/relu/Relu": { weights: 8, results: 5 },
    });
    expect(readBitsOf("a=b=7"), "the last sign counts").to.deep.equal({ "a=b": 7 });
  });

  it("reads budgets", () => {
    expect(readBudget("constraints=50000")).to.deep.equal({ constraints: 50_000 });
    expect(readBudget("error=0.01")).to.deep.equal({ error: 0.01 });
  });

  it("refuses what is neither, naming the option", () => {
    for (const text of [
      "a",
      "a=",
      "=6",
      "a=3",
      "a=17",
      "a=6/3",
      "a=6/17",
      "a=1e1",
      "a=NaN",
      "a=6/",
      `a=${"9".repeat(400)}`,
    ]) {
      expect(() => readBitsOf(text), text.slice(0, 20)).to.throw(TaskError, "--bits-of");
    }
    const bad = [
      "",
      "constraints",
      "constraints=0",
      "constraints=1.5",
      "constraints=-1",
      "error=0",
      "error=1.01",
      "error=NaN",
    ];
    for (const text of [...bad, "gas=1", "constraints=1e9", "error=0.1 ", `error=${"0".repeat(500)}`]) {
      expect(() => readBudget(text), text.slice(0, 20)).to.throw(TaskError, "--budget");
    }
  });
});
