import { elementCount } from "../program/geometry.ts";
import type { Program } from "../program/types.ts";
import { FEW, readBits, type QuantiseOptions } from "./options.ts";
import { Widths } from "./widths.ts";

/** A width that can be chosen: that of a node's weights or results, with the bits that it has if it is not. */
export interface Knob {
  readonly name: string;
  readonly part: "weights" | "results";
  readonly bits: number;
}

/** The widths of a program that matter, but for those that the caller chose. */
export function knobsOf(program: Program, options: Omit<QuantiseOptions, "calibration">): Knob[] {
  const bits = readBits(program, options);
  const widths = new Widths(program, bits);
  const found = new Map<string, Knob>();
  for (const step of program.steps) {
    const { source: name, output } = step;
    const add = (part: Knob["part"], start: number) => {
      const chosen = part === "weights" ? bits.weightsOf.has(name) : bits.resultsOf.has(name);
      if (!chosen && !found.has(`${part} ${name}`)) found.set(`${part} ${name}`, { name, part, bits: start });
    };
    if (step.op === "dense" || step.op === "conv") {
      add("weights", elementCount(output.dims) <= FEW ? bits.fineWeightBits : bits.weightBits);
    }
    const read = output.type === "real" ? widths.reads(output) : undefined;
    if (read !== undefined && !widths.chosen(output)) add("results", read);
  }
  return Array.from(found.values());
}
