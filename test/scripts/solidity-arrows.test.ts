import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "chai";

import { ROOT } from "../../scripts/checks/files.ts";
import { importsOf, solidityViolations } from "../../scripts/checks/solidity-arrows.ts";

const one = (path: string, source: string): string[] => solidityViolations(new Map([[path, source]]));

describe("Solidity import arrows", () => {
  const refused: readonly (readonly [path: string, target: string, reason: RegExp])[] = [
    ["contracts/types/A.sol", "../interfaces/IB.sol", /types is below interfaces/],
    ["contracts/interfaces/IA.sol", "../libraries/B.sol", /interfaces is below libraries/],
    ["contracts/libraries/A.sol", "../registry/B.sol", /libraries is below registry/],
    ["contracts/inference/A.sol", "../periphery/B.sol", /inference is below periphery/],
    ["contracts/inference/A.sol", "../proofs/B.sol", /inference must not know proofs/],
    ["contracts/proofs/A.sol", "../inference/B.sol", /proofs must not know inference/],
    ["contracts/proofs/A.sol", "../registry/B.sol", /proofs must not know registry/],
    ["contracts/attestation/A.sol", "../registry/B.sol", /attestation must not know registry/],
    ["contracts/periphery/A.sol", "../mocks/B.sol", /nothing imports mocks/],
    ["contracts/registry/A.sol", "../../test/support/Vm.sol", /nothing imports test/],
    ["contracts/elsewhere/A.sol", "../types/B.sol", /has no layer/],
    ["contracts/registry/A.sol", "contracts/types/B.sol", /relative path/],
    ["contracts/registry/A.sol", "hardhat/console.sol", /relative path/],
    ["examples/bounty/A.sol", "../../contracts/inference/B.sol", /examples use/],
  ];
  for (const [path, target, reason] of refused) {
    it(`refuses ${target} in ${path}`, () => {
      const found = one(path, `// SPDX\npragma solidity ^0.8.28;\nimport {B} from "${target}";\n`);
      expect(found).to.have.length(1);
      expect(found[0])
        .to.match(reason)
        .and.to.match(new RegExp(`^${path}:3: `));
    });
  }

  const accepted: readonly (readonly [path: string, target: string])[] = [
    ["contracts/registry/NodeRegistry.sol", "../proofs/SignatureAdapter.sol"],
    ["contracts/inference/InferenceHub.sol", "../registry/ProofRouter.sol"],
    ["contracts/periphery/A.sol", "../interfaces/IB.sol"],
    ["contracts/mocks/A.sol", "../inference/B.sol"],
    ["contracts/types/A.sol", "./B.sol"],
    ["contracts/registry/A.sol", "@openzeppelin/contracts/access/Ownable2Step.sol"],
    ["examples/bounty/A.sol", "../../contracts/periphery/B.sol"],
    ["test/contracts/A.t.sol", "../../contracts/mocks/B.sol"],
  ];
  for (const [path, target] of accepted) {
    it(`takes ${target} in ${path}`, () => expect(one(path, `import {B} from "${target}";`)).to.deep.equal([]));
  }

  for (const source of ['import "./B.sol";', 'import * as B from "./B.sol";', 'import "./B.sol" as B;']) {
    it(`refuses ${source}`, () => expect(one("contracts/types/A.sol", source).join()).to.match(/import by name/));
  }

  it("finds an adapter behind a chain of allowed imports", () => {
    const files = new Map([
      ["contracts/inference/Hub.sol", 'import {R} from "../registry/Router.sol";'],
      ["contracts/registry/Router.sol", 'import {N} from "./Nodes.sol";'],
      ["contracts/registry/Nodes.sol", 'import {S} from "../proofs/Signature.sol";'],
      ["contracts/proofs/Signature.sol", ""],
    ]);
    expect(solidityViolations(files)).to.have.length(1);
    expect(solidityViolations(files)[0]).to.match(/Hub\.sol -> .*Router\.sol -> .*Nodes\.sol -> .*Signature\.sol/);
  });

  it("reads imports over several lines, and none in comments", () => {
    const source = '// import "./a.sol";\n/* import "./b.sol"; */\nimport {\n    A,\n    B\n} from "./c.sol";\n';
    expect(importsOf(source)).to.deep.equal([{ line: 3, target: "./c.sol", named: true }]);
  });
});

describe("solhint configuration", () => {
  const folder = join(ROOT, "build", "test-solhint");
  const program = join(ROOT, "node_modules", ".bin", "solhint");

  after(() => rmSync(folder, { recursive: true, force: true }));

  function lint(source: string, config = ".solhintrc.yaml"): { status: number | null; text: string } {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "Sample.sol"), source);
    const args = ["--disc", "--noPoster", "--config", config, "build/test-solhint/Sample.sol"];
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: "utf8" });
    return { status, text: stdout + stderr };
  }

  const head = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\n";
  const samples: readonly (readonly [rule: string, source: string])[] = [
    ["no-global-import", 'import "./B.sol";'],
    ["no-unused-import", 'import {B} from "./B.sol";'],
    ["gas-custom-errors", 'function f(bool ok) pure { require(ok, "no"); }'],
    ["avoid-tx-origin", "function f() view returns (address) { return tx.origin; }"],
    ["explicit-types", "function f() pure returns (uint) { return 1; }"],
    ["named-parameters-mapping", "contract A { mapping(address => uint256) private _m; }"],
    ["no-unused-vars", "function f() pure { uint256 unused = 1; }"],
  ];
  for (const [rule, source] of samples) {
    it(`${rule} refuses ${JSON.stringify(source)}`, () => {
      const { status, text } = lint(`${head}${source}\n`);
      expect(text).to.include(rule);
      expect(status).to.equal(1);
    });
  }

  it("use-natspec refuses an interface without words", () => {
    const { status, text } = lint(`${head}interface IA { function f() external; }\n`, ".solhintrc.interfaces.yaml");
    expect(text).to.match(/Missing @notice tag in function 'f'/);
    expect(status).to.equal(1);
  });

  it("takes a clean file", () => {
    const { status, text } = lint(
      `${head}/// @notice A.\ninterface IA {\n    /// @notice F.\n    function f() external;\n}\n`,
    );
    expect(status, text).to.equal(0);
  });
});
