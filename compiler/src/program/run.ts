import { convOutput, elementCount, forEachTap } from "./geometry.ts";
import type { Program, Step, Value } from "./types.ts";

/** Elements of values by id. */
export type Elements = Map<number, Float64Array>;

function elementsOf(value: Value, known: Elements): Float64Array {
  const found = value.constant ?? known.get(value.id);
  if (found === undefined) throw new Error(`value ${value.id} is read before it is made`);
  return found;
}

/** What a step makes of its inputs' elements, in double precision. */
export function runStep(step: Step, read: (value: Value) => Float64Array): Float64Array {
  switch (step.op) {
    case "dense": {
      const input = read(step.input);
      const { rows, weights, bias } = step;
      const inner = input.length / rows;
      const out = new Float64Array(rows * weights.length);
      for (let row = 0; row < rows; row++) {
        for (const [j, weight] of weights.entries()) {
          let sum = bias[j]!;
          for (let i = 0; i < inner; i++) sum += weight[i]! * input[row * inner + i]!;
          out[row * weights.length + j] = sum;
        }
      }
      return out;
    }
    case "conv": {
      const input = read(step.input);
      const [height, width] = convOutput(step.shape);
      const area = height * width;
      const out = Float64Array.from(
        { length: step.shape.outputs * area },
        (_, at) => step.bias[Math.floor(at / area)]!,
      );
      forEachTap(step.shape, (to, from, weight) => {
        out[to]! += step.weights[weight]! * input[from]!;
      });
      return out;
    }
    case "gather": {
      const all = step.inputs.map(read);
      const total = all.reduce((sum, { length }) => sum + length, 0);
      const flat = new Float64Array(total + step.constants.length);
      let at = 0;
      for (const part of [...all, step.constants]) {
        flat.set(part, at);
        at += part.length;
      }
      return Float64Array.from(step.index, (from) => flat[from]!);
    }
    case "linear": {
      const all = step.inputs.map(read);
      return Float64Array.from({ length: elementCount(step.output.dims) }, (_, at) =>
        all.reduce((sum, input, k) => sum + step.factors[k]! * input[at]!, step.offset),
      );
    }
    case "scale":
      return read(step.input).map((value, at) => step.factors[at]! * value + step.offsets[at]!);
    case "sum":
    case "max":
    case "argmax": {
      const input = read(step.input);
      const { op, width } = step;
      return Float64Array.from({ length: input.length / width }, (_, row) => {
        const part = input.subarray(row * width, (row + 1) * width);
        if (op === "sum") return part.reduce((sum, value) => sum + value, 0);
        let best = 0;
        for (let i = 1; i < width; i++) if (part[i]! > part[best]!) best = i;
        return op === "max" ? part[best]! : best;
      });
    }
    case "clamp":
      return read(step.input).map((value) => Math.min(Math.max(value, step.min), step.max));
    case "table":
      return read(step.input).map((value) => step.apply(value));
    case "multiply":
    case "divide":
    case "greater": {
      const [left, right] = [read(step.left), read(step.right)];
      if (step.op === "multiply") return left.map((value, at) => value * right[at]!);
      if (step.op === "divide") return left.map((value, at) => value / right[at]!);
      return left.map((value, at) => (value > right[at]! ? 1 : 0));
    }
    case "matmul": {
      const [left, right] = [read(step.left), read(step.right)];
      const { batch, m, k, n } = step;
      const out = new Float64Array(batch * m * n);
      for (let b = 0; b < batch; b++) {
        for (let i = 0; i < m; i++) {
          for (let t = 0; t < k; t++) {
            const factor = left[(b * m + i) * k + t]!;
            for (let j = 0; j < n; j++) out[(b * m + i) * n + j]! += factor * right[(b * k + t) * n + j]!;
          }
        }
      }
      return out;
    }
    case "onehot":
      return Float64Array.from(read(step.input)).reduce(
        (out, value, at) => {
          if (value >= 0 && value < step.size) out[at * step.size + value] = 1;
          return out;
        },
        new Float64Array(elementCount(step.output.dims)),
      );
  }
}

/**
 * Runs a program in double precision: the float model that the integer one is compared with.
 *
 * @param inputs elements of each input, in the program's order
 * @returns the elements of every value by id; those of outputs that are constants are in the value itself
 */
export function runProgram(program: Program, inputs: readonly ArrayLike<number>[]): Elements {
  const known: Elements = new Map();
  for (const [at, { value }] of program.inputs.entries()) known.set(value.id, Float64Array.from(inputs[at] ?? []));
  for (const step of program.steps)
    known.set(
      step.output.id,
      runStep(step, (value) => elementsOf(value, known)),
    );
  return known;
}
