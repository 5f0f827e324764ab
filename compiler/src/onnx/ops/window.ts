import { OnnxAttributeError } from "../errors.ts";
import { MAX_ELEMENTS } from "../limits.ts";
import { misfit } from "./operands.ts";
import type { OpContext } from "./types.ts";

/** A window that slides along one axis. */
export interface Along {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before and after. */
  readonly begin: number;
  readonly end: number;
  /** How many places the window has. */
  readonly out: number;
}

/** Elements from the first to the last that a window covers. */
export function reachOf({ kernel, dilation }: Pick<Along, "kernel" | "dilation">): number {
  return dilation * (kernel - 1) + 1;
}

export const AUTO_PADS = ["NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"] as const;

/** An attribute with one number of at least `least` for each spatial axis. */
export function perAxis(
  { attributes, node }: OpContext,
  name: string,
  count: number,
  absent: number | undefined,
  least = 1,
): readonly number[] {
  const given = attributes.integers(name);
  if (given === undefined && absent !== undefined) return new Array<number>(count).fill(absent);
  const found = given ?? [];
  if (found.length === count && found.every((each) => each >= least && each <= MAX_ELEMENTS)) return found;
  const text = given === undefined ? "missing" : `[${found.slice(0, 10).join(", ")}]`;
  throw new OnnxAttributeError(node, name, text, `${count} numbers from ${least} to ${MAX_ELEMENTS} are needed`);
}

/**
 * Reads strides, pads, dilations, `auto_pad` and, where the operator has it, `ceil_mode`.
 *
 * @param sizes of the spatial axes
 * @param kernel sizes; read from `kernel_shape` when undefined, else that attribute must agree
 */
export function readWindows(
  context: OpContext,
  sizes: readonly number[],
  kernel: readonly number[] | undefined,
  pooling = false,
): readonly Along[] {
  const { attributes, node } = context;
  const count = sizes.length;
  const auto = attributes.choice("auto_pad", "NOTSET", AUTO_PADS);
  const kernels =
    kernel !== undefined && !attributes.has("kernel_shape")
      ? kernel
      : perAxis(context, "kernel_shape", count, undefined);
  if (kernel?.some((size, axis) => size !== kernels[axis]) === true) {
    throw new OnnxAttributeError(node, "kernel_shape", `[${kernels.join(", ")}]`, "it must be that of the weights");
  }
  const strides = perAxis(context, "strides", count, 1);
  const dilations = perAxis(context, "dilations", count, 1);
  const pads = perAxis(context, "pads", 2 * count, 0, 0);
  const ceil = pooling && attributes.flag("ceil_mode", false);
  return sizes.map((size, axis) => {
    const [stride, dilation] = [strides[axis]!, dilations[axis]!];
    const shape = { size, kernel: kernels[axis]!, stride, dilation };
    const reach = reachOf(shape);
    let [begin, end] = auto === "NOTSET" ? [pads[axis]!, pads[axis + count]!] : [0, 0];
    if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
      const total = Math.max((Math.ceil(size / stride) - 1) * stride + reach - size, 0);
      begin = auto === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2);
      end = total - begin;
    }
    const room = size + begin + end - reach;
    let out = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A last window that would start in the padding after the tensor is left out.
    if (ceil && (out - 1) * stride >= size + begin) out -= 1;
    if (room < 0 || out < 1) throw misfit(context, `a window of ${reach} does not fit an axis of ${size}`);
    return { ...shape, begin, end, out };
  });
}
