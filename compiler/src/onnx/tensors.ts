import type { Value } from "../program/types.ts";
import type { BoundedBuilder } from "./bounded.ts";
import type { TensorProto } from "./proto.ts";
import { Signs } from "./sign.ts";
import { readTensor } from "./tensor.ts";

/** Values and element types by tensor name; grows node by node. */
export class Tensors {
  readonly signs = new Signs();
  readonly builder: BoundedBuilder;
  readonly #initializers: ReadonlyMap<string, TensorProto>;
  readonly #values = new Map<string, Value>();
  readonly #dtypes = new Map<string, number>();

  constructor(builder: BoundedBuilder, initializers: ReadonlyMap<string, TensorProto>) {
    this.builder = builder;
    this.#initializers = initializers;
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
    if (proto === undefined) throw new Error(`tensor ${name} is read before it is made`);
    const { dims, data, type, dtype } = readTensor(proto);
    const value = this.builder.constant(dims, data, type);
    this.set(name, value, dtype);
    return value;
  }

  dtype(name: string): number {
    return this.#dtypes.get(name) ?? 0;
  }
}
