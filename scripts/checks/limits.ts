import { statSync } from "node:fs";
import { join } from "node:path";

import { committedPaths, readTree, report, ROOT } from "./files.ts";

/** Largest committed file, in bytes. */
const MAX_BYTES = 1_000_000;
/** Lines of a source file: above the first it is named, above the second it fails. */
const LONG_LINES = 500;
const MAX_LINES = 800;

const SOURCE = /\.(ts|mts|js|mjs|sol|circom|py)$/;
const MADE_BY_PROGRAMS = /(^|\/)(generated|vendor)\//;
// Put together here, so that this file does not contain what it forbids.
const FORBIDDEN = new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME"].join("|")})\\b`);
const ONLY = /\b(?:describe|context|it|specify|suite|test)\.only\s*\(/;
const SKIP = /\b(?:describe|context|it|specify|suite|test)\.skip\s*\(|\bthis\.skip\s*\(|\bx(?:it|describe)\s*\(/;
/** A comment that turns lint rules off. Checked here, because `eslint-disable` would also turn off a rule of ESLint. */
const DISABLE = /(?:\/\/|\/\*|<!--)\s*(?:eslint|solhint)-disable(?:-next-line|-line|-previous-line)?(?<rest>.*)/;
const DISABLE_EXPLAINED = /^\s+[\w@/-]+(?:\s*,\s*[\w@/-]+)*\s+--\s+\S/;
/** Solhint takes all that follows for names of rules, so there the reason is the comment on the line before. */
const SOLHINT_DISABLE = /^\s*\/\/ solhint-disable [\w-]+(?:, [\w-]+)*$/;
const COMMENT = /^\s*\/\/ \S/;
/** A skip prints its reason on its line or within the three lines before it. */
const REASON = /console\.(?:log|warn|info)\(|skipWithReason\(|printReason\(/;

/** What is wrong inside the source file `path`, as lines `path:line: reason`; `long` collects long files. */
export function limitViolations(path: string, text: string, long: string[] = []): string[] {
  const found: string[] = [];
  const lines = text.split("\n");
  const count = text.endsWith("\n") ? lines.length - 1 : lines.length;
  if (count > MAX_LINES) found.push(`${path}:1: ${count} lines, at most ${MAX_LINES}: split it by idea`);
  else if (count > LONG_LINES) long.push(`${path}: ${count} lines`);
  for (const [index, line] of lines.entries()) {
    const at = `${path}:${index + 1}`;
    const word = FORBIDDEN.exec(line);
    if (word !== null) found.push(`${at}: "${word[0]}": do it, or write an issue`);
    if (ONLY.test(line)) found.push(`${at}: .only leaves every other test out`);
    const rest = DISABLE.exec(line)?.groups?.["rest"];
    const explainedAbove = SOLHINT_DISABLE.test(line) && COMMENT.test(lines[index - 1] ?? "");
    if (rest !== undefined && !explainedAbove && !DISABLE_EXPLAINED.test(rest)) {
      found.push(`${at}: name the rules that this turns off, and say why: "RULE -- reason"`);
    }
    const before = lines.slice(Math.max(0, index - 3), index + 1).join("\n");
    if (SKIP.test(line) && !REASON.test(before)) {
      found.push(`${at}: a skipped test must print its reason beside the skip`);
    }
  }
  return found;
}

if (import.meta.main) {
  const found: string[] = [];
  const long: string[] = [];
  for (const path of committedPaths()) {
    const bytes = statSync(join(ROOT, path)).size;
    if (bytes > MAX_BYTES) found.push(`${path}:1: ${bytes} bytes, at most ${MAX_BYTES}`);
  }
  const files = await readTree(
    (path) => SOURCE.test(path) && !MADE_BY_PROGRAMS.test(path) && !path.startsWith("docs/"),
  );
  for (const [path, text] of files) found.push(...limitViolations(path, text, long));
  if (long.length > 0) console.log(`Above ${LONG_LINES} lines, worth splitting:\n  ${long.join("\n  ")}`);
  report("File limits", files.size, found);
}
