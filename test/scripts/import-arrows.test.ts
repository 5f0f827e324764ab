import { expect } from "chai";
import { ESLint, Linter } from "eslint";

import { ROOT } from "../../scripts/checks/files.ts";
import { ARROWS, forbiddenImport } from "../../scripts/eslint/arrows.ts";
import { assayPlugin } from "../../scripts/eslint/plugin.ts";

describe("TypeScript import arrows", () => {
  const refused: readonly (readonly [file: string, source: string, reason: RegExp])[] = [
    ["sdk/src/a.ts", "@assay/compiler", /must not import compiler/],
    ["sdk/src/a.ts", "../../nodes/gpu/index.ts", /must not import nodes/],
    ["sdk/src/a.ts", "node:fs", /also runs in a browser/],
    ["sdk/src/a.ts", "fs/promises", /also runs in a browser/],
    ["sdk/src/a.ts", "hardhat/config", /without Hardhat/],
    ["compiler/src/emit/a.ts", "@assay/nodes/gpu", /must not import nodes/],
    ["compiler/src/emit/a.ts", "hardhat", /without Hardhat/],
    ["compiler/src/emit/a.ts", "../../../sdk/src/errors.ts", /by its package name/],
    ["nodes/gpu/a.ts", "../../tasks/index.ts", /must not import tasks/],
    ["nodes/gpu/a.ts", "@nomicfoundation/hardhat-ethers", /without Hardhat/],
    ["nodes/gpu/a.ts", "../../types/ethers-contracts/index.js", /must not import types/],
    ["deploy/modules/a.ts", "../../tasks/index.ts", /must not import tasks/],
    ["tasks/a.ts", "../scripts/lint.ts", /must not import scripts/],
    ["tasks/a.ts", "../test/support/digits.ts", /must not import test/],
    ["scripts/a.ts", "../test/support/digits.ts", /must not import test/],
    ["hardhat.config.ts", "./test/support/digits.ts", /must not import test/],
    ["somewhere/a.ts", "@assay/sdk", /nothing of ours/],
  ];
  for (const [file, source, reason] of refused) {
    it(`refuses ${source} in ${file}`, () => expect(forbiddenImport(file, source)).to.match(reason));
  }

  const accepted: readonly (readonly [file: string, source: string])[] = [
    ["sdk/src/a.ts", "./b.ts"],
    ["sdk/src/a.ts", "@noble/hashes/sha3.js"],
    ["compiler/src/a.ts", "@assay/sdk"],
    ["compiler/src/a.ts", "node:fs"],
    ["nodes/gpu/a.ts", "@assay/compiler"],
    ["nodes/gpu/a.ts", "../shared/b.ts"],
    ["tasks/a.ts", "hardhat/config"],
    ["tasks/a.ts", "../nodes/gpu/index.ts"],
    ["scripts/demo/index.ts", "../../deploy/modules/core.ts"],
    ["test/e2e/a.test.ts", "../../sdk/src/errors.ts"],
    ["hardhat.config.ts", "./tasks/index.ts"],
  ];
  for (const [file, source] of accepted) {
    it(`takes ${source} in ${file}`, () => expect(forbiddenImport(file, source)).to.equal(undefined));
  }

  it("names no folder that may import test/ or itself by mistake", () => {
    for (const [from, to] of Object.entries(ARROWS)) {
      expect(to, from).not.to.include("test");
      expect(to, from).not.to.include(from);
    }
  });

  it("sees static, dynamic, type-only and re-exporting imports", () => {
    const linter = new Linter({ cwd: ROOT });
    const forms = [
      'import x from "@assay/nodes/gpu"; export { x };',
      'export * from "@assay/nodes/gpu";',
      'export { x } from "@assay/nodes/gpu";',
      'await import("@assay/nodes/gpu");',
    ];
    for (const code of forms) {
      const config = { plugins: { assay: assayPlugin }, rules: { "assay/arrows": "error" } } as const;
      const messages = linter.verify(code, [config], { filename: `${ROOT}/sdk/src/a.js` });
      expect(
        messages.map(({ ruleId }) => ruleId),
        code,
      ).to.deep.equal(["assay/arrows"]);
    }
  });
});

describe("ESLint configuration", () => {
  const eslint = new ESLint({ cwd: ROOT });

  /** The rules that `code` breaks, as if it stood in `filePath` (a file that exists, for the type checker). */
  async function rulesBroken(code: string, filePath: string): Promise<string[]> {
    const results = await eslint.lintText(code, { filePath: `${ROOT}/${filePath}` });
    const broken = results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => ruleId ?? message));
    return [...new Set(broken)].sort();
  }

  const samples: readonly (readonly [rule: string, file: string, code: string])[] = [
    ["assay/arrows", "sdk/src/errors.ts", 'export { readFile } from "node:fs/promises";'],
    ["assay/arrows", "sdk/src/errors.ts", 'export type X = import("@assay/nodes/gpu").X;'],
    ["@typescript-eslint/no-explicit-any", "tasks/index.ts", "export const x = (y: any): unknown => y;"],
    ["no-restricted-syntax", "tasks/index.ts", "export enum X { A }"],
    ["no-restricted-syntax", "sdk/src/errors.ts", 'export * from "./index.ts";'],
    ["no-restricted-syntax", "sdk/src/errors.ts", "export default 1;"],
    ["no-console", "sdk/src/errors.ts", "console.log(1);"],
    ["no-console", "compiler/src/graph/types.ts", "console.log(1);"],
    ["no-restricted-globals", "sdk/src/errors.ts", "export const x = Buffer.alloc(1);"],
    ["import-x/no-extraneous-dependencies", "sdk/src/errors.ts", 'export { expect } from "chai";'],
    ["@typescript-eslint/no-floating-promises", "tasks/index.ts", "Promise.resolve(1);"],
  ];
  for (const [rule, file, code] of samples) {
    it(`${rule} refuses ${JSON.stringify(code)} in ${file}`, async () => {
      expect(await rulesBroken(code, file)).to.include(rule);
    });
  }
});
