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

/** An error, as a share of the outputs' range, that no constraints are spent on. */
const ENOUGH = 2 ** -8;

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
 * @param precise whether a model that is far off may take more constraints, for factors and offsets with more bits
 */
export function quantiseBest<T extends Distance>(
  program: Program,
  options: QuantiseOptions,
  measure: (quantised: Quantised) => T,
  search = true,
  precise = search,
): Candidate<T> {
  const make = (manner: ScaleSearch, fine = false): Candidate<T> => {
    const quantised = quantise(program, options, manner, fine);
    return { quantised, distance: measure(quantised), constraints: estimateConstraints(quantised.graph) };
  };
  const refined = (plain: Candidate<T>, manner: ScaleSearch): Candidate<T> => {
    if (!plain.quantised.crude || !precise || !(plain.distance.relativeError > ENOUGH)) return plain;
    const next = make(manner, true);
    return better(next.distance, plain.distance, WORTH) ? next : plain;
  };
  if (!search) return make("none");
  const units = make("units");
  if (units.quantised.rescaled === 0) return refined(units, "units");
  const powers = make("none");
  let [best, manner]: [Candidate<T>, ScaleSearch] = [powers, "none"];
  for (const [next, how] of [
    [make("channels"), "channels"],
    [units, "units"],
  ] as const) {
    const enough = better(next.distance, best.distance, best === powers ? WORTH : 1);
    if (enough && next.constraints.total <= powers.constraints.total) [best, manner] = [next, how];
  }
  return refined(best, manner);
}
