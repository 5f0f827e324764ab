import { OnnxFormatError, OnnxTooLargeError, OnnxTruncatedError } from "./errors.ts";
import { MAX_NESTING, MAX_NODES } from "./limits.ts";

/** Where weight data can lie: field numbers of onnx.proto that lead from a message to the messages below it. */
interface Shape {
  readonly children?: Readonly<Record<number, Shape>>;
  /** Fields whose bytes are weight data. */
  readonly data?: readonly number[];
  /** Whether messages of this shape are nodes, or graphs. */
  readonly node?: true;
  readonly graph?: true;
}

const TENSOR: Shape = { data: [4, 9] };
// A branch is a graph in an attribute of a node of a graph.
const ATTRIBUTE: Shape = {
  get children() {
    return { 5: TENSOR, 6: GRAPH };
  },
};
const NODE: Shape = { children: { 5: ATTRIBUTE }, node: true };
const GRAPH: Shape = { children: { 1: NODE, 5: TENSOR }, graph: true };
const MODEL: Shape = { children: { 7: GRAPH } };

/**
 * Walks the wire format without making objects and counts the bytes that are weight data.
 *
 * @throws {OnnxTooLargeError} when there are more than {@link MAX_NODES} nodes, or graphs nest deeper than {@link MAX_NESTING}.
 * @throws {OnnxTruncatedError} when a field is longer than what is left of the file.
 * @throws {OnnxFormatError} when a tag or a length cannot be in any protobuf message of ONNX.
 */
export function countWeightBytes(bytes: Uint8Array): number {
  let offset = 0;
  let nodes = 0;
  let nesting = 0;

  function varint(end: number): number {
    const start = offset;
    let value = 0;
    for (let place = 0; place < 10; place++) {
      const byte = offset < end ? bytes[offset++] : undefined;
      if (byte === undefined) throw new OnnxTruncatedError(start, place + 1, end - start);
      value += (byte & 0x7f) * 2 ** (7 * place);
      if (byte < 0x80) return value;
    }
    throw new OnnxFormatError(`the number at byte ${start} is longer than ten bytes`);
  }

  function walk(shape: Shape, end: number): number {
    let data = 0;
    while (offset < end) {
      const start = offset;
      const tag = varint(end);
      const field = Math.floor(tag / 8);
      const wire = tag % 8;
      if (field < 1 || field > 536_870_911) throw new OnnxFormatError(`byte ${start} starts field number ${field}`);
      if (wire === 0) {
        varint(end);
        continue;
      }
      if (wire !== 1 && wire !== 2 && wire !== 5) {
        throw new OnnxFormatError(`byte ${start} starts a field of wire type ${wire}`);
      }
      const length = wire === 2 ? varint(end) : wire === 1 ? 8 : 4;
      if (length > end - offset) throw new OnnxTruncatedError(start, length, end - offset);
      const child = wire === 2 ? shape.children?.[field] : undefined;
      if (child !== undefined) {
        if (child.node === true && ++nodes > MAX_NODES) {
          throw new OnnxTooLargeError("Nodes in the graph", nodes, MAX_NODES, "export a smaller model");
        }
        if (child.graph === true && ++nesting > MAX_NESTING) {
          throw new OnnxTooLargeError("Graphs inside of one another", nesting, MAX_NESTING, "unroll control flow");
        }
        data += walk(child, offset + length);
        if (child.graph === true) nesting--;
      } else {
        if (shape.data?.includes(field) === true) data += length;
        offset += length;
      }
    }
    return data;
  }

  return walk(MODEL, bytes.length);
}
