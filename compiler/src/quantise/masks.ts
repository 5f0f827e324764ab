import { inputsOf } from "../program/builder.ts";
import { runProgram, runStep, type Elements } from "../program/run.ts";
import type { Program, Step, Value } from "../program/types.ts";

/** How much greater a mask is than what it is put among, at least, and the least that any mask is. */
const LIMITS = { gap: 2 ** 13, least: 2 ** 13 } as const;
/** The same for masks that the outputs, or the samples, do not show to be masks: numbers that no integer has room for. */
const STRICT = { gap: 2 ** 20, least: 2 ** 24 } as const;
/** Masks of one step are one number, but for what was added to them. */
const SPREAD = 4;
/** What a mask becomes, in terms of what it is put among: e^-512 is 0 in any float, and a power of two moves no bit. */
const REMAINS = 2 ** 9;
/** Outputs that differ by less of their range are the same. */
const SAME = 2 ** -10;

/** A term of a sum, or a part of what a gather takes from. */
interface Part {
  readonly samples: readonly ArrayLike<number>[];
  readonly factor: number;
  /** A size that it may have where the samples show none. */
  readonly reach: number;
}

interface Sizes {
  readonly least: number;
  readonly most: number;
  readonly seen: boolean;
  readonly zeros: boolean;
}

/** The sizes that a part has, zeros aside. */
function sizesOf({ samples, factor, reach }: Part): Sizes | undefined {
  let [least, most, zeros] = [Infinity, 0, false];
  for (const row of samples) {
    for (let at = 0; at < row.length; at++) {
      const size = Math.abs(row[at]! * factor);
      if (size === 0) {
        zeros = true;
        continue;
      }
      least = Math.min(least, size);
      most = Math.max(most, size);
    }
  }
  if (most > 0) return { least, most, seen: true, zeros };
  return reach > 0 ? { least: reach, most: reach, seen: false, zeros } : undefined;
}

interface Mask {
  /** The power of two that makes it small. */
  readonly ratio: number;
  /** The size from which a number is one. */
  readonly from: number;
}

/** What makes the masks among some parts small; undefined where there are none. */
function maskOf(parts: readonly Part[], strict: boolean, { type }: Value): Mask | undefined {
  const sizes = parts.map(sizesOf).filter((each) => each !== undefined);
  const edges = sizes.flatMap(({ least, most }) => [least, most]).sort((a, b) => a - b);
  const greatest = edges.at(-1) ?? 0;
  const from = greatest / SPREAD;
  const others = edges.filter((edge) => edge < from).at(-1) ?? 0;
  const whole = sizes.every(({ least, most }) => least >= from || most < from);
  const unseen = sizes.some(({ least, seen }) => least >= from && !seen);
  const limits = strict || unseen ? STRICT : LIMITS;
  // Whole numbers are what they are, or nothing.
  if (type !== "real" && limits === STRICT) return undefined;
  if (greatest < limits.least || others === 0 || greatest < limits.gap * others || !whole) return undefined;
  return { ratio: 2 ** Math.ceil(Math.log2((REMAINS * Math.max(others, 1)) / greatest)), from };
}

/**
 * The program with its masks made small: numbers like -1e9, -1e38 or what stood for minus infinity, put among others so
 * that a softmax, a maximum or a comparison takes no notice. No integer holds both them and what they are put among. They
 * are told by the calibration data: of one size, and far beyond everything else in the sum, or selection, that they are
 * in. Large numbers that the outputs take notice of are no masks, unless nothing that is put among them has room anyhow.
 *
 * @param inputs elements of each input, for each calibration input
 */
export function withSmallMasks(
  program: Program,
  inputs: readonly (readonly ArrayLike<number>[])[],
): { readonly program: Program; readonly floats: readonly Map<number, Float64Array>[] } {
  const made = cancelling(program, inputs, false);
  if (made.program.steps.every((step, at) => step === program.steps[at])) return made;
  const plain = inputs.map((row) => runProgram(program, row));
  const outputs = (known: readonly Elements[]) =>
    program.outputs.map(({ value }) => known.map((each) => value.constant ?? each.get(value.id)!));
  const same = outputs(plain).every((wanted, at) => alike(wanted, outputs(made.floats)[at]!));
  return same ? made : cancelling(program, inputs, true);
}

/** Whether an output is the same, as far as its range goes. */
function alike(wanted: readonly Float64Array[], got: readonly Float64Array[]): boolean {
  let [least, most, apart] = [Infinity, -Infinity, 0];
  for (const [row, values] of wanted.entries()) {
    for (const [at, value] of values.entries()) {
      least = Math.min(least, value);
      most = Math.max(most, value);
      apart = Math.max(apart, Math.abs(value - got[row]![at]!));
    }
  }
  return apart <= SAME * (most > least ? most - least : Math.abs(most));
}

/** Small masks that cancel, where they did, as exactly as before. */
function cancelling(program: Program, inputs: readonly (readonly ArrayLike<number>[])[], strict: boolean): Tamed {
  const made = tamed(program, inputs, strict);
  const found = new Set([...made.masks].map((id) => sourceOf(program, id)));
  found.delete(undefined);
  if (found.size === 0) return made;
  // A mask like -1e9 (1 - x) is 0 for an x of 1 only if factor and offset are rounded alike: so to a power of two.
  const steps = program.steps.map((step): Step => {
    if (!found.has(step) || (step.op !== "linear" && step.op !== "scale")) return step;
    const factor = Math.abs(step.factors[0] ?? 1);
    const size = 2 ** Math.round(Math.log2(factor)) / factor;
    if (step.op === "linear")
      return { ...step, factors: step.factors.map((each) => each * size), offset: step.offset * size };
    return {
      ...step,
      factors: step.factors.map((each) => each * size),
      offsets: step.offsets.map((each) => each * size),
    };
  });
  return tamed({ ...program, steps }, inputs, strict);
}

/** The line that a mask comes from, if it goes nowhere else. */
function sourceOf({ steps, outputs }: Program, id: number): Step | undefined {
  const readers =
    steps.filter((step) => inputsOf(step).some((each) => each.id === id)).length +
    outputs.filter(({ value }) => value.id === id).length;
  const maker = steps.find((step) => step.output.id === id);
  if (readers !== 1 || maker === undefined) return undefined;
  const [only, ...more] = inputsOf(maker);
  if (only === undefined || more.length > 0) return undefined;
  if (maker.op === "linear" || maker.op === "scale") return maker;
  return maker.op === "gather" && maker.constants.length === 0
    ? sourceOf({ steps, outputs } as Program, only.id)
    : undefined;
}

interface Tamed {
  readonly program: Program;
  readonly floats: readonly Map<number, Float64Array>[];
  /** Values that are masks. */
  readonly masks: ReadonlySet<number>;
}

function tamed(program: Program, inputs: readonly (readonly ArrayLike<number>[])[], strict: boolean): Tamed {
  const floats = inputs.map(
    (row): Map<number, Float64Array> =>
      new Map(program.inputs.map(({ value }, at) => [value.id, Float64Array.from(row[at] ?? [])])),
  );
  const [reaches, masks] = [new Map<number, number>(), new Set<number>()];
  const read = (known: Map<number, Float64Array>, value: Value) => value.constant ?? known.get(value.id)!;
  const samplesOf = (value: Value) => floats.map((known) => read(known, value));
  const steps = program.steps.map((step): Step => {
    const made = withSmallMask(step, samplesOf, reaches, masks, strict);
    for (const known of floats) {
      known.set(
        step.output.id,
        runStep(made, (value) => read(known, value)),
      );
    }
    return made;
  });
  return { program: { ...program, steps }, floats, masks };
}

function withSmallMask(
  step: Step,
  samplesOf: (value: Value) => readonly ArrayLike<number>[],
  reaches: Map<number, number>,
  masks: Set<number>,
  strict: boolean,
): Step {
  const reachOf = ({ id, type }: Value) => reaches.get(id) ?? (type === "boolean" ? 1 : 0);
  switch (step.op) {
    case "linear": {
      const reach = step.inputs.reduce(
        (sum, each, k) => sum + Math.abs(step.factors[k]!) * Math.max(reachOf(each), 1),
        0,
      );
      if (reach + Math.abs(step.offset) >= LIMITS.least) reaches.set(step.output.id, reach + Math.abs(step.offset));
      const terms = step.inputs.map((each, k): Part => {
        const factor = step.factors[k]!;
        return { samples: samplesOf(each), factor, reach: Math.abs(factor) * reachOf(each) };
      });
      const mask = maskOf([...terms, { samples: [[step.offset]], factor: 1, reach: 0 }], strict, step.output);
      if (mask === undefined) return step;
      const sizes = terms.map(sizesOf);
      const large = sizes.filter((size) => size !== undefined && size.most >= mask.from);
      // An offset alone is in all sums alike, and a term that never was 0 may be a number like others.
      if (large.length === 0 || (strict && large.some((size) => size?.zeros === false))) return step;
      const factors = terms.map((term, k) => {
        if ((sizes[k]?.most ?? 0) < mask.from) return term.factor;
        masks.add(step.inputs[k]!.id);
        return term.factor * mask.ratio;
      });
      return { ...step, factors, offset: step.offset * (Math.abs(step.offset) >= mask.from ? mask.ratio : 1) };
    }
    case "scale": {
      const reach = greatestOf(step.factors) * Math.max(reachOf(step.input), 1) + greatestOf(step.offsets);
      if (reach >= LIMITS.least) reaches.set(step.output.id, reach);
      const values = samplesOf(step.input).map((row) =>
        Float64Array.from(step.factors, (factor, at) => factor * row[at]!),
      );
      const offsets = Array.from(step.offsets, (offset): Part => ({ samples: [[offset]], factor: 1, reach: 0 }));
      const mask = maskOf([{ samples: values, factor: 1, reach: 0 }, ...offsets], strict, step.output);
      if (mask === undefined || values.some((row) => row.some((each) => Math.abs(each) >= mask.from))) return step;
      if (step.offsets.every((offset) => Math.abs(offset) >= mask.from)) return step;
      return { ...step, offsets: small(step.offsets, mask) };
    }
    case "gather": {
      const reach = step.inputs.reduce((most, each) => Math.max(most, reachOf(each)), 0);
      if (reach >= LIMITS.least) reaches.set(step.output.id, reach);
      const parts = step.inputs.map((each): Part => ({ samples: samplesOf(each), factor: 1, reach: 0 }));
      const constants = Array.from(step.constants, (each): Part => ({ samples: [[each]], factor: 1, reach: 0 }));
      const mask = maskOf([...parts, ...constants], strict, step.output);
      if (mask === undefined || parts.some((part) => (sizesOf(part)?.most ?? 0) >= mask.from)) return step;
      return { ...step, constants: small(step.constants, mask) };
    }
    default:
      return step;
  }
}

function greatestOf(values: Float64Array): number {
  return values.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
}

function small(values: Float64Array, { ratio, from }: Mask): Float64Array {
  return values.map((each) => (Math.abs(each) >= from ? each * ratio : each));
}
