// `node scripts/circuits/check.ts`: lints over every template and emitted program, and, by linear algebra and a search for jumps,
// whether inputs determine every signal that something reads, for every template and every committed model. Part of `npm test`.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { ROOT } from "../checks/files.ts";

const TESTS = ["circuits/lints", "circuits/determined", "compiler/determined-models"];

const { status } = spawnSync(
  join(ROOT, "node_modules", ".bin", "mocha"),
  ["--timeout", "240000", ...TESTS.map((name) => join(ROOT, "test", `${name}.test.ts`))],
  { cwd: ROOT, stdio: "inherit" },
);
process.exitCode = status ?? 1;
