import { hull, nodeIntervals, type Intervals } from "../graph/bounds.ts";
import type { IntegerNode, Interval } from "../graph/types.ts";
import { runNode } from "../interpret/run.ts";

/**
 * A tensor of the graph and what it stands for: real = 2^exponent * (integer - zero). The exponent is whole, or in eighths
 * where nothing that reads the tensor minds. `samples` is what it holds for each calibration input.
 */
export interface Quantity {
  readonly tensor: string;
  readonly exponent: number;
  readonly zero: number;
  readonly intervals: Intervals;
  readonly range: Interval;
  readonly samples: readonly Float64Array[];
}

type NodeBody = IntegerNode extends infer Each
  ? Each extends IntegerNode
    ? Omit<Each, "name" | "output">
    : never
  : never;

/** The graph while it grows. */
export class Sheet {
  readonly nodes: IntegerNode[] = [];
  readonly widths: Record<string, number> = {};
  readonly ranges: Record<string, Interval> = {};
  /** ONNX nodes that each node came from, by its name. */
  readonly sources = new Map<string, string>();
  /** The ONNX node that is being written. */
  source = "";
  readonly #made = new Map<string, Quantity>();
  #counts = new Map<string, number>();
  readonly #samples: number;

  /** @param samples number of calibration inputs */
  constructor(samples: number) {
    this.#samples = samples;
  }

  /** The graph's input. */
  input(
    tensor: string,
    intervals: Intervals,
    exponent: number,
    zero: number,
    samples: readonly Float64Array[],
  ): Quantity {
    return this.#record({ tensor, exponent, zero, intervals, range: hull(intervals), samples });
  }

  /**
   * Adds a node, with its bounds and its values on the calibration data.
   *
   * @throws {AccumulatorOverflowError} when a sum may reach 2^24; then nothing was added.
   */
  add(body: NodeBody, exponent: number, zero = 0, output?: string): Quantity {
    const count = this.#counts.get(body.op) ?? 0;
    const name = `${body.op}${count}`;
    const node = { ...body, name, output: output ?? `t${this.nodes.length}` } as IntegerNode;
    const intervals = nodeIntervals(node, (tensor) => this.quantity(tensor).intervals);
    const samples = Array.from({ length: this.#samples }, (_, at) =>
      Float64Array.from(runNode(node, (tensor) => this.quantity(tensor).samples[at]!)),
    );
    this.#counts.set(body.op, count + 1);
    this.nodes.push(node);
    this.sources.set(name, this.source);
    return this.#record({ tensor: node.output, exponent, zero, intervals, range: hull(intervals), samples });
  }

  /** Runs `body` and takes out again what it added; the quantities that it made stay known to it alone. */
  trial<T>(body: () => T): T {
    const [kept, counts] = [this.nodes.length, new Map(this.#counts)];
    try {
      return body();
    } finally {
      for (const { name, output } of this.nodes.splice(kept)) {
        this.sources.delete(name);
        this.#made.delete(output);
        Reflect.deleteProperty(this.widths, output);
        Reflect.deleteProperty(this.ranges, output);
      }
      this.#counts = counts;
    }
  }

  /** A tensor that is the same for every input. */
  constant(values: readonly number[], exponent: number): Quantity {
    return this.add({ op: "gather", inputs: [], constants: values, index: values.map((_, at) => at) }, exponent);
  }

  /** What is known of a tensor that was made. */
  quantity(tensor: string): Quantity {
    return this.#made.get(tensor)!;
  }

  #record(quantity: Quantity): Quantity {
    this.#made.set(quantity.tensor, quantity);
    this.widths[quantity.tensor] = quantity.intervals.length;
    this.ranges[quantity.tensor] = quantity.range;
    return quantity;
  }
}
