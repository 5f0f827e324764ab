/** Element types of ONNX. */
export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;

const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

/** A message of the ONNX schema, by its field names. */
export type Message = Record<string, unknown>;

function little(bytes: number, count: number, write: (view: DataView, offset: number, at: number) => void): Uint8Array {
  const raw = new Uint8Array(bytes * count);
  const view = new DataView(raw.buffer);
  for (let at = 0; at < count; at++) write(view, bytes * at, at);
  return raw;
}

/**
 * The pieces of an ONNX graph as they are collected. Every name of the runtime's own has a dot: identifiers of a graph
 * have none.
 */
export class OnnxParts {
  readonly node: Message[] = [];
  readonly initializer: Message[] = [];
  readonly #shapes = new Set<string>();
  #prefix = "";

  /** Puts `prefix` before the names of what comes next; unique for each node of the graph. */
  begin(prefix: string): void {
    this.#prefix = prefix;
  }

  /** A constant of floats. */
  floats(suffix: string, dims: readonly number[], values: readonly number[]): string {
    const raw = little(4, values.length, (view, offset, at) => view.setFloat32(offset, values[at]!, true));
    return this.#constant(`${this.#prefix}.${suffix}`, FLOAT, dims, raw);
  }

  /** A constant vector of int64: indices or axes. */
  integers(suffix: string, values: readonly number[]): string {
    return this.#integers(`${this.#prefix}.${suffix}`, values);
  }

  /** Adds an operator, with its attributes as integers or lists of them, and gives the name of what it makes. */
  add(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, number | readonly number[]>> = {},
  ): string {
    const name = output.includes(".") ? output : `${output}.${op}`;
    const attribute = Object.entries(attributes).map(([key, value]) =>
      typeof value === "number"
        ? { name: key, type: ATTRIBUTE_INT, i: value }
        : { name: key, type: ATTRIBUTE_INTS, ints: value },
    );
    this.node.push({ name, op_type: op, input: inputs, output: [output], attribute });
    return output;
  }

  /** As `add`, under a name of its own. */
  step(
    op: string,
    inputs: readonly string[],
    suffix: string,
    attributes: Readonly<Record<string, number | readonly number[]>> = {},
  ): string {
    return this.add(op, inputs, `${this.#prefix}.${suffix}`, attributes);
  }

  /** The same elements in other dims. */
  reshape(input: string, dims: readonly number[], output: string): string {
    const shape = `shape.${dims.join(".")}`;
    if (!this.#shapes.has(shape)) this.#integers(shape, dims);
    this.#shapes.add(shape);
    return this.add("Reshape", [input, shape], output.includes(".") ? `${this.#prefix}${output}` : output);
  }

  #integers(name: string, values: readonly number[]): string {
    const raw = little(8, values.length, (view, offset, at) => view.setBigInt64(offset, BigInt(values[at]!), true));
    return this.#constant(name, INT64, [values.length], raw);
  }

  #constant(name: string, type: number, dims: readonly number[], raw: Uint8Array): string {
    this.initializer.push({ name, dims, data_type: type, raw_data: raw });
    return name;
  }
}

/** An input or output of an ONNX graph. */
export function valueInfo(name: string, type: number, dims: readonly number[]): Message {
  const dim = dims.map((size) => ({ dim_value: size }));
  return { name, type: { tensor_type: { elem_type: type, shape: { dim } } } };
}
