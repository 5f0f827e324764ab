import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The root of the checkout. */
export const ROOT = join(import.meta.dirname, "..", "..");

/** Paths, from the root and with "/", of the files that are or would be committed (what git ignores is left out). */
export function committedPaths(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  // A file that was deleted but not committed yet is still listed.
  return [...new Set(listed.split("\0"))].filter((path) => path !== "" && existsSync(join(ROOT, path)));
}

/** The texts of the files that `wanted` picks, by path. */
export async function readTree(wanted: (path: string) => boolean): Promise<Map<string, string>> {
  const paths = committedPaths().filter(wanted);
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(ROOT, path), "utf8")] as const)),
  );
}

/** Prints what a check found in `count` files; the program fails when that is something, or when it saw no file. */
export function report(check: string, count: number, violations: readonly string[]): void {
  for (const violation of violations) console.error(violation);
  console.log(`${check}: ${count} files, ${violations.length === 0 ? "ok" : `${violations.length} wrong`}`);
  if (violations.length > 0 || count === 0) process.exitCode = 1;
}
