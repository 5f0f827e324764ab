import { AccumulatorOverflowError } from "../graph/errors.ts";
import { elementCount } from "../program/geometry.ts";
import type { Elements } from "../program/run.ts";
import type { ConvStep, DenseStep, LinearStep, PairStep, Program, Step, Value } from "../program/types.ts";
import { freeUnits, type FreeUnits } from "./absorbing.ts";
import {
  aligned,
  quantiseConv,
  quantiseDense,
  quantiseLinear,
  quantiseScale,
  round,
  weightExponent,
} from "./affine.ts";
import { quantiseTable } from "./curve.ts";
import { distance } from "./distance.ts";
import { bitsOf, centred, integral, narrowed, rounded } from "./narrow.ts";
import { FEW, type Bits } from "./options.ts";
import { quantiseDivide } from "./quotient.ts";
import { rescaled, type Layer } from "./scales.ts";
import { Sheet, type Quantity } from "./sheet.ts";
import { Widths } from "./widths.ts";

/** Bits of constants, and of tables that nothing reads with fewer. */
const CONSTANT_BITS = 12;
/** More than any number has. */
const MAX_BITS = 24;
/** Bits of an activation that leave room for sums in layers of any usual size. */
const USUAL_BITS = 8;
/** Bits by which a layer's input may be wider than an activation. */
const SPARE_BITS = 2;

/** Values of the program as quantities of the graph. */
export class Quantiser {
  readonly sheet: Sheet;
  /** Layers whose scales are others than one power of two. */
  rescaled = 0;
  readonly #bits: Bits;
  readonly #floats: readonly Elements[];
  readonly #widths: Widths;
  readonly #units: FreeUnits;
  /** Layers by the tensor of their sums. */
  readonly #layers = new Map<string, Layer>();
  readonly #quantities = new Map<number, Quantity>();
  readonly #rounded = new Set<number>();
  readonly #narrowed = new Map<string, Quantity>();
  /** What tensors stand for. */
  readonly #values = new Map<string, { readonly value: Value; readonly quantity: Quantity }>();

  constructor(program: Program, bits: Bits, floats: readonly Elements[]) {
    this.#bits = bits;
    this.#floats = floats;
    this.#widths = new Widths(program, bits);
    this.#units = freeUnits(program);
    this.sheet = new Sheet(floats.length);
  }

  /** Whether an input is multiplied, or looked up, somewhere. */
  wantsNarrow(value: Value): boolean {
    return this.#widths.reads(value) !== undefined;
  }

  /** Notes that a value's integers are reals of the caller's that were rounded. */
  markRounded({ id }: Value): void {
    this.#rounded.add(id);
  }

  set(value: Value, quantity: Quantity): void {
    this.#quantities.set(value.id, quantity);
    if (!this.#values.has(quantity.tensor)) this.#values.set(quantity.tensor, { value, quantity });
  }

  /**
   * How far a tensor is from the float model's value on the calibration data: the root of the mean square, as a share of
   * the value's range there, at most 1. Undefined for one that stands for no value of the model.
   */
  errorOf(tensor: string): number | undefined {
    const known = this.#values.get(tensor);
    return known === undefined ? undefined : distance(known.quantity, this.wanted(known.value));
  }

  /** The quantity of a value; a constant becomes a tensor of its own. */
  get(value: Value): Quantity {
    const found = this.#quantities.get(value.id);
    if (found !== undefined) return found;
    const data = value.constant ?? new Float64Array();
    const greatest = data.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    const whole = data.every((each) => Number.isInteger(each) && Math.abs(each) < 2 ** 20);
    const exponent = whole ? 0 : weightExponent("a constant", greatest, CONSTANT_BITS);
    const constants = Array.from(data, (each) => Math.floor(each / 2 ** exponent + 0.5) + 0);
    const quantity = this.sheet.constant(constants, exponent);
    this.set(value, quantity);
    return quantity;
  }

  wanted(value: Value): readonly Float64Array[] {
    return this.#floats.map((elements) => value.constant ?? elements.get(value.id)!);
  }

  narrow(value: Value, bits: number): Quantity {
    const quantity = this.get(value);
    if (value.type !== "real") return this.whole(value);
    if (bitsOf(quantity.range) <= bits) return quantity;
    const key = `${value.id}/${bits}`;
    const known = this.#narrowed.get(key);
    if (known !== undefined) return known;
    const wanted = this.wanted(value);
    const plain = narrowed(this.sheet, quantity, wanted, bits);
    const made = this.#rescaled(quantity, plain, wanted, value) ?? plain;
    this.#narrowed.set(key, made);
    this.#values.set(made.tensor, { value, quantity: made });
    return made;
  }

  /** An integer or boolean as exactly itself. */
  whole(value: Value): Quantity {
    const quantity = centred(this.sheet, this.get(value));
    if (quantity.exponent === 0) return quantity;
    const made = integral(this.sheet, quantity);
    this.set(value, made);
    return made;
  }

  step(step: Step): void {
    this.sheet.source = step.source;
    this.set(step.output, this.#write(step));
    if (step.op === "gather" && step.inputs.every(({ id }) => this.#rounded.has(id))) this.markRounded(step.output);
  }

  #write(step: Step): Quantity {
    const { sheet } = this;
    const { weightBits } = this.#bits;
    switch (step.op) {
      case "dense":
      case "conv":
        return this.#layer(step);
      case "linear": {
        const factor = this.#mereFactor(step);
        if (factor !== undefined) {
          const input = this.get(step.inputs[0]!);
          return { ...input, exponent: input.exponent + Math.log2(factor) };
        }
        return this.#roomy(step.inputs, (inputs) => quantiseLinear(sheet, step, inputs, weightBits));
      }
      case "scale":
        return this.#roomy([step.input], ([input]) => quantiseScale(sheet, step, input!, weightBits));
      case "sum":
        return this.#roomy([step.input], ([input]) => {
          const { tensor, exponent, zero } = input!;
          return sheet.add({ op: "sum", input: tensor, width: step.width }, exponent, zero * step.width);
        });
      case "max": {
        const { tensor, exponent, zero } = this.get(step.input);
        return sheet.add({ op: "max", input: tensor, width: step.width }, exponent, zero);
      }
      case "argmax":
        return sheet.add({ op: "argmax", input: this.get(step.input).tensor, width: step.width }, 0);
      case "gather":
        return this.#gather(step);
      case "clamp":
        return this.#clamp(step);
      case "table": {
        const input =
          step.input.type === "real" ? this.narrow(step.input, this.#widths.table(step.input)) : this.whole(step.input);
        const bits = this.#widths.reads(step.output) ?? CONSTANT_BITS;
        const whole = step.output.type !== "real";
        return quantiseTable(sheet, step, input, this.wanted(step.output), bits, whole);
      }
      case "multiply": {
        const [left, right] = [step.left, step.right].map((each) => {
          return centred(sheet, this.narrow(each, this.#widths.of(each, this.#bits.factorBits)));
        });
        const exponent = left!.exponent + right!.exponent;
        return sheet.add({ op: "multiply", left: left!.tensor, right: right!.tensor }, exponent);
      }
      case "matmul":
        return this.#matmul(step);
      case "divide": {
        const of = (value: Value) => ({ quantity: this.get(value), wanted: this.wanted(value) });
        const bits = this.#widths.of(step.left, this.#bits.factorBits);
        return quantiseDivide(sheet, of(step.left), of(step.right), this.wanted(step.output), bits);
      }
      case "greater":
        return this.#greater(step);
      case "onehot": {
        const input = this.whole(step.input);
        const clamp = { min: 0n, max: BigInt(step.size - 1) };
        const inside = input.range.min >= clamp.min && input.range.max <= clamp.max;
        const safe =
          inside || step.size === 1 ? input : sheet.add({ op: "requantise", input: input.tensor, shift: 0, clamp }, 0);
        return sheet.add({ op: "onehot", input: safe.tensor, size: step.size }, 0);
      }
    }
  }

  /**
   * A layer with constant weights. An input that is a little wider than an activation, as averages are, is not rounded
   * again if the sums have room for it: that would cost more than the bits do. Where many bits were asked for and the sums
   * have no room, input and weights lose some.
   */
  #layer(step: DenseStep | ConvStep): Quantity {
    const { activationBits, fineWeightBits, weightsOf } = this.#bits;
    const usual = elementCount(step.output.dims) <= FEW ? fineWeightBits : this.#bits.weightBits;
    const weightBits = weightsOf.get(step.source) ?? usual;
    const most = this.#widths.of(step.input, activationBits);
    const write = (bits: number, least?: number) => {
      const input = this.narrow(step.input, bits);
      const sums =
        step.op === "dense"
          ? quantiseDense(this.sheet, step, input, weightBits, least)
          : quantiseConv(this.sheet, step, input, weightBits, least);
      const pads = step.op === "conv" && step.shape.pads.some((pad) => pad !== 0);
      if (!pads || input.zero === 0) {
        const chosen = this.#bits.weightsChosen || weightsOf.has(step.source);
        this.#layers.set(sums.tensor, { step, input, weightBits, chosen });
      }
      return sums;
    };
    const spare = this.#widths.chosen(step.input) ? 0 : SPARE_BITS;
    for (let bits = most + spare; ; bits = Math.min(most, bits - 1)) {
      const last = bits <= Math.min(most, USUAL_BITS) && bits !== most + spare;
      try {
        return last ? write(bits) : write(bits, bits > most ? weightBits : Math.min(weightBits, USUAL_BITS));
      } catch (error) {
        if (!(error instanceof AccumulatorOverflowError) || last) throw error;
      }
    }
  }

  /** A factor that a value's unit takes in, exactly and for nothing: where the unit may be any number. */
  #mereFactor({ inputs, factors, offset, output }: LinearStep): number | undefined {
    const [factor = 0] = factors;
    const [input] = inputs;
    if (!this.#bits.factors || inputs.length !== 1 || offset !== 0 || !(factor > 0)) return undefined;
    const known = input?.type === "real" && output.type === "real" && !Number.isInteger(Math.log2(factor));
    return known && this.#units.free.has(output.id) ? factor : undefined;
  }

  /** Other scales for a layer whose sums were rounded to `plain`, where they are better. */
  #rescaled(sums: Quantity, plain: Quantity, wanted: readonly Float64Array[], { id }: Value): Quantity | undefined {
    const layer = this.#layers.get(sums.tensor);
    const rounding = this.sheet.nodes.at(-1);
    const { search } = this.#bits;
    if (search === "none" || layer === undefined || rounding?.op !== "requantise") return undefined;
    if (rounding.output !== plain.tensor || rounding.input !== sums.tensor) return undefined;
    const { shift, clamp } = rounding;
    const units = search === "units" && this.#units.free.has(id) && !this.#units.tied.has(id);
    const made = rescaled(this.sheet, layer, { sums, plain, shift }, wanted, clamp, units);
    if (made !== undefined) this.rescaled++;
    return made;
  }

  /** Wide where it fits below 2^24, else with the widest input narrower and narrower. */
  #roomy(values: readonly Value[], write: (inputs: readonly Quantity[]) => Quantity): Quantity {
    for (let bits = 23; ; bits -= 3) {
      try {
        return write(values.map((value) => (bits === 23 ? this.get(value) : this.narrow(value, bits))));
      } catch (error) {
        if (!(error instanceof AccumulatorOverflowError) || bits <= 5) throw error;
      }
    }
  }

  #gather(step: Extract<Step, { op: "gather" }>): Quantity {
    const { sheet } = this;
    const index = Array.from(step.index);
    const write = (inputs: readonly Quantity[], zero: number, exponent: number) =>
      sheet.add(
        {
          op: "gather",
          inputs: inputs.map(({ tensor }) => tensor),
          constants: Array.from(step.constants, (each) => Math.floor(each / 2 ** exponent + 0.5) + zero),
          index,
        },
        exponent,
        zero,
      );
    const plain = step.constants.every((each) => each === 0);
    if (step.inputs.length === 1 && plain) {
      const only = this.get(step.inputs[0]!);
      return write([only], only.zero, only.exponent);
    }
    return this.#roomy(step.inputs, (inputs) => {
      const greatest = step.constants.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
      const whole = step.constants.every((each) => Number.isInteger(each));
      const finest = greatest === 0 ? Infinity : whole ? 0 : weightExponent(step.source, greatest, CONSTANT_BITS);
      const [first] = inputs;
      const same = inputs.every(({ exponent, zero }) => exponent === first?.exponent && zero === first.zero);
      if (same && first !== undefined && first.exponent <= finest) return write(inputs, first.zero, first.exponent);
      const made = aligned(sheet, inputs, Math.min(finest, ...inputs.map(({ exponent }) => exponent)));
      return write(made, 0, made[0]?.exponent ?? finest);
    });
  }

  #clamp(step: Extract<Step, { op: "clamp" }>): Quantity {
    const { sheet } = this;
    const input = centred(sheet, step.input.type === "real" ? this.get(step.input) : this.whole(step.input));
    const wanted = this.wanted(step.output);
    const unit = 2 ** input.exponent;
    const [floor, ceiling] = [input.range.min, input.range.max];
    // The clamp in the input's own unit; an end that nothing reaches is the end of what can be.
    const low = Number.isFinite(step.min) ? BigInt(Math.round(step.min / unit)) : floor;
    const high = Number.isFinite(step.max) ? BigInt(Math.round(step.max / unit)) : ceiling;
    const exact = { min: low < floor ? floor : low, max: high > ceiling ? ceiling : high };
    if (exact.min >= exact.max) {
      const only = exact.min > ceiling ? ceiling : exact.max < floor ? floor : exact.min;
      const value = step.min > 0 || only >= ceiling ? Math.max(Number(low), Number(only)) : Number(only);
      return sheet.constant(new Array<number>(input.intervals.length).fill(value), input.exponent);
    }
    const bits = this.#widths.reads(step.output) ?? MAX_BITS;
    const tight = step.output.type === "real" && bitsOf(exact) > bits;
    if (!tight) return sheet.add({ op: "requantise", input: input.tensor, shift: 0, clamp: exact }, input.exponent);
    const signed = exact.min < 0n;
    const whole = signed ? (1n << BigInt(bits)) / 2n : 0n;
    const room = { min: -whole, max: (signed ? whole : 1n << BigInt(bits)) - 1n };
    if (step.min === 0 || step.min === -Infinity) {
      if (step.max === Infinity) {
        const plain = rounded(sheet, input, wanted, room);
        return this.#rescaled(input, plain, wanted, step.output) ?? plain;
      }
    }
    // Both ends matter: the shift that makes room for them, and the ends in its unit.
    const shift = Math.max(0, bitsOf({ min: exact.min, max: exact.max }) - bits);
    const down = (value: bigint) => (value + (shift === 0 ? 0n : 1n << BigInt(shift - 1))) >> BigInt(shift);
    const clamp = { min: down(exact.min), max: down(exact.max) };
    if (clamp.min >= clamp.max)
      return sheet.add({ op: "requantise", input: input.tensor, shift: 0, clamp: exact }, input.exponent);
    return sheet.add({ op: "requantise", input: input.tensor, shift, clamp }, input.exponent + shift);
  }

  #matmul(step: Extract<Step, { op: "matmul" }>): Quantity {
    const { batch, m, k, n } = step;
    const asked = [step.left, step.right].map((each) => this.#widths.of(each, this.#bits.factorBits));
    for (let bits = Math.max(...asked); ; bits--) {
      const [left, right] = [step.left, step.right].map((each, side) => {
        return centred(this.sheet, this.narrow(each, Math.min(bits, asked[side]!)));
      });
      try {
        const body = { op: "matmul", left: left!.tensor, right: right!.tensor, batch, m, k, n } as const;
        return this.sheet.add(body, left!.exponent + right!.exponent);
      } catch (error) {
        if (!(error instanceof AccumulatorOverflowError) || bits <= 4) throw error;
      }
    }
  }

  #greater({ left, right }: PairStep): Quantity {
    const { sheet } = this;
    // x > c for whole x is x > floor(c), and c > x is ceil(c) > x: exact whatever the constant's own unit. Where x was
    // rounded, c is rounded alike: trees split at values of their data, and x = c must come out as in the float model.
    const against = (value: Value, constant: Float64Array, to: (value: number) => number) => {
      const quantity = this.get(value);
      const unit = 2 ** quantity.exponent;
      const unitsOf = this.#rounded.has(value.id) ? round : to;
      const [low, high] = [Number(quantity.range.min) - 1, Number(quantity.range.max) + 1];
      const constants = Array.from(constant, (each) =>
        Math.min(Math.max(unitsOf(each / unit) + quantity.zero, low), high),
      );
      return [quantity, sheet.constant(constants, quantity.exponent)] as const;
    };
    if (right.constant !== undefined) {
      const [input, limit] = against(left, right.constant, Math.floor);
      return sheet.add({ op: "greater", left: input.tensor, right: limit.tensor }, 0);
    }
    if (left.constant !== undefined) {
      const [input, limit] = against(right, left.constant, Math.ceil);
      return sheet.add({ op: "greater", left: limit.tensor, right: input.tensor }, 0);
    }
    return this.#roomy([left, right], (inputs) => {
      const [a, b] = aligned(sheet, inputs);
      return sheet.add({ op: "greater", left: a!.tensor, right: b!.tensor }, 0);
    });
  }
}
