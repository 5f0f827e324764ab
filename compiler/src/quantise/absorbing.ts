import { inputsOf } from "../program/builder.ts";
import type { Program, Step } from "../program/types.ts";

/** What is known of the units of a program's values, by their ids. */
export interface FreeUnits {
  /**
   * Values whose unit may be any number, because all that reads them takes it in: weights, tables and the index of the
   * greatest do. All others are added to others, compared with or shown beside something, and keep to powers of two.
   */
  readonly free: ReadonlySet<number>;
  /** Free values that are added to what was made of them, so that both must stay in one unit, but for powers of two. */
  readonly tied: ReadonlySet<number>;
}

/** Whether a step passes its only input on, in its unit. */
function passesUnit(step: Step): boolean {
  if (step.op === "max") return true;
  return step.op === "gather" && step.inputs.length === 1 && step.constants.every((each) => each === 0);
}

/** The value that each value has its unit from. */
function rootsOf({ steps }: Program): (id: number) => number {
  const roots = new Map<number, number>();
  const rootOf = (id: number) => roots.get(id) ?? id;
  for (const step of steps) {
    if (passesUnit(step)) roots.set(step.output.id, rootOf(inputsOf(step)[0]!.id));
  }
  return rootOf;
}

/** Whether a step takes its input in any unit, given whether what it makes may be in any unit. */
function absorbs(step: Step, passes: boolean, rootOf: (id: number) => number): boolean {
  switch (step.op) {
    case "dense":
    case "conv":
    case "argmax":
      return true;
    case "table":
      return step.input.type === "real";
    case "max":
    case "sum":
    case "scale":
    case "multiply":
    case "matmul":
      return passes;
    case "clamp":
      // Any other end of a clamp would be rounded to the unit.
      return passes && step.max === Infinity && (step.min === 0 || step.min === -Infinity);
    case "gather":
      return passes && passesUnit(step);
    case "linear":
      // Scores less their greatest: what is added has one unit.
      return passes && new Set(step.inputs.map(({ id }) => rootOf(id))).size === 1;
    default:
      return false;
  }
}

/** Finds the values whose unit may be any number. */
export function freeUnits(program: Program): FreeUnits {
  const { steps, outputs } = program;
  const rootOf = rootsOf(program);
  const bound = new Set(outputs.map(({ value }) => value.id));
  const [free, tied] = [new Set<number>(), new Set<number>()];
  for (const step of steps.toReversed()) {
    const { id, type } = step.output;
    const passes = type === "real" && !bound.has(id);
    if (passes) free.add(id);
    for (const input of inputsOf(step)) {
      if (!absorbs(step, passes, rootOf)) bound.add(input.id);
      if (step.op === "linear" && step.inputs.length > 1) tied.add(input.id).add(rootOf(input.id));
    }
  }
  return { free, tied };
}
