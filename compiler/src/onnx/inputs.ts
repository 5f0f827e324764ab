import { elementCount } from "../program/geometry.ts";
import { elementType, type ElementType } from "./dtypes.ts";
import { OnnxDtypeError, OnnxDynamicShapeError, OnnxInterfaceError, OnnxTooLargeError } from "./errors.ts";
import { safeInteger } from "./integers.ts";
import { MAX_ELEMENTS, MAX_RANK } from "./limits.ts";
import { dataTypeName, type DimensionProto, type ValueInfoProto } from "./proto.ts";
import { quote } from "./quote.ts";

/** An input of the model with every size known. */
export interface InputPort {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dtype: number;
  readonly element: ElementType;
}

/** Inputs and the sizes that their open dimensions were given. */
export interface BoundInputs {
  readonly inputs: readonly InputPort[];
  readonly bound: Readonly<Record<string, number>>;
}

/** A size, or the name under which the size of an open dimension is looked up. */
type Size = number | string;

/** An open dimension that the file does not name goes by its input and axis: `x.2`. */
function readSize(dim: DimensionProto, input: string, axis: number): Size {
  if (dim.dim_param !== undefined && dim.dim_param !== "") return dim.dim_param;
  const given = Object.hasOwn(dim, "dim_value") && dim.dim_value !== undefined ? dim.dim_value : 0;
  const size = safeInteger(given);
  // Exporters write 0 and -1 where they know no size.
  if (size === 0 || size === -1) return `${input}.${axis}`;
  if (size === undefined || size < 1)
    throw new OnnxDynamicShapeError(input, axis, given.toString(), `${input}.${axis}`);
  return size;
}

function readSizes(input: ValueInfoProto): { sizes: readonly Size[]; dtype: number; element: ElementType } {
  const tensor = input.type?.tensor_type ?? null;
  const dtype = tensor?.elem_type ?? 0;
  const element = elementType(dtype);
  if (tensor === null || element === undefined) {
    const found = tensor === null ? "that of no tensor" : dataTypeName(dtype);
    throw new OnnxDtypeError(`Input ${quote(input.name)}`, found, "a number or a boolean");
  }
  if (tensor.shape === null) throw new OnnxDynamicShapeError(input.name, undefined, "not given");
  const { dim } = tensor.shape;
  const what = `Dimensions of input ${quote(input.name)}`;
  if (dim.length > MAX_RANK) throw new OnnxTooLargeError(what, dim.length, MAX_RANK, "use fewer");
  return { sizes: dim.map((each, axis) => readSize(each, input.name, axis)), dtype, element };
}

function checkGiven(given: ReadonlyMap<string, number>, asked: ReadonlySet<string>): void {
  for (const [name, size] of given) {
    if (!asked.has(name)) {
      throw new OnnxInterfaceError(
        `No input has an open dimension ${quote(name)}`,
        [...asked],
        asked.size === 0 ? "every size is in the file" : "the open ones are listed above",
      );
    }
    if (!Number.isSafeInteger(size) || size < 1) {
      throw new OnnxInterfaceError(`Dimension ${quote(name)} is given as ${size}`, [], "give a whole number from 1 up");
    }
  }
}

/**
 * Reads types and shapes of the inputs. Open dimensions get the sizes of `dims`; those on axis 0 that are not in it
 * are the batch, which is 1.
 *
 * @throws {OnnxDynamicShapeError} when an open dimension has no size; names it.
 * @throws {OnnxInterfaceError} when `dims` names a dimension that there is not, or gives no size.
 * @throws {OnnxDtypeError | OnnxTooLargeError} when an input is no tensor of numbers or booleans, or too large.
 */
export function bindInputs(inputs: readonly ValueInfoProto[], dims: Readonly<Record<string, number>>): BoundInputs {
  const read = inputs.map((input) => ({ name: input.name, ...readSizes(input) }));
  const asked = new Set(read.flatMap(({ sizes }) => sizes.filter((size) => typeof size === "string")));
  const bound = new Map(Object.entries(dims));
  checkGiven(bound, asked);
  for (const { sizes } of read) {
    const [batch] = sizes;
    if (typeof batch === "string" && !bound.has(batch)) bound.set(batch, 1);
  }
  const ports = read.map(({ name, sizes, dtype, element }) => {
    const sized = sizes.map((size, axis) => {
      const known = typeof size === "number" ? size : bound.get(size);
      if (known === undefined) throw new OnnxDynamicShapeError(name, axis, "open", String(size));
      return known;
    });
    const count = elementCount(sized);
    const what = `Elements of input ${quote(name)}`;
    if (count > MAX_ELEMENTS) throw new OnnxTooLargeError(what, count, MAX_ELEMENTS, "use a smaller one");
    return { name, dims: sized, dtype, element };
  });
  return { inputs: ports, bound: Object.fromEntries(bound) };
}
