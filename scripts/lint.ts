// `npm run lint`: every linter, each to its end, so that one run shows everything that is wrong.
import { join } from "node:path";

import { ROOT } from "./checks/files.ts";
import { runShown } from "./support/shown-process.ts";

const bin = (name: string): string => join(ROOT, "node_modules", ".bin", name);
// Solhint looks for no YAML file by itself, and without one it finds nothing wrong anywhere.
const solhint = [bin("solhint"), "--disc", "--noPoster", "--config"] as const;

const LINTERS: readonly (readonly [label: string, ...command: [string, ...string[]]])[] = [
  ["eslint", bin("eslint"), ".", "--max-warnings", "0"],
  ["solhint", ...solhint, ".solhintrc.yaml", "contracts/!(mocks)/**/*.sol", "examples/**/*.sol"],
  ["solhint, interfaces", ...solhint, ".solhintrc.interfaces.yaml", "contracts/interfaces/**/*.sol"],
  ["solhint, tests", ...solhint, ".solhintrc.test.yaml", "contracts/mocks/**/*.sol", "test/**/*.sol"],
  ["solidity arrows", process.execPath, "scripts/checks/solidity-arrows.ts"],
  ["error codes", process.execPath, "scripts/checks/error-codes.ts"],
  ["limits", process.execPath, "scripts/checks/limits.ts"],
];

for (const [label, ...command] of LINTERS) {
  const { code, milliseconds, output } = await runShown(label, command);
  if (output.trim() !== "") console.log(output.trim());
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${label} (${(milliseconds / 1000).toFixed(1)} s)`);
  if (code !== 0) process.exitCode = 1;
}
