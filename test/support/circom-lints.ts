// Lints over circom text, after those of circomspect. A reader of declarations and statements, not a compiler: circom itself
// has accepted the text before.

/** A template as written. */
export interface Template {
  readonly name: string;
  readonly parameters: readonly string[];
  /** Body with its comments, and the same length without. */
  readonly text: string;
  readonly code: string;
  /** The `///` lines above it. */
  readonly doc: string;
  readonly signals: readonly { readonly name: string; readonly kind: "input" | "output" | "inner" }[];
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, " ");

/** The text with comments as spaces, so that places stay. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, blank);
}

/** The place after the bracket that closes the one at `open`. */
function closing(code: string, open: number): number {
  const pairs: Readonly<Record<string, number>> = { "(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1 };
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    depth += pairs[code[at] ?? ""] ?? 0;
    if (depth === 0) return at + 1;
  }
  throw new Error("a bracket stays open");
}

export function templatesOf(source: string): Template[] {
  const code = withoutComments(source);
  return Array.from(code.matchAll(/^template\s+(?:custom\s+)?(\w+)\s*\(([^)]*)\)[^{]*\{/gm), (match) => {
    const open = match.index + match[0].length - 1;
    const end = closing(code, open);
    const body = code.slice(open, end);
    const [, doc = ""] = /((?:\/\/\/[^\n]*\n)*)$/.exec(source.slice(0, match.index)) ?? [];
    const signals = Array.from(
      body.matchAll(/\bsignal\s+(?:(input|output)\s+)?(?:\{[^}]*\}\s*)?(\w+)/g),
      ([, kind, name]) => ({ name: name as string, kind: (kind ?? "inner") as "input" | "output" | "inner" }),
    );
    return {
      name: match[1] as string,
      parameters: (match[2] as string).split(",").map((each) => each.trim()),
      text: source.slice(open, end),
      code: body,
      doc,
      signals,
    };
  });
}

/** Statements of a body, without those of `for` headers; conditions of blocks count as statements. */
function statements(code: string): { readonly text: string; readonly at: number }[] {
  const found: { text: string; at: number }[] = [];
  let start = 0;
  const push = (end: number): void => {
    const text = code.slice(start, end);
    const lead = text.length - text.trimStart().length;
    if (text.trim() !== "") found.push({ text: text.trim(), at: start + lead });
    start = end + 1;
  };
  for (let at = 0; at < code.length; at++) {
    const char = code[at] ?? "";
    if (char === "(" || char === "[") at = closing(code, at) - 1;
    else if (char === ";" || char === "{" || char === "}") push(at);
  }
  return found;
}

const words = (text: string): string[] => text.match(/[A-Za-z_]\w*/g) ?? [];

interface Names {
  readonly signals: ReadonlySet<string>;
  /** Template by component. */
  readonly components: ReadonlyMap<string, string>;
  /** Signals, components, and variables that were computed from them. */
  readonly dynamic: ReadonlySet<string>;
}

function namesOf({ code, signals }: Template): Names {
  const names = new Set(signals.map(({ name }) => name));
  const components = new Map<string, string>();
  for (const { text } of statements(code)) {
    const declared = /^component\s+(\w+)(?:\[.*\])?\s*(?:=\s*(\w+)\s*\()?/.exec(text);
    if (declared !== null)
      components.set(declared[1] as string, declared[2] ?? components.get(declared[1] as string) ?? "");
    const made = /^(\w+)(?:\[[^=]*\])?\s*=\s*(\w+)\s*\(/.exec(text);
    if (made !== null && components.has(made[1] as string)) components.set(made[1] as string, made[2] as string);
  }
  const dynamic = new Set([...names, ...components.keys()]);
  for (let size = -1; size !== dynamic.size;) {
    size = dynamic.size;
    for (const { text } of statements(code)) {
      const [, target, value] = /^(?:var\s+)?(\w+)(?:\[[^=]*\])?\s*(?:[-+*]?=)(?!=)\s*([\s\S]+)$/.exec(text) ?? [];
      if (target !== undefined && value !== undefined && words(value).some((word) => dynamic.has(word)))
        dynamic.add(target);
    }
  }
  return { signals: names, components, dynamic };
}

/** The comment lines right above a place, and those above the comment's own loop or branch. */
function commentsAbove(text: string, at: number, lines: number): string {
  return text
    .slice(0, at)
    .split("\n")
    .slice(-1 - lines)
    .filter((line) => line.includes("//"))
    .join("\n");
}

/** Lines above a hint in which its argument stands. */
const REACH = 16;

/**
 * What is wrong with one template. `library` has the templates that it may use, itself included; `generated` text has its
 * arguments in the templates it uses, so it may hold no hint at all.
 */
export function lintTemplate(
  template: Template,
  library: ReadonlyMap<string, Template>,
  { generated = false }: { readonly generated?: boolean } = {},
): string[] {
  const { name, code, text, signals, doc } = template;
  const { components, dynamic } = namesOf(template);
  const all = statements(code);
  const wrong: string[] = [];
  const say = (what: string): void => void wrong.push(`${name}: ${what}`);

  for (const { text: line, at } of all) {
    const hint = /^(?:signal\s+(?:output\s+)?)?(\w+)[^<]*<--/.exec(line);
    if (hint !== null) {
      const target = hint[1] as string;
      if (generated) say(`a generated program holds the hint "${line}"`);
      if (!/unique|whatever|function of/i.test(commentsAbove(text, at, REACH))) {
        say(`"${target} <--" has no argument for its uniqueness within ${REACH} lines above it`);
      }
      const constrained = all.some(
        ({ text: other }) =>
          (other.includes("===") && words(other).includes(target)) ||
          (/<==|==>/.test(other) && words(other.split(/<==/)[1] ?? "").includes(target)),
      );
      if (!constrained) say(`"${target} <--" is in no constraint`);
    }
    if (/-->/.test(line)) say(`"-->" hides who is assigned: ${line}`);
    const asserted = /^assert\s*\(([\s\S]*)\)$/.exec(line);
    if (asserted !== null) {
      const bad = words(asserted[1] as string).find((word) => dynamic.has(word));
      if (bad !== undefined) say(`assert on "${bad}", which only the honest prover runs`);
    }
    if (line.includes("===") && !words(line).some((word) => dynamic.has(word))) say(`constants only: ${line}`);
    if (/^_\s*<==|\(\s*_|,\s*_\s*[,)]/.test(line)) say(`an output is thrown away: ${line}`);
    const anonymous = /^(\w+)\s*\(/.exec(line);
    if (
      anonymous !== null &&
      library.get(anonymous[1] as string)?.signals.some(({ kind }) => kind === "output") === true
    ) {
      say(`${anonymous[1] as string} is called and its output ignored`);
    }
  }

  for (const { name: signal, kind } of signals) {
    const uses = words(code).filter((word) => word === signal).length;
    const assigned = all.some(({ text: line }) =>
      new RegExp(`^(?:signal\\s+(?:output\\s+)?)?${signal}\\b[^=<]*<(?:==|--)`).test(line),
    );
    // The context of a generated program is tied to the proof by its square alone.
    const alone = generated && signal === "context";
    if (kind === "input" && uses < 2) say(`input "${signal}" is read nowhere`);
    if (kind !== "input" && !assigned) say(`${kind} signal "${signal}" is assigned nowhere`);
    const read = all.some(({ text: line }) => {
      const [target = "", value] = line.split(/<==|<--/);
      return value === undefined
        ? !line.startsWith("signal") && words(line).includes(signal)
        : words(value).includes(signal) || words(target).filter((word) => word === signal).length > 1;
    });
    if (kind === "inner" && !read && !alone) say(`signal "${signal}" is read nowhere`);
  }

  for (const [component, made] of components) {
    const outputs = library.get(made)?.signals ?? [];
    for (const { name: output, kind } of outputs) {
      if (kind !== "output") continue;
      if (!new RegExp(`\\b${component}(?:\\[[^\\]]*\\])*\\.${output}\\b`).test(code)) {
        say(`output "${output}" of component "${component}" is ignored`);
      }
    }
  }

  for (const gadget of ["Num2Bits", "Num2Bits_strict", "AliasCheck", "CompConstant", "Sign", "LessThan", "IsZero"]) {
    if (new RegExp(`\\b${gadget}\\b`).test(code)) say(`${gadget} is circomlib's; ours have proven widths`);
  }
  for (const [, gadget = "", first = ""] of code.matchAll(/\b(Bits|TwosComplement|AboveConstant)\(\s*(\d+)/g)) {
    if (Number(first) > 252) say(`${gadget}(${first}): 2^${first} is above the modulus`);
  }
  // A template that takes digits of a number must bound how many.
  if (/<--[^;]*>>/.test(code) && !/assert\([\s\S]*?<=? ?25[0-3]/.test(code))
    say("takes digits, and no assert bounds how many");

  if (!generated) {
    for (const { name: signal, kind } of signals) {
      if (kind !== "inner" && !new RegExp(`@${kind}\\s+${signal}\\b`).test(doc))
        say(`no @${kind} line for "${signal}"`);
    }
    for (const parameter of template.parameters) {
      if (parameter === "") continue;
      if (!new RegExp(`@param\\s+${parameter}\\b`).test(doc)) say(`no @param line for "${parameter}"`);
      if (parameter !== parameter.toUpperCase()) say(`parameter "${parameter}" is not in capitals`);
    }
    if (!/^\/\/\/ Constraints: /m.test(doc)) say("its cost is not said");
  }
  return wrong;
}
