import { OnnxAttributeError } from "../errors.ts";
import { quote } from "../quote.ts";
import { misfit } from "./operands.ts";
import type { OpContext } from "./types.ts";

/** Most characters of an equation; 16 operands of 8 axes each take fewer. */
const MAX_EQUATION = 256;

/**
 * An equation of Einsum with a label for every axis: its letter, or, for the axes that `...` stands for, their place
 * from the last one (".1", ".2").
 */
export interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** The letters of one term, and where `...` is among them. */
interface Term {
  readonly letters: readonly string[];
  readonly dots: number | undefined;
}

function bad({ node }: OpContext, equation: string, remedy: string): OnnxAttributeError {
  return new OnnxAttributeError(node, "equation", quote(equation), remedy);
}

function readTerm(context: OpContext, equation: string, term: string): Term {
  const [before = "", after, ...more] = term.split("...");
  const letters = before + (after ?? "");
  if (more.length > 0 || !/^[A-Za-z]*$/.test(letters)) {
    throw bad(context, equation, `its term ${quote(term)} may have letters and one "..." only`);
  }
  return { letters: Array.from(letters), dots: after === undefined ? undefined : before.length };
}

/** Labels of a term of a tensor, or of the output, in which `...` is `hidden` axes. */
function labelsOf({ letters, dots }: Term, hidden: number): string[] {
  const covered = Array.from({ length: hidden }, (_, at) => `.${hidden - at}`);
  return letters.toSpliced(dots ?? letters.length, 0, ...(dots === undefined ? [] : covered));
}

/** What `...` covers and then, sorted, the letters that occur once. */
function implied(context: OpContext, equation: string, terms: readonly Term[]): Term {
  const letters = terms.flatMap((term) => term.letters);
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).toSorted();
  const text = once.join("");
  // Runtimes do not agree on which case sorts first.
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) {
    throw bad(context, equation, 'say its output ("->"): the order of large and small letters is not settled');
  }
  return { letters: once, dots: terms.some(({ dots }) => dots !== undefined) ? 0 : undefined };
}

/**
 * Reads the node's equation for operands of these ranks.
 *
 * @throws {OnnxAttributeError} when it is no equation; names the node.
 * @throws {OnnxShapeError} when it does not have a term for each operand, or a label for each axis.
 */
export function readEquation(context: OpContext, ranks: readonly number[]): Equation {
  const given = context.attributes.string("equation", "");
  if (given.length > MAX_EQUATION) throw bad(context, given, `it has more than ${MAX_EQUATION} characters`);
  const [left = "", right, ...more] = given.replaceAll(" ", "").split("->");
  if (more.length > 0) throw bad(context, given, 'it may have one "->"');
  const terms = left.split(",").map((term) => readTerm(context, given, term));
  if (terms.length !== ranks.length) {
    throw misfit(context, `its equation has ${terms.length} terms for ${ranks.length} operands`);
  }
  const hidden = terms.map(({ letters, dots }, at) => {
    const rest = ranks[at]! - letters.length;
    if (rest >= 0 && (dots !== undefined || rest === 0)) return rest;
    throw misfit(context, `its equation names ${letters.length} axes of operand ${at}, which has ${ranks[at]}`);
  });
  const output = right === undefined ? implied(context, given, terms) : readTerm(context, given, right);
  const known = new Set(terms.flatMap(({ letters }) => letters));
  const stray = output.letters.find((letter, at) => !known.has(letter) || output.letters.indexOf(letter) !== at);
  if (stray !== undefined) throw bad(context, given, `"${stray}" of its output must be once there, and in an operand`);
  const covered = hidden.filter((_, at) => terms[at]!.dots !== undefined);
  const most = Math.max(0, ...covered);
  const [least] = covered.toSorted((a, b) => a - b);
  if (least !== undefined && least < most) {
    throw misfit(context, `"..." of its equation stands for ${least} axes and for ${most}`);
  }
  if (most > 0 && output.dots === undefined) throw bad(context, given, 'its output needs "..." as its operands have');
  return { operands: terms.map((term, at) => labelsOf(term, hidden[at]!)), output: labelsOf(output, most) };
}
