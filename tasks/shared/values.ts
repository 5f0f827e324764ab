import { z } from "zod";

import { TaskError, TaskErrorCode } from "./error.ts";
import { FILE_LIMITS, readJson } from "./files.ts";
import { integer, invalid } from "./options.ts";

/** Most numbers in a row, and most rows. */
const MAX_ROW = 1_000_000;
const MAX_ROWS = 100_000;

const number = z.number().finite();
const row = z.array(number).min(1).max(MAX_ROW);
const label = z.number().int().nonnegative();

/** Rows of numbers in any of the forms that tasks take. */
const data = z.union([
  z
    .array(row)
    .min(1)
    .max(MAX_ROWS)
    .transform((inputs) => ({ inputs, labels: undefined })),
  z
    .object({ inputs: z.array(row).min(1).max(MAX_ROWS), labels: z.array(label).max(MAX_ROWS).optional() })
    .transform(({ inputs, labels }) => ({ inputs, labels })),
  z
    .object({
      images: z
        .array(z.object({ pixels: row, label: label.optional() }))
        .min(1)
        .max(MAX_ROWS),
    })
    .transform(({ images }) => {
      const labels = images.map((image) => image.label);
      return {
        inputs: images.map(({ pixels }) => pixels),
        labels: labels.every((value) => value !== undefined) ? (labels as number[]) : undefined,
      };
    }),
]);

/** Real inputs, with the class of each where the file says. */
export interface RealData {
  readonly inputs: readonly (readonly number[])[];
  readonly labels?: readonly number[];
}

/** Reads a data set: `[[...], ...]`, `{inputs, labels?}` or `{images: [{pixels, label?}]}`. */
export async function readData(path: string): Promise<RealData> {
  const what = "JSON of rows of numbers, as [[...], ...], {inputs, labels} or {images: [{pixels, label}]}";
  const { inputs, labels } = await readJson(path, what, (value) => parseAs(data, value), FILE_LIMITS.calibration);
  return labels === undefined ? { inputs } : { inputs, labels };
}

/**
 * Reads one input, flat and row-major: numbers nested as deep as the tensor, or one row of a data set.
 * @param index The row, where the file is a data set.
 */
export async function readInput(path: string, index: string | undefined): Promise<readonly number[]> {
  const what = "JSON of real input values: numbers, nested or not, or a data set and --index";
  return await readJson(path, what, (value) => {
    if (index === undefined) {
      if (!Array.isArray(value)) {
        if (data.safeParse(value).success) {
          throw new TaskError(TaskErrorCode.OptionMissing, `${path} holds many inputs; say which with --index.`);
        }
        throw new Error("not a list of numbers");
      }
      return flatten(value);
    }
    const { inputs } = parseAs(data, value);
    return inputs[integer("index", index, 0, MAX_ROWS)] ?? invalid("index", index, `a number below ${inputs.length}`);
  });
}

/** The union's own error says nothing; that of the form that the value resembles does. */
function parseAs<T>(schema: z.ZodType<T, z.ZodTypeDef, unknown>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error("no row of finite numbers where one must be");
}

function flatten(value: readonly unknown[]): number[] {
  const flat: number[] = [];
  const walk = (item: unknown, depth: number): void => {
    if (Array.isArray(item) && depth < 8) {
      for (const inner of item) walk(inner, depth + 1);
      return;
    }
    if (typeof item !== "number" || !Number.isFinite(item))
      throw new Error(`value ${flat.length} is not a finite number`);
    flat.push(item);
    if (flat.length > MAX_ROW) throw new Error(`more than ${MAX_ROW} values`);
  };
  walk(value, 0);
  return flat;
}
