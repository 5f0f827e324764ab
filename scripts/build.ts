// `npm run build`: compiles the contracts and their TypeScript types, with a clock. `--quiet` keeps warnings back.
import { join } from "node:path";

import { ROOT } from "./checks/files.ts";
import { runShown } from "./support/shown-process.ts";

const { code, output } = await runShown("compiling", [
  join(ROOT, "node_modules", ".bin", "hardhat"),
  "build",
  "--no-tests",
]);
if (code !== 0 || !process.argv.includes("--quiet")) process.stdout.write(output);
process.exitCode = code;
