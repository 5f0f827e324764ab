import { isBuiltin } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";

import type { Rule } from "eslint";

/** What a top-level folder may import besides itself. A folder that is not named here may import nothing of ours. */
export const ARROWS: Readonly<Record<string, readonly string[]>> = {
  sdk: [],
  compiler: ["sdk"],
  nodes: ["sdk", "compiler"],
  deploy: ["sdk", "compiler", "nodes", "types", "artifacts"],
  tasks: ["sdk", "compiler", "nodes", "deploy", "types", "artifacts"],
  scripts: ["sdk", "compiler", "nodes", "deploy", "tasks", "types", "artifacts", "vectors"],
  bench: ["sdk", "compiler", "nodes", "deploy", "tasks", "scripts", "types", "artifacts", "vectors"],
  examples: ["sdk", "compiler", "nodes", "types", "artifacts"],
  // Files in the root configure tools.
  "": ["tasks", "scripts"],
};

/** Folders whose code is published as a package: others reach it by the package's name. */
const PACKAGES: readonly string[] = ["sdk", "compiler", "nodes"];

/** Says why `source` may not be imported by `file` (relative to the root, "/" between names), or nothing. */
export function forbiddenImport(file: string, source: string): string | undefined {
  const from = file.includes("/") ? file.slice(0, file.indexOf("/")) : "";
  const allowed = ARROWS[from];
  if (from === "test") return undefined;

  if (PACKAGES.includes(from) && /^(hardhat|@nomicfoundation\/)/.test(source)) {
    return `${from}/ runs without Hardhat; move this to tasks/, scripts/ or deploy/.`;
  }
  if (from === "sdk" && isBuiltin(source)) {
    return `sdk/ also runs in a browser; "${source}" is Node's. Use the Web API, or move the file to nodes/ or compiler/.`;
  }

  const to = targetFolder(file, source);
  if (to === undefined || to === from) return undefined;
  if (allowed?.includes(to) !== true) {
    const may = allowed === undefined || allowed.length === 0 ? "nothing of ours" : allowed.join(", ");
    return `${from || "the root"}/ must not import ${to}/ (it may import: ${may}).`;
  }
  if (PACKAGES.includes(from) && !source.startsWith("@assay/")) {
    return `Import ${to}/ by its package name, "@assay/${to}", so that ${from}/ works as a package.`;
  }
  return undefined;
}

/** The top-level folder that `source` leads to ("" for a file in the root), or nothing for a foreign package. */
function targetFolder(file: string, source: string): string | undefined {
  const own = /^@assay\/([^/]+)/.exec(source);
  if (own !== null) return own[1];
  if (!source.startsWith(".") && !source.startsWith("/")) return undefined;
  const path = relative("/", resolve("/", dirname(file), source));
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
}

/** DESIGN.md section 3: which folder may import which. Static, dynamic and type-only imports count alike. */
export const arrows: Rule.RuleModule = {
  meta: { type: "problem", schema: [], messages: { forbidden: "{{why}}" } },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join("/");
    const check = (node: Rule.Node, value: unknown): void => {
      if (typeof value !== "string") return;
      const why = forbiddenImport(file, value);
      if (why !== undefined) context.report({ node, messageId: "forbidden", data: { why } });
    };
    const ofSource = (node: Rule.Node): void => {
      const { source } = node as unknown as { source?: { value?: unknown } | null };
      check(node, source?.value);
    };
    return {
      ImportDeclaration: ofSource,
      ImportExpression: ofSource,
      ExportNamedDeclaration: ofSource,
      ExportAllDeclaration: ofSource,
      TSImportType: ofSource,
    };
  },
};
