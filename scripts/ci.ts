// What `.ci/run` runs: every check of the project, each timed, none left out because an earlier one failed.
// A check's output is shown only when it fails. The last line counts checks and tests: `N passed, N failed`.
import { countTests } from "./ci/counts.ts";
import { runShown } from "./support/shown-process.ts";

interface Step {
  /** The npm script, which is the step's name too. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Whether it runs tests, whose counts are added; then running none is a failure. */
  readonly tests?: true;
}

const STEPS: readonly Step[] = [
  { script: "test", tests: true },
  { script: "lint" },
  { script: "typecheck" },
  { script: "format:check" },
  { script: "generated:check" },
  { script: "snapshots:check" },
  { script: "test:prague", tests: true },
  { script: "fuzz:circuits" },
  { script: "demo", args: ["--json", "build/ci/demo.json"] },
];

/** Runs one step and returns what it adds to the closing line. */
async function runStep({ script, args = [], tests }: Step): Promise<{ passed: number; failed: number }> {
  const extra = args.length > 0 ? ["--", ...args] : [];
  const { code, milliseconds, output } = await runShown(script, ["npm", "run", script, ...extra], {
    write: (text) => void process.stdout.write(text),
  });
  const counts = tests === true ? countTests(output) : { passed: 0, failed: 0, skipped: 0 };
  const ranNone = tests === true && counts.passed + counts.failed === 0;
  const ok = code === 0 && counts.failed === 0 && !ranNone;
  const seconds = (milliseconds / 1000).toFixed(1);
  if (!ok) {
    console.log(`\n----- ${script}: all output -----\n${output.trimEnd()}\n----- end of ${script} -----`);
  }
  const of =
    tests === true ? `, ${counts.passed} tests passed, ${counts.failed} failed, ${counts.skipped} skipped` : "";
  const why = ranNone ? ", no test ran" : code === 0 ? "" : `, exit code ${code}`;
  console.log(`${ok ? "ok    " : "FAILED"} ${script} (${seconds} s${of}${why})`);
  return { passed: counts.passed + (ok ? 1 : 0), failed: counts.failed + (ok ? 0 : 1) };
}

let passed = 0;
let failed = 0;
for (const step of STEPS) {
  const result = await runStep(step);
  passed += result.passed;
  failed += result.failed;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
