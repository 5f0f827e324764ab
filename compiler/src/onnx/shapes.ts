import { OnnxAttributeError, OnnxShapeError } from "./errors.ts";
import { quote } from "./quote.ts";
import { elementCount, type FloatTensor } from "./tensor.ts";

function text(dims: readonly number[]): string {
  return `[${dims.join(", ")}]`;
}

/** @throws {OnnxShapeError} always. */
function misfit(node: string, reason: string, remedy = "export a model with a fixed batch size of 1"): never {
  throw new OnnxShapeError(`Node ${quote(node)}`, reason, remedy);
}

/** Shape of a Gemm of one row with `weight`. */
export function gemmShape(
  node: string,
  input: readonly number[],
  weight: FloatTensor,
  bias: FloatTensor | undefined,
  transB: boolean,
): readonly number[] {
  const [rows, columns] = input;
  if (input.length !== 2 || rows !== 1) misfit(node, `its input has shape ${text(input)}, [1, n] is needed`);
  if (weight.dims.length !== 2) misfit(node, `its weight has shape ${text(weight.dims)}`, "a matrix is needed");
  const [inner, outer] = transB ? [weight.dims[1], weight.dims[0]] : weight.dims;
  if (inner !== columns || outer === undefined) {
    misfit(node, `input ${text(input)} does not fit weight ${text(weight.dims)}`, "export the model again");
  }
  const dims = [1, outer];
  if (bias !== undefined) addShape(node, dims, bias);
  return dims;
}

/** Shape of a product of one row with a constant matrix. */
export function matMulShape(node: string, input: readonly number[], weight: FloatTensor): readonly number[] {
  if (weight.dims.length !== 2) misfit(node, `its weight has shape ${text(weight.dims)}`, "a matrix is needed");
  const columns = input.at(-1);
  if (columns === undefined || elementCount(input) !== columns) misfit(node, `its input has shape ${text(input)}`);
  const [inner, outer] = weight.dims;
  if (inner !== columns || outer === undefined) {
    misfit(node, `input ${text(input)} does not fit weight ${text(weight.dims)}`, "export the model again");
  }
  return [...input.slice(0, -1), outer];
}

/** Shape after adding a constant that does not make the activation larger. */
export function addShape(node: string, input: readonly number[], bias: FloatTensor): readonly number[] {
  const rank = Math.max(input.length, bias.dims.length);
  const at = (dims: readonly number[], place: number) => dims[place - (rank - dims.length)] ?? 1;
  const dims = Array.from({ length: rank }, (_, place) => {
    const [left, right] = [at(input, place), at(bias.dims, place)];
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    return misfit(node, `${text(input)} and ${text(bias.dims)} do not broadcast`, "export the model again");
  });
  if (elementCount(dims) !== elementCount(input)) {
    misfit(node, `adding ${text(bias.dims)} to ${text(input)} makes it larger`, "add a bias of the layer's own width");
  }
  return dims;
}

/** Shape after Flatten: everything before `axis` in one dimension, the rest in the other. */
export function flattenShape(node: string, input: readonly number[], axis: number): readonly number[] {
  if (axis < -input.length || axis > input.length) {
    throw new OnnxAttributeError(node, "axis", String(axis), `the input has ${input.length} dimensions`);
  }
  const split = axis < 0 ? axis + input.length : axis;
  return [elementCount(input.slice(0, split)), elementCount(input.slice(split))];
}

/** Shape after Reshape: 0 copies a dimension (unless `allowZero`), one -1 takes what is left. */
export function reshapeShape(
  node: string,
  input: readonly number[],
  wanted: readonly number[],
  allowZero: boolean,
): readonly number[] {
  const dims = wanted.map((size, place) => {
    if (size > 0 || size === -1) return size;
    const copied = size === 0 && !allowZero ? input[place] : undefined;
    return copied ?? misfit(node, `the shape ${text(wanted)} cannot be applied to ${text(input)}`);
  });
  const open = dims.indexOf(-1);
  const fixed = elementCount(dims.filter((size) => size !== -1));
  const count = elementCount(input);
  if (open >= 0 && dims.lastIndexOf(-1) === open && count % fixed === 0) dims[open] = count / fixed;
  if (elementCount(dims) !== count) misfit(node, `the shape ${text(wanted)} cannot be applied to ${text(input)}`);
  return dims;
}

/** Shape after ArgMax over `axis`, which must hold every element. */
export function argMaxShape(
  node: string,
  input: readonly number[],
  axis: number,
  keepdims: boolean,
): readonly number[] {
  if (axis < -input.length || axis >= input.length) {
    throw new OnnxAttributeError(node, "axis", String(axis), `the input has ${input.length} dimensions`);
  }
  const place = axis < 0 ? axis + input.length : axis;
  if (input[place] !== elementCount(input)) {
    throw new OnnxAttributeError(node, "axis", String(axis), `use the axis of the classes in ${text(input)}`);
  }
  return keepdims ? input.map(() => 1) : input.filter((_, other) => other !== place);
}
