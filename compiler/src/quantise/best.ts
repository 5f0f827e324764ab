import type { Program } from "../program/types.ts";
import { estimateConstraints, type ConstraintEstimate } from "../report/constraints.ts";
import type { QuantiseOptions, ScaleSearch } from "./options.ts";
import { quantise, type Quantised } from "./quantise.ts";

/** How far an integer model is from the float one. */
export interface Distance {
  readonly agreement: number;
  readonly meanAbsoluteError: number;
  readonly relativeError: number;
}

/** A way of quantising a program, with what came of it. */
export interface Candidate<T extends Distance> {
  readonly quantised: Quantised;
  readonly distance: T;
  readonly constraints: ConstraintEstimate;
}

/** The mean error has to fall below this share of that with powers of two. */
const WORTH = 0.97;

function better(next: Distance, now: Distance, share: number): boolean {
  if (next.agreement < now.agreement || next.relativeError > now.relativeError) return false;
  return next.meanAbsoluteError < share * now.meanAbsoluteError;
}

/**
 * Quantises with one power of two for each tensor and with scales that are searched for, and keeps the searched ones where
 * the whole model is nearer to the float one, by the mean error and not by the greatest at its cost, and takes no more
 * constraints. What is best for a layer alone is not always best for what comes after it.
 *
 * @param measure compares the integer model with the float one
 * @param search false to keep to one power of two for each tensor
 */
export function quantiseBest<T extends Distance>(
  program: Program,
  options: QuantiseOptions,
  measure: (quantised: Quantised) => T,
  search = true,
): Candidate<T> {
  const make = (manner: ScaleSearch): Candidate<T> => {
    const quantised = quantise(program, options, manner);
    return { quantised, distance: measure(quantised), constraints: estimateConstraints(quantised.graph) };
  };
  if (!search) return make("none");
  const units = make("units");
  if (units.quantised.rescaled === 0) return units;
  const powers = make("none");
  let best = powers;
  for (const next of [make("channels"), units]) {
    const enough = better(next.distance, best.distance, best === powers ? WORTH : 1);
    if (enough && next.constraints.total <= powers.constraints.total) best = next;
  }
  return best;
}
