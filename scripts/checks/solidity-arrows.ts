import { posix } from "node:path";

import { readTree, report } from "./files.ts";

/** Layers of contracts/, lowest first; a folder imports its own layer and lower ones, as narrowed by CORE. */
const LAYERS: readonly (readonly string[])[] = [
  ["types"],
  ["interfaces"],
  ["libraries"],
  ["registry", "inference", "proofs", "attestation", "disputes", "data", "workflow", "storage", "standards"],
  ["periphery"],
  ["mocks"],
];

/** Which folders of the core may know each other. `inference` knows `IProofAdapter`, never an adapter. */
const CORE: Readonly<Record<string, readonly string[]>> = {
  // The hub is a router.
  inference: ["registry"],
  // The registries are the adapters of the keys they hold, which saves a call for each answer.
  registry: ["proofs"],
  disputes: ["registry"],
};
const CORE_LAYER = 3;

/** What examples/ may use: the face that integrators see. */
const FACE: readonly string[] = ["types", "interfaces", "libraries", "periphery"];

/** Packages that contracts may import. */
const FOREIGN = /^@openzeppelin\/contracts\//;

interface Import {
  readonly line: number;
  readonly target: string;
  readonly named: boolean;
}

/** The imports of a Solidity source, comments left out. */
export function importsOf(source: string): Import[] {
  const code = source.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (match, text: string | undefined) => text ?? match.replace(/[^\n]/g, " "),
  );
  const imports: Import[] = [];
  for (const match of code.matchAll(/\bimport\b(?<names>[^;"']*)["'](?<target>[^"']+)["'](?<rest>[^;]*);/g)) {
    const { names = "", target = "" } = match.groups ?? {};
    const line = code.slice(0, match.index).split("\n").length;
    imports.push({ line, target, named: /^\s*\{[\s\S]*\}\s*from\s*$/.test(names) });
  }
  return imports;
}

/** Where a source file stands: "types" for contracts/types/Ids.sol, "examples" and "test" for those trees. */
function folderOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "contracts" ? second : top;
}

const layerOf = (folder: string): number => LAYERS.findIndex((layer) => layer.includes(folder));

/** Says why a file of `from` may not import a file of `to`, or nothing. */
function forbidden(from: string, to: string): string | undefined {
  if (from === "test" || from === to) return undefined;
  if (to === "mocks" || to === "test") return `nothing imports ${to}/`;
  if (from === "examples") return FACE.includes(to) ? undefined : `examples use ${FACE.join(", ")}; not ${to}`;
  const [low, high] = [layerOf(to), layerOf(from)];
  if (high < 0) return `contracts/${from}/ has no layer; give it one in scripts/checks/solidity-arrows.ts`;
  if (low < 0) return `${to}/ has no layer below ${from}/`;
  if (low > high) return `${from} is below ${to}`;
  if (low === CORE_LAYER && high === CORE_LAYER && CORE[from]?.includes(to) !== true) {
    return `${from} must not know ${to} (it may know: ${CORE[from]?.join(", ") ?? "no other core folder"})`;
  }
  return undefined;
}

/** The shortest chain of imports from `start` to a file of `folder`, both ends named. */
function chainInto(start: string, folder: string, graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const seen = new Set<string>([start]);
  const queue: string[][] = [[start]];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const next of graph.get(path.at(-1) ?? "") ?? []) {
      if (folderOf(next) === folder) return [...path, next];
      if (!seen.has(next)) queue.push([...path, next]);
      seen.add(next);
    }
  }
  return undefined;
}

/**
 * Everything wrong with the imports of a tree of Solidity sources, as lines `path:line: reason`.
 *
 * @param files Sources by path from the root ("contracts/types/Ids.sol").
 */
export function solidityViolations(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [path, source] of files) {
    const edges: string[] = [];
    graph.set(path, edges);
    for (const { line, target, named } of importsOf(source)) {
      const say = (why: string): number => found.push(`${path}:${line}: ${why}: "${target}"`);
      if (!named) say('import by name: import {A} from "…"');
      if (FOREIGN.test(target)) continue;
      if (!target.startsWith(".")) {
        say("import our files by relative path, and of packages only OpenZeppelin's contracts");
        continue;
      }
      const resolved = posix.join(posix.dirname(path), target);
      const why = forbidden(folderOf(path), folderOf(resolved));
      if (why !== undefined) say(why);
      edges.push(resolved);
    }
  }
  for (const path of files.keys()) {
    if (folderOf(path) !== "inference") continue;
    const chain = chainInto(path, "proofs", graph);
    // A chain of two is a direct import, which is already named above.
    if (chain !== undefined && chain.length > 2)
      found.push(`${path}:1: inference reaches an adapter: ${chain.join(" -> ")}`);
  }
  return found;
}

if (import.meta.main) {
  const files = await readTree((path) => path.endsWith(".sol") && /^(contracts|examples|test)\//.test(path));
  report("Solidity import arrows", files.size, solidityViolations(files));
}
