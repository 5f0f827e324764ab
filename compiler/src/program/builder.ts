import { convOutput, elementCount } from "./geometry.ts";
import { runStep } from "./run.ts";
import type { ConvShape, Program, ProgramPort, Step, Value, ValueType } from "./types.ts";

/** How a value follows from another, element by element, by one function for all elements. */
interface Elementwise {
  readonly root: Value;
  readonly apply: (value: number) => number;
  /** Whether the function is a straight line; those stay arithmetic and need no table. */
  readonly line: boolean;
  readonly name: string;
}

type StepBody = Step extends infer Each ? (Each extends Step ? Omit<Each, "output" | "source"> : never) : never;

/**
 * Builds a program step by step. Whatever follows from constants alone is computed at once and makes no step; a chain
 * of element-by-element functions of one value becomes one table; products with constants become scales.
 *
 * Shapes are the caller's business: the methods take flat, row-major values and the dims that the result is to have.
 */
export class ProgramBuilder {
  /** The ONNX node that the next steps come from. */
  source = "";

  readonly #name: string;
  readonly #inputs: ProgramPort[] = [];
  readonly #steps: Step[] = [];
  readonly #functions = new Map<number, Elementwise>();
  #ids = 0;

  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, dims: readonly number[], type: ValueType): Value {
    const value = this.#value(dims, type);
    this.#inputs.push({ name, value });
    return value;
  }

  constant(dims: readonly number[], data: ArrayLike<number>, type: ValueType = "real"): Value {
    return { ...this.#value(dims, type), constant: Float64Array.from(data) };
  }

  /** in [rows][inner] -> [rows][outer]. Constant weights only; see `matmul`. `weights` has one array for each output. */
  dense(
    input: Value,
    rows: number,
    weights: readonly Float64Array[],
    bias: Float64Array,
    dims: readonly number[],
  ): Value {
    return this.#add({ op: "dense", input, rows, weights, bias }, [input], dims, "real");
  }

  /** in [channels][height][width] -> [outputs][height'][width']; weights as in {@link ConvStep}. */
  conv(input: Value, shape: ConvShape, weights: Float64Array, bias: Float64Array, dims?: readonly number[]): Value {
    const made = dims ?? [shape.outputs, ...convOutput(shape)];
    return this.#add({ op: "conv", input, shape, weights, bias }, [input], made, "real");
  }

  /**
   * out[i] = all[index[i]], where `all` is the inputs, one after the other, and then `constants`. Every reordering, cut,
   * joining, repetition and padding is one of these.
   */
  gather(
    inputs: readonly Value[],
    index: ArrayLike<number>,
    dims: readonly number[],
    constants: ArrayLike<number> = [],
  ): Value {
    const type = inputs[0]?.type ?? "real";
    const [only] = inputs;
    const whole = Int32Array.from(index);
    if (inputs.length === 1 && only !== undefined && whole.length === elementCount(only.dims)) {
      if (whole.every((from, at) => from === at)) return this.reshape(only, dims);
    }
    return this.#add(
      { op: "gather", inputs, constants: Float64Array.from(constants), index: whole },
      inputs,
      dims,
      type,
    );
  }

  /** The same elements under other dims. */
  reshape(input: Value, dims: readonly number[]): Value {
    return { ...input, dims };
  }

  /** The same elements under another type, where they already are what it says. */
  as(input: Value, type: ValueType): Value {
    return { ...input, type };
  }

  /** offset + sum of factor * input, element by element; inputs of equal size. */
  linear(terms: readonly (readonly [factor: number, input: Value])[], offset: number, type: ValueType = "real"): Value {
    const dims = terms[0]?.[1].dims ?? [];
    if (terms.length > 0 && terms.every(([factor]) => factor === 0)) {
      return this.constant(dims, new Float64Array(elementCount(dims)).fill(offset), type);
    }
    const varying = terms.filter(([, { constant }]) => constant === undefined);
    const fixed = terms.filter(([, { constant }]) => constant !== undefined);
    const made = (terms_: readonly (readonly [number, Value])[], offset_: number): Value => {
      const inputs = terms_.map(([, input]) => input);
      const fused = this.#fuse(
        inputs,
        (values) => values.reduce((sum, v, k) => sum + terms_[k]![0] * v, offset_),
        "sum",
      );
      const step = { op: "linear", inputs, factors: terms_.map(([factor]) => factor), offset: offset_ } as const;
      return fused ?? this.#add(step, inputs, dims, type);
    };
    if (varying.length === 0 || fixed.length === 0) return this.#line(made(terms, offset), varying, offset);
    // What is constant goes into the offset where it is one number, else into a scale.
    const added = runStep(
      {
        op: "linear",
        inputs: fixed.map(([, input]) => input),
        factors: fixed.map(([factor]) => factor),
        offset,
        output: { id: -1, dims, type },
        source: "",
      },
      (value) => value.constant!,
    );
    if (added.every((value) => value === added[0])) return this.linear(varying, added[0]!, type);
    const [first] = varying;
    if (varying.length === 1) return this.scale(first![1], new Float64Array(added.length).fill(first![0]), added, type);
    return this.scale(made(varying, 0), new Float64Array(added.length).fill(1), added, type);
  }

  /** factors[i] * in[i] + offsets[i]. */
  scale(input: Value, factors: Float64Array, offsets: Float64Array, type: ValueType = "real"): Value {
    if (factors.every((v) => v === 0)) return this.constant(input.dims, offsets, type);
    if (factors.every((v) => v === factors[0]) && offsets.every((v) => v === offsets[0])) {
      return this.linear([[factors[0]!, input]], offsets[0]!, type);
    }
    return this.#add({ op: "scale", input, factors, offsets }, [input], input.dims, type);
  }

  /** Sum of each row of `width` elements. */
  sum(input: Value, width: number, dims: readonly number[]): Value {
    return width === 1 ? this.reshape(input, dims) : this.#add({ op: "sum", input, width }, [input], dims, input.type);
  }

  /** Greatest element of each row of `width`. */
  max(input: Value, width: number, dims: readonly number[]): Value {
    return width === 1 ? this.reshape(input, dims) : this.#add({ op: "max", input, width }, [input], dims, input.type);
  }

  /** Index of the greatest element of each row of `width`, the lowest on a tie. */
  argmax(input: Value, width: number, dims: readonly number[]): Value {
    return this.#add({ op: "argmax", input, width }, [input], dims, "integer");
  }

  /** min(max(in, min), max); either may be infinite. */
  clamp(input: Value, min: number, max: number): Value {
    const known = this.#functions.get(input.id);
    if (known !== undefined && !known.line) return this.table(input, "clamp", (v) => Math.min(Math.max(v, min), max));
    return this.#add({ op: "clamp", input, min, max }, [input], input.dims, input.type);
  }

  /** apply(in), one function for all elements, given by a table over the input's integers. It must be finite there. */
  table(input: Value, name: string, apply: (value: number) => number, type: ValueType = "real"): Value {
    const fused = this.#fuse([input], ([value]) => apply(value!), name, true);
    if (fused !== undefined) return { ...fused, type };
    const made = this.#add({ op: "table", input, name, apply }, [input], input.dims, type);
    if (made.constant === undefined) this.#functions.set(made.id, { root: input, apply, line: false, name });
    return made;
  }

  /** left * right, element by element; of equal size. */
  multiply(left: Value, right: Value): Value {
    const type = left.type === right.type ? left.type : "real";
    if (left.constant !== undefined && right.constant === undefined) return this.multiply(right, left);
    if (left.constant === undefined && right.constant !== undefined) {
      return this.scale(left, right.constant, new Float64Array(right.constant.length), type);
    }
    const fused = this.#fuse([left, right], ([a, b]) => a! * b!, "product");
    return fused ?? this.#add({ op: "multiply", left, right }, [left, right], left.dims, type);
  }

  /** left / right; right must be above 0 wherever the model is used. */
  divide(left: Value, right: Value): Value {
    if (right.constant !== undefined && left.constant === undefined) {
      const factors = right.constant.map((value) => 1 / value);
      return this.scale(left, factors, new Float64Array(factors.length));
    }
    const fused = this.#fuse([left, right], ([a, b]) => a! / b!, "quotient");
    return fused ?? this.#add({ op: "divide", left, right }, [left, right], left.dims, "real");
  }

  /** 1 where left > right, else 0. */
  greater(left: Value, right: Value): Value {
    return this.#add({ op: "greater", left, right }, [left, right], left.dims, "boolean");
  }

  /** [batch][m][k] times [batch][k][n]; neither constant, or both. */
  matmul(
    left: Value,
    right: Value,
    shape: { batch: number; m: number; k: number; n: number },
    dims: readonly number[],
  ): Value {
    return this.#add({ op: "matmul", left, right, ...shape }, [left, right], dims, "real");
  }

  /** A row of `size` booleans for each element: which number from 0 to size - 1 it is. */
  onehot(input: Value, size: number, dims: readonly number[]): Value {
    return this.#add({ op: "onehot", input, size }, [input], dims, "boolean");
  }

  /** The program that makes `outputs`, without the steps that none of them needs. */
  finish(outputs: readonly ProgramPort[]): Program {
    const needed = new Set(outputs.map(({ value }) => value.id));
    const steps = this.#steps
      .toReversed()
      .filter((step) => {
        if (!needed.has(step.output.id)) return false;
        for (const input of inputsOf(step)) needed.add(input.id);
        return true;
      })
      .toReversed();
    return { name: this.#name, inputs: this.#inputs, outputs, steps };
  }

  #value(dims: readonly number[], type: ValueType): Value {
    return { id: this.#ids++, dims, type };
  }

  #add(body: StepBody, inputs: readonly Value[], dims: readonly number[], type: ValueType): Value {
    const output = this.#value(dims, type);
    const step = { ...body, output, source: this.source } as Step;
    if (inputs.every(({ constant }) => constant !== undefined)) {
      return { ...output, constant: runStep(step, (value) => value.constant!) };
    }
    this.#steps.push(step);
    return output;
  }

  /** Notes that a value is a straight line over another. */
  #line(value: Value, terms: readonly (readonly [number, Value])[], offset: number): Value {
    const [only] = terms;
    if (terms.length !== 1 || only === undefined || value.constant !== undefined) return value;
    if (this.#functions.has(value.id)) return value;
    const [factor, input] = only;
    const before = this.#functions.get(input.id);
    const inner = before?.apply ?? ((v: number) => v);
    this.#functions.set(value.id, {
      root: before?.root ?? input,
      apply: (v) => factor * inner(v) + offset,
      line: before?.line ?? true,
      name: "line",
    });
    return value;
  }

  /**
   * One table in place of a chain: when every input is a function of one and the same value, element by element, and at
   * least one is no straight line.
   */
  #fuse(
    inputs: readonly Value[],
    apply: (values: readonly number[]) => number,
    name: string,
    curved = false,
  ): Value | undefined {
    if (inputs.some(({ constant }) => constant !== undefined)) return undefined;
    const known = inputs.map((input) => this.#functions.get(input.id));
    const root = known.find((each) => each !== undefined)?.root ?? inputs[0]!;
    const parts: Elementwise[] = [];
    for (const [k, input] of inputs.entries()) {
      const each = known[k] ?? { root: input, apply: (v: number) => v, line: true, name: "" };
      if (each.root.id !== root.id || elementCount(input.dims) !== elementCount(root.dims)) return undefined;
      parts.push(each);
    }
    if (!curved && parts.every(({ line }) => line)) return undefined;
    if (curved && parts.length === 1 && parts[0]!.root === inputs[0]) return undefined;
    const chain = (value: number) => apply(parts.map((part) => part.apply(value)));
    const names = [...new Set([...parts.map((part) => part.name), name])].filter(
      (each) => each !== "" && each !== "line",
    );
    const dims = inputs[0]!.dims;
    const made = this.#add(
      { op: "table", input: root, name: names.join("+").slice(0, 60), apply: chain },
      [root],
      dims,
      "real",
    );
    this.#functions.set(made.id, { root, apply: chain, line: false, name: names.join("+").slice(0, 60) });
    return made;
  }
}

/** The values that a step reads. */
export function inputsOf(step: Step): readonly Value[] {
  switch (step.op) {
    case "gather":
    case "linear":
      return step.inputs;
    case "multiply":
    case "divide":
    case "greater":
    case "matmul":
      return [step.left, step.right];
    default:
      return [step.input];
  }
}
