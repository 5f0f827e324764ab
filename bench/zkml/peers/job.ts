import { readFile } from "node:fs/promises";

import { z } from "zod";

const row = z.array(z.array(z.number()));

/** One model, as both sides get it. */
const jobSchema = z.object({
  name: z.string(),
  /** ONNX file. */
  model: z.string(),
  /** Rows that are proven and measured, each an array for every input of the model. */
  inputs: z.array(row).min(1),
  /** Rows for the quantiser, inputs joined. */
  calibration: z.array(z.array(z.number())).min(1),
  /** What ONNX Runtime gives for `inputs`, in float, outputs joined. */
  outputs: z.array(z.array(z.number())),
  /** Whether the outputs are labels. */
  labels: z.boolean(),
  /** Names of dimensions that are not fixed; all are 1. */
  symbols: z.array(z.string()),
  /** Greatest error that EZKL's scale may cost. */
  tolerance: z.number(),
  /** Scales that EZKL tries, coarse to fine. */
  scales: z.array(z.number()),
  /** Sizes of EZKL's digits: base and number. */
  digits: z.array(z.tuple([z.number(), z.number()])),
  runs: z.number(),
  /** Folder for what is made. */
  folder: z.string(),
  /** Folder of EZKL's structured reference strings. */
  srs: z.string(),
  /** Error that ours should not exceed. */
  target: z.number(),
  /** The setting of EZKL that is measured. */
  choice: z.unknown(),
});

export type Job = z.infer<typeof jobSchema>;

/** Reads the job that a child process is given. */
export async function readJob(path: string | undefined): Promise<Job> {
  if (path === undefined) throw new Error("name a job file");
  return jobSchema.parse(JSON.parse(await readFile(path, "utf8")));
}

/** Labels: the share of wrong ones. Else the greatest difference as a share of the range of the float outputs. */
export function errorOf(
  { outputs, labels }: Pick<Job, "outputs" | "labels">,
  made: readonly (readonly number[])[],
): number {
  if (made.some((row, at) => row.length !== outputs[at]?.length)) throw new Error("another number of outputs");
  if (labels) return made.filter((row, at) => row.some((value, i) => value !== outputs[at]?.[i])).length / made.length;
  const values = outputs.flat();
  const [most, least] = [Math.max(...values), Math.min(...values)];
  const span = most - least || Math.max(...values.map(Math.abs)) || 1;
  return Math.max(...made.flatMap((row, at) => row.map((value, i) => Math.abs(value - outputs[at]![i]!)))) / span;
}
