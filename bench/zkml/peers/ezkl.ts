import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import type { Job } from "./job.ts";
import type { PeerModel } from "./models.ts";
import { messageOf, runJson } from "./process.ts";

const HERE = import.meta.dirname;
const SCALES = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];

/** EZKL's own digits, which need 2^15 rows, and smaller ones, which its documentation does not mention but which suit tiny models. */
const DIGITS: Readonly<Record<Way, readonly (readonly [number, number])[]>> = {
  default: [[16_384, 2]],
  tuned: [
    [16_384, 2],
    [128, 4],
    [256, 4],
    [1_024, 3],
    [4_096, 3],
  ],
};

/** How EZKL is run: as its documentation says, or with the size of digits chosen for the model by hand. */
export type Way = "default" | "tuned";

const choiceSchema = z.object({
  settings: z.string(),
  base: z.number(),
  legs: z.number(),
  scale: z.number(),
  logrows: z.number(),
  rows: z.number(),
  error: z.number(),
  own: z.boolean(),
});
const chosenSchema = z.object({ found: z.array(choiceSchema), why: z.array(z.string()) });
const keysSchema = z.object({ srs: z.number(), setup: z.number(), key: z.number() });
const provedSchema = z.object({
  times: z.array(z.number()).min(1),
  rss: z.number(),
  verified: z.literal(true),
});
const oursSchema = z.object({
  error: z.number(),
  widths: z.object({ weightBits: z.number().optional(), activationBits: z.number().optional() }),
  constraints: z.number(),
  setup: z.number(),
});

/** Seconds of proofs, witness included, and megabytes of the process that made them. */
export interface Proved {
  readonly median: number;
  readonly min: number;
  readonly times: readonly number[];
  readonly rss: number;
  readonly error: number;
}

/** One model on both sides; EZKL in each of its ways. */
export interface Duel {
  readonly name: string;
  readonly ours?: Proved & { readonly constraints: number; readonly widths: object };
  readonly ezkl: Partial<
    Record<
      Way,
      Proved & {
        /** Theirs over ours: medians, minima, memory. */
        readonly time: number;
        readonly timeOfMinima: number;
        readonly memory: number;
        /** Ours is at least as accurate, so the ratio counts. */
        readonly counts: boolean;
        readonly scale: number;
        readonly base: number;
        readonly logrows: number;
        /** What EZKL's calibration picks by itself, without being told a scale. */
        readonly own?: { readonly scale: number; readonly logrows: number; readonly error: number } | undefined;
      }
    >
  >;
  readonly why?: string;
}

/** Error of either side that is not worth more bits, as a share of the range. */
const TOLERANCE = 0.02;

function stats({ times, rss }: { times: number[]; rss: number }, error: number): Proved {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.floor(middle - 0.5)]! + sorted[Math.ceil(middle - 0.5)]!) / 2;
  return { median, min: sorted[0]!, times, rss, error };
}

export interface DuelOptions {
  readonly python: string;
  readonly work: string;
  readonly runs: number;
  /** Longest that one step may take. */
  readonly seconds: number;
  /** Greatest number of rows of EZKL's circuits, as a power of two. */
  readonly maxLogrows: number;
  readonly ways: readonly Way[];
}

/** Proves one model with both, one after the other, and checks the proofs. */
export async function duel(model: PeerModel, options: DuelOptions, onStep: (step: string) => void): Promise<Duel> {
  const { python, work, runs, seconds, maxLogrows, ways } = options;
  const job: Job = {
    ...model,
    tolerance: model.labels ? 0 : TOLERANCE,
    scales: SCALES,
    digits: [...new Map(ways.flatMap((way) => DIGITS[way]))],
    runs,
    folder: join(work, model.name),
    srs: work,
    target: 0,
    choice: undefined,
  };
  await rm(job.folder, { recursive: true, force: true });
  await mkdir(job.folder, { recursive: true });
  const step = async <T>(
    parse: (value: unknown) => T,
    command: readonly [string, ...string[]],
    part: Partial<Job> = {},
  ) => {
    const path = join(job.folder, "job.json");
    await writeFile(path, JSON.stringify({ ...job, ...part }));
    return await runJson(parse, [...command, path], { seconds, env: { RAYON_NUM_THREADS: "2", RUST_LOG: "error" } });
  };
  const theirs = (mode: string) => [python, join(HERE, "ezkl_peer.py"), mode] as const;
  const own = (program: string) => [process.execPath, join(HERE, program)] as const;
  try {
    onStep(`${model.name}: EZKL's settings`);
    const { found, why } = await step((value) => chosenSchema.parse(value), [...theirs("choose")]);
    const choices = ways.flatMap((way) => {
      const fit = found
        .filter(({ own: itself, base, error }) => !itself && error <= job.tolerance && isWay(way, base))
        .sort((a, b) => a.logrows - b.logrows || a.rows - b.rows);
      return fit[0] === undefined ? [] : [{ way, ...fit[0] }];
    });
    if (choices.length === 0) {
      throw new Error(`EZKL: ${why[0] ?? `no scale within ${100 * job.tolerance} % of float`}`);
    }
    onStep(`${model.name}: our circuit and keys`);
    const target = Math.min(...choices.map(({ error }) => error));
    const made = await step((value) => oursSchema.parse(value), [...own("ours-setup.ts")], { target });
    onStep(`${model.name}: our proofs`);
    const ours = stats(await step((value) => provedSchema.parse(value), [...own("ours-prove.ts")]), made.error);
    const ezkl: { -readonly [W in Way]?: Duel["ezkl"][W] } = {};
    const failed: string[] = [];
    const known = new Map<string, Proved>();
    for (const { way, ...choice } of choices) {
      try {
        if (choice.logrows > maxLogrows) throw new Error(`takes 2^${choice.logrows} rows`);
        // Both ways can come to the same settings.
        let proved = known.get(choice.settings);
        if (proved === undefined) {
          onStep(`${model.name}: EZKL's keys, ${way}, 2^${choice.logrows} rows`);
          await step((value) => keysSchema.parse(value), [...theirs("setup")], { choice });
          onStep(`${model.name}: EZKL's proofs, ${way}`);
          const made = await step((value) => provedSchema.parse(value), [...theirs("prove")], { choice });
          proved = stats(made, choice.error);
          known.set(choice.settings, proved);
        }
        const itself = found.find((each) => each.own && each.base === choice.base);
        ezkl[way] = {
          ...proved,
          time: proved.median / ours.median,
          timeOfMinima: proved.min / ours.min,
          memory: proved.rss / ours.rss,
          counts: made.error <= choice.error,
          scale: choice.scale,
          base: choice.base,
          logrows: choice.logrows,
          own: itself && { scale: itself.scale, logrows: itself.logrows, error: itself.error },
        };
      } catch (error) {
        failed.push(`EZKL ${way}: ${messageOf(error)}`);
      }
    }
    return {
      name: model.name,
      ours: { ...ours, constraints: made.constraints, widths: made.widths },
      ezkl,
      ...(failed.length === 0 ? {} : { why: failed.join("; ").slice(0, 300) }),
    };
  } catch (error) {
    return { name: model.name, ezkl: {}, why: messageOf(error).slice(0, 300) };
  } finally {
    await rm(job.folder, { recursive: true, force: true });
  }
}

function isWay(way: Way, base: number): boolean {
  return DIGITS[way].some(([each]) => each === base);
}
