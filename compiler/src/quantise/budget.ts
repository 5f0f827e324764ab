import { BudgetUnmetError, CompileOptionError } from "./errors.ts";
import type { Knob } from "./knobs.ts";
import type { NodeBits } from "./options.ts";
import { Search, type BudgetOptions, type Measured, type Rank, type State } from "./turns.ts";

/** What a compiled model may cost, or lose: constraints of its circuit, or the greatest error as a share of the range. */
export type Budget = { readonly constraints: number } | { readonly error: number };

/** The widths that a search chose. */
export interface BudgetResult extends Measured {
  readonly bitsOf: Readonly<Record<string, NodeBits>>;
  readonly evaluations: number;
}

const MOST_CONSTRAINTS = 2 ** 28;

/**
 * @throws {CompileOptionError} when a budget is not positive, or beyond what can be asked.
 */
export function checkBudget(budget: Budget): void {
  if ("error" in budget) {
    if (!(budget.error > 0 && budget.error <= 1)) {
      throw new CompileOptionError(
        "budget error",
        budget.error,
        "above 0 and at most 1, a share of the outputs' range",
      );
    }
  } else if (!Number.isInteger(budget.constraints) || budget.constraints < 1 || budget.constraints > MOST_CONSTRAINTS) {
    throw new CompileOptionError(
      "budget constraints",
      budget.constraints,
      `a whole number from 1 to ${MOST_CONSTRAINTS}`,
    );
  }
}

/** What a turn down loses for each constraint that it saves. */
const lossPerConstraint: Rank = (next, now) => {
  const saved = now.constraints - next.constraints;
  return saved > 0 ? (next.meanError - now.meanError) / saved : undefined;
};

/** What a turn up gains for each constraint, by mean and greatest error. */
const gainPerConstraint: Rank = (next, now) => {
  const gained = now.error - next.error + (now.meanError - next.meanError);
  return gained > 0 ? -gained / Math.max(1, next.constraints - now.constraints) : undefined;
};

/** The same by mean error alone. */
const meanGainPerConstraint: Rank = (next, now) => {
  const gained = now.meanError - next.meanError;
  return gained > 0 ? -gained / Math.max(1, next.constraints - now.constraints) : undefined;
};

/** What it loses, whatever it saves. */
const loss: Rank = (next, now) => (next.constraints < now.constraints ? next.meanError - now.meanError : undefined);

async function withinConstraints(search: Search, start: State, limit: number): Promise<State> {
  const fits = ({ constraints }: State) => constraints <= limit;
  const fewer = (next: State, now: State) => next.constraints < now.constraints;
  const nearer = (next: State, now: State) => fits(next) && next.meanError < now.meanError;
  let best: State | undefined;
  // Neither order of turning down is always the better one.
  for (const rank of [lossPerConstraint, loss]) {
    const met = await search.repeat(start, (from) => search.round(from, -1, rank, fewer, fits), fits);
    if (!fits(met)) {
      best ??= met;
      continue;
    }
    const up = (from: State) => search.round(from, 1, meanGainPerConstraint, nearer, () => false);
    const full = await search.repeat(met, up, () => false);
    const found = await search.exchange(full, 1, lossPerConstraint, fits, nearer);
    if (best === undefined || !fits(best) || found.meanError < best.meanError) best = found;
  }
  return best ?? start;
}

async function withinError(search: Search, start: State, limit: number): Promise<State> {
  const fits = ({ error }: State) => error <= limit;
  const nearer = (next: State, now: State) => next.error + next.meanError < now.error + now.meanError;
  const up = (from: State) => search.round(from, 1, gainPerConstraint, nearer, fits);
  const met = await search.repeat(start, up, fits);
  if (!fits(met)) return met;
  const fewer = (next: State, now: State) => fits(next) && next.constraints < now.constraints;
  const down = (from: State) => search.round(from, -1, lossPerConstraint, fewer, () => false);
  const full = await search.repeat(met, down, () => false);
  return search.exchange(full, -1, gainPerConstraint, fits, fewer);
}

/**
 * Looks for the widths that meet a budget: of constraints, with the least mean error; of error, with the fewest
 * constraints. It turns the width of weights and results, node by node, bit by bit, whatever brings most for a constraint
 * first. Greedy: there may be better widths. The same model, data and budget give the same widths.
 *
 * @param knobs what can be turned, with the bits that it starts from
 * @param measure quantises with these widths
 * @throws {BudgetUnmetError} saying the best that was reached.
 * @throws {CompileOptionError} when the budget is no budget.
 * @throws {ZkmlAbortedError} when `signal` ends it.
 */
export async function searchWidths(
  knobs: readonly Knob[],
  measure: (bitsOf: Record<string, NodeBits>) => Measured,
  budget: Budget,
  options: BudgetOptions = {},
): Promise<BudgetResult> {
  checkBudget(budget);
  const search = new Search(knobs, measure, options);
  const start = await search.start();
  // Without widths of its own a model has those that it is compiled with anyhow; what that throws is the caller's.
  if (start === undefined) measure({});
  const from = start as State;
  const found =
    "error" in budget
      ? await withinError(search, from, budget.error)
      : await withinConstraints(search, from, budget.constraints);
  const met = "error" in budget ? found.error <= budget.error : found.constraints <= budget.constraints;
  if (!met) throw new BudgetUnmetError(budget, found, search.evaluations);
  const { constraints, error, meanError, turns } = found;
  return { bitsOf: search.bitsOf(turns), constraints, error, meanError, evaluations: search.evaluations };
}
