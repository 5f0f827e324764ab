import { readTree, report } from "./files.ts";

const CODE = /ASY-[A-Z0-9]+-\d{3}/g;
/** A row of a table whose first cell is a code: `| ASY-ONNX-001 | when | remedy | retry |`. */
const ROW = /^\|\s*`?(?<code>ASY-[A-Z0-9]+-\d{3})`?\s*\|(?<rest>.*)\|\s*$/;

/**
 * What disagrees between the error codes that sources use and the tables that list them.
 *
 * @param sources Texts of TypeScript files by path. @param pages Texts of the pages of docs/errors/ by path.
 */
export function codeViolations(sources: ReadonlyMap<string, string>, pages: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const listed = new Map<string, string>();
  for (const [path, text] of pages) {
    for (const [index, line] of text.split("\n").entries()) {
      const row = ROW.exec(line)?.groups;
      if (row === undefined) continue;
      const { code = "", rest = "" } = row;
      const before = listed.get(code);
      if (before !== undefined) found.push(`${path}:${index + 1}: ${code} is listed in ${before} too`);
      if (rest.split(/(?<!\\)\|/).some((cell) => cell.trim() === "")) {
        found.push(`${path}:${index + 1}: ${code} lacks when, remedy or retry`);
      }
      listed.set(code, path);
    }
  }
  const used = new Set<string>();
  for (const [path, text] of sources) {
    for (const [code] of text.matchAll(CODE)) {
      if (!listed.has(code) && !used.has(code)) found.push(`${path}:1: ${code} has no row in docs/errors/`);
      used.add(code);
    }
  }
  for (const [code, path] of listed) if (!used.has(code)) found.push(`${path}:1: ${code} is used nowhere`);
  return found;
}

if (import.meta.main) {
  const sources = await readTree((path) => /^(sdk|compiler|nodes|tasks)\/.*\.ts$/.test(path));
  const pages = await readTree((path) => /^docs\/errors\/.*\.md$/.test(path));
  report("Error codes", sources.size, codeViolations(sources, pages));
}
