import type { Value } from "../program/types.ts";
import type { BoundedBuilder } from "./bounded.ts";
import type { TensorProto } from "./proto.ts";
import { Signs } from "./sign.ts";
import { readTensor } from "./tensor.ts";

/** Values and element types by tensor name; grows node by node. Those of a branch see those around it. */
export class Tensors {
  readonly signs: Signs;
  readonly builder: BoundedBuilder;
  readonly #initializers: ReadonlyMap<string, TensorProto>;
  readonly #values = new Map<string, Value>();
  readonly #dtypes = new Map<string, number>();

  readonly #around: Tensors | undefined;

  constructor(builder: BoundedBuilder, initializers: ReadonlyMap<string, TensorProto>, around?: Tensors) {
    this.builder = builder;
    this.#initializers = initializers;
    this.#around = around;
    this.signs = around?.signs ?? new Signs();
  }

  /** Whether a tensor was made, or is an initializer, here or around here. */
  has(name: string): boolean {
    return this.#values.has(name) || this.#initializers.has(name) || this.#around?.has(name) === true;
  }

  set(name: string, value: Value, dtype: number): void {
    this.#values.set(name, value);
    this.#dtypes.set(name, dtype);
  }

  /** Initializers are read when they are first used. */
  value(name: string): Value {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const proto = this.#initializers.get(name);
    if (proto === undefined && this.#around?.has(name) === true) return this.#around.value(name);
    if (proto === undefined) throw new Error(`tensor ${name} is read before it is made`);
    const { dims, data, type, dtype } = readTensor(proto);
    const value = this.builder.constant(dims, data, type);
    this.set(name, value, dtype);
    return value;
  }

  dtype(name: string): number {
    return this.#dtypes.get(name) ?? this.#around?.dtype(name) ?? 0;
  }
}
