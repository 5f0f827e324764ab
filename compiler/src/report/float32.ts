import { runStep, type Elements } from "../program/run.ts";
import type { Program, Value } from "../program/types.ts";

function fround(values: ArrayLike<number>, { type }: Value): Float64Array {
  return Float64Array.from(values, type === "real" ? Math.fround : (value) => value);
}

/**
 * Runs a program as `runProgram` does, with inputs, constants and the results of every step rounded to float32: what a
 * float32 runtime computes, but for the roundings inside of a step, whose order is the runtime's own.
 */
export function runProgramInFloat32({ inputs, steps }: Program, given: readonly ArrayLike<number>[]): Elements {
  const known: Elements = new Map();
  for (const [at, { value }] of inputs.entries()) known.set(value.id, fround(given[at] ?? [], value));
  const read = (value: Value) => known.get(value.id) ?? fround(value.constant ?? [], value);
  for (const step of steps) known.set(step.output.id, fround(runStep(step, read), step.output));
  return known;
}
