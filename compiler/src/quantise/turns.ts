import { setImmediate } from "node:timers/promises";

import { ZkmlAbortedError } from "../emit/circom/errors.ts";
import { AccumulatorOverflowError } from "../graph/errors.ts";
import { CompileOptionError } from "./errors.ts";
import type { Knob } from "./knobs.ts";
import { LEAST_BITS, MOST_BITS, type NodeBits } from "./options.ts";

/** A model of certain widths. */
export interface Measured {
  readonly constraints: number;
  /** Greatest and mean error as shares of the range of the float model's values. */
  readonly error: number;
  readonly meanError: number;
}

/** How a search goes on. */
export interface BudgetProgress extends Measured {
  readonly evaluations: number;
  /** It stops here at the latest. */
  readonly most: number;
}

export interface BudgetOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BudgetProgress) => void;
  /** Models that are tried at most, 1 to 10,000; default 400. */
  readonly maxEvaluations?: number;
}

/** Knobs are turned in groups where there are more. */
const MOST_GROUPS = 48;
/** Turns back after one that broke the budget. */
const MOST_REPAIRS = 6;
const MOST_EVALUATIONS = 10_000;

/** How far each group of knobs is turned from where it began. */
type Turns = readonly number[];

/** A model that was tried. */
export interface State extends Measured {
  readonly turns: Turns;
}

interface Move {
  readonly group: number;
  readonly rank: number;
}

/** How good a turn is, the lower the better; undefined where it brings nothing. */
export type Rank = (next: State, now: State) => number | undefined;

/** Groups of neighbouring knobs of one kind. */
function grouped(knobs: readonly Knob[]): Knob[][] {
  const kinds = [knobs.filter(({ part }) => part === "weights"), knobs.filter(({ part }) => part === "results")];
  const per = Math.ceil(knobs.length / (MOST_GROUPS - 1));
  return kinds.flatMap((kind) =>
    Array.from({ length: Math.ceil(kind.length / per) }, (_, at) => kind.slice(at * per, (at + 1) * per)),
  );
}

/** Models that differ in widths, and ways from one to the next. */
export class Search {
  readonly #groups: readonly (readonly Knob[])[];
  readonly #measure: (bitsOf: Record<string, NodeBits>) => Measured;
  readonly #options: BudgetOptions;
  readonly #known = new Map<string, State | undefined>();
  readonly most: number;
  evaluations = 0;

  constructor(knobs: readonly Knob[], measure: (bitsOf: Record<string, NodeBits>) => Measured, options: BudgetOptions) {
    this.#groups = grouped(knobs);
    this.#measure = measure;
    this.#options = options;
    this.most = options.maxEvaluations ?? 400;
    if (!Number.isInteger(this.most) || this.most < 1 || this.most > MOST_EVALUATIONS) {
      throw new CompileOptionError("maxEvaluations", this.most, `a whole number from 1 to ${MOST_EVALUATIONS}`);
    }
  }

  /** The model with no width of its own. */
  start(): Promise<State | undefined> {
    return this.at(this.#groups.map(() => 0));
  }

  /** The widths that turns stand for. */
  bitsOf(turns: Turns): Record<string, NodeBits> {
    const made: Record<string, NodeBits> = {};
    for (const [at, group] of this.#groups.entries()) {
      if (turns[at] === 0) continue;
      for (const { name, part, bits } of group) {
        const turned = Math.min(Math.max(bits + turns[at]!, LEAST_BITS), MOST_BITS);
        Object.defineProperty(made, name, {
          value: { ...(Object.hasOwn(made, name) ? made[name] : {}), [part]: turned },
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
    }
    return made;
  }

  /** The model with these turns; undefined where sums have no room, or no evaluation is left. */
  async at(turns: Turns): Promise<State | undefined> {
    const key = turns.join();
    if (this.#known.has(key)) return this.#known.get(key);
    if (this.evaluations >= this.most) return undefined;
    // Lets the caller's signal, and whatever else waits, come in between.
    await setImmediate();
    if (this.#options.signal?.aborted === true) {
      throw new ZkmlAbortedError("the search for widths was stopped by the caller");
    }
    this.evaluations++;
    let state: State | undefined;
    try {
      state = { ...this.#measure(this.bitsOf(turns)), turns };
    } catch (error) {
      if (!(error instanceof AccumulatorOverflowError)) throw error;
    }
    this.#known.set(key, state);
    if (state !== undefined) {
      const { constraints, error, meanError } = state;
      this.#options.onProgress?.({ evaluations: this.evaluations, most: this.most, constraints, error, meanError });
    }
    return state;
  }

  /**
   * Turns groups by `by`: first each alone, to see what it brings, and then, the best first, one after the other.
   *
   * @param take whether the model after a turn goes on from there
   */
  async round(
    from: State,
    by: number,
    rank: Rank,
    take: (next: State, now: State) => boolean,
    until: (now: State) => boolean,
  ): Promise<State> {
    const moves: Move[] = [];
    for (const group of this.#groups.keys()) {
      const next = await this.at(this.#turned(from.turns, group, by));
      const value = next === undefined ? undefined : rank(next, from);
      if (value !== undefined) moves.push({ group, rank: value });
    }
    moves.sort((a, b) => a.rank - b.rank || a.group - b.group);
    let now = from;
    for (const { group } of moves) {
      if (until(now)) break;
      const next = await this.at(this.#turned(now.turns, group, by));
      if (next !== undefined && take(next, now)) now = next;
    }
    return now;
  }

  /** Turns one group by `by` and others back until the budget is met again, as often as a model is better for it. */
  async exchange(
    from: State,
    by: number,
    rank: Rank,
    fits: (now: State) => boolean,
    better: (next: State, now: State) => boolean,
  ): Promise<State> {
    let now = from;
    for (let found = true; found;) {
      found = false;
      for (const group of this.#groups.keys()) {
        let next = await this.at(this.#turned(now.turns, group, by));
        for (let turns = 0; next !== undefined && !fits(next) && turns < MOST_REPAIRS; turns++) {
          next = await this.#best(next, -by, rank, group);
        }
        if (next === undefined || !fits(next) || !better(next, now)) continue;
        now = next;
        found = true;
      }
    }
    return now;
  }

  /** The model after the one turn that ranks best. */
  async #best(from: State, by: number, rank: Rank, except: number): Promise<State | undefined> {
    let best: { readonly state: State; readonly value: number } | undefined;
    for (const group of this.#groups.keys()) {
      if (group === except) continue;
      const state = await this.at(this.#turned(from.turns, group, by));
      const value = state === undefined ? undefined : rank(state, from);
      if (state !== undefined && value !== undefined && value < (best?.value ?? Infinity)) best = { state, value };
    }
    return best?.state;
  }

  /** Goes on with rounds until enough is done, or a round does nothing. */
  async repeat(from: State, round: (from: State) => Promise<State>, until: (now: State) => boolean): Promise<State> {
    let now = from;
    while (!until(now)) {
      const next = await round(now);
      if (next === now) break;
      now = next;
    }
    return now;
  }

  #turned(turns: Turns, group: number, by: number): Turns {
    const reach = this.#groups[group]!.map(({ bits }) => bits + turns[group]! + by);
    if (reach.every((bits) => bits < LEAST_BITS || bits > MOST_BITS)) return turns;
    return turns.map((turn, at) => (at === group ? turn + by : turn));
  }
}
