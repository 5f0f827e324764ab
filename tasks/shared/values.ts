import { countWords } from "@assay/nodes/operator";
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
  // One input of a model, an array for each of its tensors, as EZKL's files have it.
  z
    .object({
      input_data: z
        .array(z.array(z.union([number, z.boolean().transform(Number)])).max(MAX_ROW))
        .min(1)
        .max(100),
    })
    .transform(({ input_data }) => ({ inputs: [input_data.flat()], labels: undefined })),
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

/** Reads a data set: `[[...], ...]`, `{inputs, labels?}`, `{input_data}` or `{images: [{pixels, label?}]}`. */
export async function readData(path: string): Promise<RealData> {
  const what = "JSON of rows of numbers, as [[...], ...], {inputs, labels} or {images: [{pixels, label}]}";
  const { inputs, labels } = await readJson(path, what, (value) => parseAs(data, value), FILE_LIMITS.calibration);
  return labels === undefined ? { inputs } : { inputs, labels };
}

/** One real input, flat and row-major, as it was read. */
export interface RealInput {
  readonly values: readonly number[];
  readonly path: string;
  /** Rows of the file, where it can be a data set and no row was chosen. */
  readonly rows?: readonly (readonly number[])[];
}

/**
 * Reads one input: numbers nested as deep as the tensor, or one row of a data set.
 * @param index The row, where the file is a data set.
 */
export async function readInput(path: string, index: string | undefined): Promise<RealInput> {
  const what = "JSON of real input values: numbers, nested or not, or a data set and --index";
  return await readJson(path, what, (value) => {
    if (index === undefined) {
      const set = data.safeParse(value);
      if (!Array.isArray(value)) {
        if (set.success) {
          const words = `${path} holds ${countOf(set.data.inputs)}; say which to take with --index, from 0`;
          throw new TaskError(TaskErrorCode.OptionMissing, `${words}.`);
        }
        throw new Error("not a list of numbers");
      }
      return { values: flatten(value), path, ...(set.success ? { rows: set.data.inputs } : {}) };
    }
    const { inputs } = parseAs(data, value);
    const values =
      inputs[integer("index", index, 0, MAX_ROWS)] ?? invalid("index", index, `a number below ${inputs.length}`);
    return { values, path };
  });
}

/**
 * Throws unless the input has as many values as the model's tensor; suggests `--index` where the file is a data set whose
 * rows do.
 */
export function requireCount(
  { values, path, rows }: RealInput,
  { name, dims }: { readonly name: string; readonly dims: readonly number[] },
): void {
  const count = dims.reduce((product, size) => product * size, 1);
  if (values.length === count) return;
  if (rows?.every((row) => row.length === count) === true) {
    throw new TaskError(
      TaskErrorCode.OptionMissing,
      `${path} holds ${countOf(rows)} of ${count} values each, and the model takes one; say which with --index, from 0 to ` +
        `${rows.length - 1}.`,
    );
  }
  throw new TaskError(
    TaskErrorCode.FileContent,
    `The input in ${path} has ${values.length} values; the model's input "${name}" takes ${countWords(dims)}.`,
  );
}

function countOf(rows: readonly unknown[]): string {
  return rows.length === 1 ? "1 input" : `${rows.length} inputs`;
}

/** The union's own error says nothing; that of the form that the value resembles does. */
function parseAs<T>(schema: z.ZodType<T, z.ZodTypeDef, unknown>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(badRowOf(value) ?? "no row of finite numbers where one must be");
}

/** Which row of what should be a data set is none, and why. */
function badRowOf(value: unknown): string | undefined {
  const { inputs, images, input_data } = (value ?? {}) as Record<string, unknown>;
  const list = Array.isArray(value) ? (value as unknown[]) : (inputs ?? images ?? input_data);
  if (!Array.isArray(list)) return undefined;
  if (list.length === 0) return "it has no row";
  if (list.every((item) => typeof item === "number")) {
    return "it is one input, not rows of them; leave --index out, or put it in a list";
  }
  for (const [place, item] of list.entries()) {
    const row: unknown = list === images ? ((item ?? {}) as Record<string, unknown>)["pixels"] : item;
    if (!Array.isArray(row)) return `row ${place}, from 0, is no list of numbers`;
    if (row.length === 0 && list !== input_data) return `row ${place}, from 0, is empty`;
    const wrong = row.findIndex((one) => !Number.isFinite(one) && !(list === input_data && typeof one === "boolean"));
    if (wrong >= 0) return `value ${wrong} of row ${place}, both from 0, is not a finite number`;
  }
  return undefined;
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
