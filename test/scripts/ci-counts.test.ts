import { expect } from "chai";

import { countTests, runSummary } from "../../scripts/ci/counts.ts";

/** What `hardhat test` 3.17 writes, cut to its frame. */
const MIXED = `
Running Solidity tests

  test/contracts/A.t.sol:ATest
    ✔ test_a()

Running Mocha tests

  A
    ✔ does
    - does not here
    1) fails

  \u001b[32m11 passing\u001b[39m (2s)
  \u001b[36m1 pending\u001b[39m
  \u001b[31m1 failing\u001b[39m

  1) A fails:
     AssertionError: expected 3 passing to be 4 passing

\u001b[32m34 passing\u001b[39m (22 solidity, 12 mocha)
\u001b[31m3 failing\u001b[39m (2 solidity, 1 mocha)
`;

describe("Counting tests", () => {
  it("adds up both runners, and does not count pending tests as passed", () => {
    expect(countTests(MIXED)).to.deep.equal({ passed: 33, failed: 3, skipped: 1 });
  });

  it("counts one runner alone", () => {
    const text = "  5 passing (80ms)\n\n5 passing (5 mocha)\n";
    expect(countTests(text)).to.deep.equal({ passed: 5, failed: 0, skipped: 0 });
  });

  it("counts skipped Solidity tests", () => {
    const text = "7 passing (7 solidity)\n2 skipped (2 solidity)\n";
    expect(countTests(text)).to.deep.equal({ passed: 7, failed: 0, skipped: 2 });
  });

  it("counts nothing in a crash", () => {
    expect(countTests("Error HHE1: something\n")).to.deep.equal({ passed: 0, failed: 0, skipped: 0 });
  });

  it("counts a run of mocha beside Hardhat's by the summary made of it", () => {
    const text =
      "  A\n    ✔ does\n    - does not here\n\n  \u001b[32m2 passing\u001b[39m (1m)\n  1 pending\n  1 failing\n";
    expect(runSummary(text)).to.equal("3 passing (3 tests)\n1 failing (1 tests)\n");
    expect(countTests(text + runSummary(text))).to.deep.equal({ passed: 2, failed: 1, skipped: 1 });
  });

  it("has none for what ran no tests", () => {
    expect(runSummary("Compiled 3 Solidity files\n")).to.equal("");
  });
});
