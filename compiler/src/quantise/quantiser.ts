import { AccumulatorOverflowError } from "../graph/errors.ts";
import { inputsOf } from "../program/builder.ts";
import { elementCount } from "../program/geometry.ts";
import type { Elements } from "../program/run.ts";
import type { ConvStep, DenseStep, LinearStep, Program, Step, Value } from "../program/types.ts";
import { freeUnits, type FreeUnits } from "./absorbing.ts";
import { quantiseGather, quantiseGreater } from "./choices.ts";
import { quantiseClamp } from "./clamp.ts";
import { quantiseTable } from "./curve.ts";
import { distance } from "./distance.ts";
import { quantiseConv, quantiseDense } from "./layers.ts";
import { bitsOf, centred, integral, narrowed } from "./narrow.ts";
import type { Operands } from "./operands.ts";
import { CONSTANT_BITS, FEW, USUAL_BITS, type Bits } from "./options.ts";
import { quantiseMatMul, quantiseMultiply } from "./products.ts";
import { quantiseDivide } from "./quotient.ts";
import { roomy } from "./room.ts";
import { rescaled, type Layer } from "./scales.ts";
import { Sheet, type Quantity } from "./sheet.ts";
import { quantiseLinear, quantiseScale } from "./sums.ts";
import { weightExponent } from "./units.ts";
import { Widths } from "./widths.ts";

/** Bits by which a layer's input may be wider than an activation. */
const SPARE_BITS = 2;

/** Values of the program as quantities of the graph. */
export class Quantiser implements Operands {
  readonly sheet: Sheet;
  /** Layers whose scales are others than one power of two. */
  rescaled = 0;
  /** Whether a factor or an offset is far off, for want of room or of constraints. */
  crude = false;
  readonly bits: Bits;
  readonly widths: Widths;
  readonly #floats: readonly Elements[];
  readonly #units: FreeUnits;
  /** The only output, where nothing else reads it: its unit is nobody's but its reader's. */
  readonly #shown: number | undefined;
  /** Layers by the tensor of their sums. */
  readonly #layers = new Map<string, Layer>();
  /** ONNX nodes by the id of what they make. */
  readonly #makers: ReadonlyMap<number, string>;
  readonly #quantities = new Map<number, Quantity>();
  readonly #rounded = new Set<number>();
  readonly #narrowed = new Map<string, Quantity>();
  /** What tensors stand for. */
  readonly #values = new Map<string, { readonly value: Value; readonly quantity: Quantity }>();

  constructor(program: Program, bits: Bits, floats: readonly Elements[]) {
    this.bits = bits;
    this.#floats = floats;
    this.widths = new Widths(program, bits);
    this.#units = freeUnits(program);
    this.#makers = new Map(program.steps.map(({ output, source }) => [output.id, source]));
    const [only] = program.outputs;
    const read = new Set(program.steps.flatMap((step) => inputsOf(step).map(({ id }) => id)));
    this.#shown = program.outputs.length === 1 && !read.has(only!.value.id) ? only!.value.id : undefined;
    this.sheet = new Sheet(floats.length);
  }

  /** Whether an input is multiplied, or looked up, somewhere. */
  wantsNarrow(value: Value): boolean {
    return this.widths.reads(value) !== undefined;
  }

  /** Notes that a value's integers are reals of the caller's that were rounded. */
  markRounded({ id }: Value): void {
    this.#rounded.add(id);
  }

  isRounded({ id }: Value): boolean {
    return this.#rounded.has(id);
  }

  markCrude(): void {
    this.crude = true;
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
    const made = this.best(quantity, plain, wanted, value);
    this.#narrowed.set(key, made);
    this.#values.set(made.tensor, { value, quantity: made });
    return made;
  }

  whole(value: Value): Quantity {
    const quantity = centred(this.sheet, this.get(value));
    if (quantity.exponent === 0) return quantity;
    const made = integral(this.sheet, quantity, this.#makers.get(value.id) ?? this.sheet.source);
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
        return roomy(this, step.inputs, (inputs, bits) => quantiseLinear(sheet, step, inputs, bits), step);
      }
      case "scale":
        return roomy(this, [step.input], ([input], bits) => quantiseScale(sheet, step, input!, bits), step);
      case "sum":
        return roomy(
          this,
          [step.input],
          ([input]) => {
            const { tensor, exponent, zero } = input!;
            return sheet.add({ op: "sum", input: tensor, width: step.width }, exponent, zero * step.width);
          },
          step,
        );
      case "max": {
        const { tensor, exponent, zero } = this.get(step.input);
        return sheet.add({ op: "max", input: tensor, width: step.width }, exponent, zero);
      }
      case "argmax":
        return sheet.add({ op: "argmax", input: this.get(step.input).tensor, width: step.width }, 0);
      case "gather":
        return quantiseGather(this, step);
      case "clamp":
        return quantiseClamp(this, step);
      case "table":
        return quantiseTable(this, step);
      case "multiply":
        return quantiseMultiply(this, step);
      case "matmul":
        return quantiseMatMul(this, step);
      case "divide": {
        const of = (value: Value) => ({ quantity: this.get(value), wanted: this.wanted(value) });
        const bits = this.widths.of(step.left, this.bits.factorBits);
        return quantiseDivide(sheet, of(step.left), of(step.right), this.wanted(step.output), bits);
      }
      case "greater":
        return quantiseGreater(this, step);
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
    const { activationBits, fineWeightBits, weightsOf } = this.bits;
    const usual = elementCount(step.output.dims) <= FEW ? fineWeightBits : this.bits.weightBits;
    const weightBits = weightsOf.get(step.source) ?? usual;
    const most = this.widths.of(step.input, activationBits);
    const free = this.#units.free.has(step.output.id) || step.output.id === this.#shown;
    const write = (bits: number, least?: number) => {
      const input = this.narrow(step.input, bits);
      const sums =
        step.op === "dense"
          ? quantiseDense(this.sheet, step, input, weightBits, free, least)
          : quantiseConv(this.sheet, step, input, weightBits, free, least);
      const pads = step.op === "conv" && step.shape.pads.some((pad) => pad !== 0);
      if (!pads || input.zero === 0) {
        const chosen = this.bits.weightsChosen || weightsOf.has(step.source);
        this.#layers.set(sums.tensor, { step, input, weightBits, chosen });
      }
      return sums;
    };
    const spare = this.widths.chosen(step.input) ? 0 : SPARE_BITS;
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
    if (!this.bits.factors || inputs.length !== 1 || offset !== 0 || !(factor > 0)) return undefined;
    const known = input?.type === "real" && output.type === "real" && !Number.isInteger(Math.log2(factor));
    return known && this.#units.free.has(output.id) ? factor : undefined;
  }

  best(sums: Quantity, plain: Quantity, wanted: readonly Float64Array[], { id }: Value): Quantity {
    const layer = this.#layers.get(sums.tensor);
    const rounding = this.sheet.nodes.at(-1);
    const { search } = this.bits;
    if (search === "none" || layer === undefined || rounding?.op !== "requantise") return plain;
    if (rounding.output !== plain.tensor || rounding.input !== sums.tensor) return plain;
    const { shift, clamp } = rounding;
    const units = search === "units" && this.#units.free.has(id) && !this.#units.tied.has(id);
    const made = rescaled(this.sheet, layer, { sums, plain, shift }, wanted, clamp, units);
    if (made !== undefined) this.rescaled++;
    return made ?? plain;
  }
}
