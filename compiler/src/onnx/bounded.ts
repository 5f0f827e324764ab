import { ProgramBuilder } from "../program/builder.ts";
import { convOutput, elementCount } from "../program/geometry.ts";
import type { ConvShape, Value, ValueType } from "../program/types.ts";
import { OnnxTooLargeError } from "./errors.ts";
import { MAX_CONSTANT_PRODUCTS, MAX_ELEMENTS, MAX_TOTAL_ELEMENTS } from "./limits.ts";
import { quote } from "./quote.ts";

/**
 * A builder that counts what a file makes it do, and stops before it takes more memory or time than
 * {@link MAX_ELEMENTS}, {@link MAX_TOTAL_ELEMENTS} and {@link MAX_CONSTANT_PRODUCTS} allow.
 */
export class BoundedBuilder extends ProgramBuilder {
  #elements = 0;
  #products = 0;

  #spend(dims: readonly number[]): void {
    const count = elementCount(dims);
    const node = `node ${quote(this.source)}`;
    if (count > MAX_ELEMENTS) {
      throw new OnnxTooLargeError(`Elements made by ${node}`, count, MAX_ELEMENTS, "use a smaller model");
    }
    this.#elements += count;
    if (this.#elements > MAX_TOTAL_ELEMENTS) {
      const what = `Elements made up to ${node}`;
      throw new OnnxTooLargeError(what, this.#elements, MAX_TOTAL_ELEMENTS, "use a smaller model");
    }
  }

  /** Products are made while importing only where every factor is constant. */
  #work(products: number, inputs: readonly Value[]): void {
    if (inputs.some(({ constant }) => constant === undefined)) return;
    this.#products += products;
    if (this.#products <= MAX_CONSTANT_PRODUCTS) return;
    const what = `Products of constants up to node ${quote(this.source)}`;
    throw new OnnxTooLargeError(what, this.#products, MAX_CONSTANT_PRODUCTS, "fold the constants before export");
  }

  override input(name: string, dims: readonly number[], type: ValueType): Value {
    this.#spend(dims);
    return super.input(name, dims, type);
  }

  override constant(dims: readonly number[], data: ArrayLike<number>, type: ValueType = "real"): Value {
    this.#spend(dims);
    return super.constant(dims, data, type);
  }

  override dense(
    input: Value,
    rows: number,
    weights: readonly Float64Array[],
    bias: Float64Array,
    dims: readonly number[],
  ): Value {
    this.#spend(dims);
    this.#work(elementCount(input.dims) * weights.length, [input]);
    return super.dense(input, rows, weights, bias, dims);
  }

  override conv(
    input: Value,
    shape: ConvShape,
    weights: Float64Array,
    bias: Float64Array,
    dims?: readonly number[],
  ): Value {
    const [height, width] = convOutput(shape);
    this.#spend([shape.outputs, height, width]);
    this.#work(height * width * weights.length, [input]);
    return super.conv(input, shape, weights, bias, dims);
  }

  override gather(
    inputs: readonly Value[],
    index: ArrayLike<number>,
    dims: readonly number[],
    constants: ArrayLike<number> = [],
  ): Value {
    this.#spend(dims);
    return super.gather(inputs, index, dims, constants);
  }

  override linear(
    terms: readonly (readonly [factor: number, input: Value])[],
    offset: number,
    type: ValueType = "real",
  ): Value {
    this.#spend(terms[0]?.[1].dims ?? []);
    return super.linear(terms, offset, type);
  }

  override scale(input: Value, factors: Float64Array, offsets: Float64Array, type: ValueType = "real"): Value {
    this.#spend(input.dims);
    return super.scale(input, factors, offsets, type);
  }

  override sum(input: Value, width: number, dims: readonly number[]): Value {
    this.#spend(dims);
    return super.sum(input, width, dims);
  }

  override max(input: Value, width: number, dims: readonly number[]): Value {
    this.#spend(dims);
    return super.max(input, width, dims);
  }

  override argmax(input: Value, width: number, dims: readonly number[]): Value {
    this.#spend(dims);
    return super.argmax(input, width, dims);
  }

  override clamp(input: Value, min: number, max: number): Value {
    this.#spend(input.dims);
    return super.clamp(input, min, max);
  }

  override table(input: Value, name: string, apply: (value: number) => number, type: ValueType = "real"): Value {
    this.#spend(input.dims);
    return super.table(input, name, apply, type);
  }

  override multiply(left: Value, right: Value): Value {
    this.#spend(left.dims);
    return super.multiply(left, right);
  }

  override divide(left: Value, right: Value): Value {
    this.#spend(left.dims);
    return super.divide(left, right);
  }

  override greater(left: Value, right: Value): Value {
    this.#spend(left.dims);
    return super.greater(left, right);
  }

  override matmul(
    left: Value,
    right: Value,
    shape: { batch: number; m: number; k: number; n: number },
    dims: readonly number[],
  ): Value {
    this.#spend(dims);
    this.#work(shape.batch * shape.m * shape.k * shape.n, [left, right]);
    return super.matmul(left, right, shape, dims);
  }

  override onehot(input: Value, size: number, dims: readonly number[]): Value {
    this.#spend(dims);
    return super.onehot(input, size, dims);
  }
}
