import { plain } from "../support/shown-process.ts";

/** How many tests a run executed. Skipped ones are neither passed nor failed. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What ended a line of Hardhat's closing summary: `34 passing (12 mocha, 22 solidity)`. */
const SUMMARY = /^(?<total>\d+) (?<what>passing|failing|skipped) \((?<parts>\d+ [a-z]+(?:, \d+ [a-z]+)*)\)$/;
/** Mocha's own lines, which tell pending tests from passed ones; Hardhat's summary counts them as passed. */
const MOCHA = /^(?<count>\d+) (?<what>passing|pending)(?: \([\d.]+\s?(?:ms|s|m|h)\))?$/;

/**
 * Counts the tests in what `hardhat test` wrote. All zero when it wrote no summary, for example because it crashed.
 *
 * @param output What it wrote, colours or not.
 */
export function countTests(output: string): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let pending = 0;
  for (const raw of plain(output).split(/\r?\n/)) {
    const line = raw.trim();
    const summary = SUMMARY.exec(line)?.groups;
    if (summary !== undefined) {
      const total = Number(summary["total"]);
      if (summary["what"] === "passing") counts.passed += total;
      else if (summary["what"] === "failing") counts.failed += total;
      else counts.skipped += total;
    }
    const mocha = MOCHA.exec(line)?.groups;
    if (mocha?.["what"] === "pending") pending += Number(mocha["count"]);
  }
  return { passed: Math.max(0, counts.passed - pending), failed: counts.failed, skipped: counts.skipped + pending };
}

/** What {@link countTests} counts, for the output of one runner, which ends without it; nothing where no runner ran. */
export function runSummary(output: string): string {
  const counts = { passing: 0, pending: 0, failing: 0 };
  for (const raw of plain(output).split(/\r?\n/)) {
    const line = /^\s+(?<count>\d+) (?<what>passing|pending|failing)(?: \([\d.]+\s?(?:ms|s|m|h)\))?$/.exec(raw)?.groups;
    if (line !== undefined) counts[line["what"] as keyof typeof counts] += Number(line["count"]);
  }
  const passing = counts.passing + counts.pending;
  return [
    ...(passing > 0 ? [`${passing} passing (${passing} tests)\n`] : []),
    ...(counts.failing > 0 ? [`${counts.failing} failing (${counts.failing} tests)\n`] : []),
  ].join("");
}
