// ONNX files of the networks whose circuits are counted, with seeded random weights: sizes and costs do not depend on what
// was learnt, and nothing that was trained has to be shipped.
import { encodeOnnx } from "../../../compiler/src/onnx/schema.ts";
import { randomOf } from "../../../compiler/src/random.ts";

type Message = Record<string, unknown>;

/** Collects a chain of layers. */
export class NetworkFile {
  readonly #nodes: Message[] = [];
  readonly #initializers: Message[] = [];
  readonly #random: () => number;
  readonly #input: readonly number[];
  #tensor = "input";

  constructor(input: readonly number[], seed: number) {
    this.#input = input;
    this.#random = randomOf(seed);
  }

  /** Weights as training starts from them: uniform, their spread that of the inverse square root of `fan`. */
  #weights(dims: readonly number[], fan: number): string {
    const name = `w${this.#initializers.length}`;
    const bound = Math.sqrt(3 / fan);
    const length = dims.reduce((product, size) => product * size, 1);
    const values = Float32Array.from({ length }, () => (2 * this.#random() - 1) * bound);
    this.#initializers.push({ name, dims, data_type: 1, raw_data: new Uint8Array(values.buffer) });
    return name;
  }

  #add(op: string, inputs: readonly string[], attribute: readonly Message[] = []): this {
    const output = `x${this.#nodes.length}`;
    this.#nodes.push({
      name: `${op}_${output}`,
      op_type: op,
      input: [this.#tensor, ...inputs],
      output: [output],
      attribute,
    });
    this.#tensor = output;
    return this;
  }

  gemm(inner: number, outer: number): this {
    return this.#add("Gemm", [this.#weights([inner, outer], inner), this.#weights([outer], inner)]);
  }

  conv(inner: number, outer: number, kernel: number): this {
    const fan = inner * kernel * kernel;
    return this.#add(
      "Conv",
      [this.#weights([outer, inner, kernel, kernel], fan), this.#weights([outer], fan)],
      [{ name: "kernel_shape", type: 7, ints: [kernel, kernel] }],
    );
  }

  averagePool(kernel: number): this {
    return this.#add(
      "AveragePool",
      [],
      [
        { name: "kernel_shape", type: 7, ints: [kernel, kernel] },
        { name: "strides", type: 7, ints: [kernel, kernel] },
      ],
    );
  }

  relu(): this {
    return this.#add("Relu", []);
  }

  flatten(): this {
    return this.#add("Flatten", []);
  }

  /** The file's bytes, with a last ArgMax. */
  classify(): Uint8Array {
    this.#add(
      "ArgMax",
      [],
      [
        { name: "axis", type: 2, i: 1 },
        { name: "keepdims", type: 2, i: 0 },
      ],
    );
    const info = (name: string, type: number, dims: readonly number[]) => ({
      name,
      type: { tensor_type: { elem_type: type, shape: { dim: dims.map((size) => ({ dim_value: size })) } } },
    });
    return encodeOnnx({
      ir_version: 8,
      opset_import: [{ domain: "", version: 17 }],
      producer_name: "assay figures",
      graph: {
        name: "figures",
        node: this.#nodes,
        initializer: this.#initializers,
        input: [info("input", 1, this.#input)],
        output: [info(this.#tensor, 7, [1])],
      },
    });
  }
}
