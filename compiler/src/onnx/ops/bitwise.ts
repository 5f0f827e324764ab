import type { ProgramBuilder } from "../../program/builder.ts";
import { elementCount } from "../../program/geometry.ts";
import type { Value } from "../../program/types.ts";
import { elementType } from "../dtypes.ts";
import { OnnxAttributeError } from "../errors.ts";
import { INT8, UINT8, UINT64 } from "../proto.ts";
import { and, not } from "./compare.ts";
import { broadcastAll, byParameter } from "./elementwise.ts";
import { operand, typed, unsupported } from "./operands.ts";
import type { Lowering, OpContext, Operators } from "./types.ts";

type Bits = (left: bigint, right: bigint) => bigint;

/** How a function of bits follows from `and`: sum * (left + right) + both * (left and right). */
interface Bitwise {
  readonly name: string;
  readonly apply: Bits;
  readonly sum: 0 | 1;
  readonly both: 1 | -1 | -2;
}

const AND: Bitwise = { name: "bits and", apply: (left, right) => left & right, sum: 0, both: 1 };
const OR: Bitwise = { name: "bits or", apply: (left, right) => left | right, sum: 1, both: -1 };
const XOR: Bitwise = { name: "bits xor", apply: (left, right) => left ^ right, sum: 1, both: -2 };

/** A function of whole numbers, on what may also be something else where a table goes beyond what can be. */
function whole(value: number, apply: (value: bigint) => bigint): number {
  return Number.isFinite(value) ? Number(apply(BigInt(Math.trunc(value)))) : 0;
}

/** TensorProto.DataType that the operands share, or 0 where neither's is known. */
function sharedDtype({ dtypes = [] }: OpContext): number {
  return dtypes.find((each) => each !== 0) ?? 0;
}

/** Two integers or two booleans, broadcast to one shape. */
function operands(context: OpContext): readonly [Value, Value] {
  const [left, right] = broadcastAll(context) as [Value, Value];
  return [left.type === "boolean" ? left : typed(context, left, "integer"), typed(context, right, left.type)];
}

/** left and right where neither is known, bit by bit: eight tables for each, and eight products. */
function andBits(builder: ProgramBuilder, left: Value, right: Value, isSigned: boolean): Value {
  const bit = (value: Value, at: number) => builder.table(value, `bit ${at}`, (each) => (each >> at) & 1, "boolean");
  const terms = Array.from({ length: 8 }, (_, at) => {
    const weight = isSigned && at === 7 ? -128 : 2 ** at;
    return [weight, and(builder, bit(left, at), bit(right, at))] as const;
  });
  return builder.linear(terms, 0, "integer");
}

/** Negative numbers have two's complement, of as many bits as one likes: the answer is the same for each width. */
function bitwise({ name, apply, sum, both }: Bitwise): Lowering {
  return (context) => {
    const { builder } = context;
    const [left, right] = operands(context);
    const { type } = left;
    if (type === "integer" && (left.constant ?? right.constant) !== undefined) {
      const [open, mask] = right.constant === undefined ? [right, left.constant!] : [left, right.constant];
      const of = (value: number, with_: number) => whole(value, (each) => apply(each, BigInt(with_)));
      if (open.constant !== undefined) {
        return [builder.constant(open.dims, open.constant.map((value, at) => of(value, mask[at]!)), type)]; // prettier-ignore
      }
      return [
        byParameter(context, open, mask, (part, with_) => builder.table(part, name, (value) => of(value, with_), type)),
      ];
    }
    const dtype = sharedDtype(context);
    if (type === "integer" && dtype !== INT8 && dtype !== UINT8) {
      const remedy = "make one operand constant, cast both to uint8 or int8, or use And, Or and Xor on booleans";
      throw unsupported(context, `bits of two varying numbers are known for 8 bits only: ${remedy}`);
    }
    const joint = type === "boolean" ? and(builder, left, right) : andBits(builder, left, right, dtype === INT8);
    if (sum === 0) return [joint];
    const terms = [[1, left], [1, right], [both, joint]] as const; // prettier-ignore
    return [builder.as(builder.linear(terms, 0, type), type)];
  };
}

/** -1 - x for signed numbers, the greatest number less x for the others. */
const bitwiseNot: Lowering = (context) => {
  const { builder, dtypes = [] } = context;
  const input = operand(context, 0);
  if (input.type === "boolean") return [not(builder, input)];
  typed(context, input, "integer");
  const range = elementType(dtypes[0] ?? 0)?.range;
  // The greatest uint64 is no number that can be told from its neighbours here.
  if (range === undefined || dtypes[0] === UINT64) {
    throw unsupported(
      context,
      "say the width of its input: put a Cast to an integer type (not uint64) right before it",
    );
  }
  return [builder.linear([[-1, input]], range[0] < 0 ? -1 : range[1], "integer")];
};

/** The function of a shift of numbers of `width` bits; what is shifted out is lost. */
function shifted(left: boolean, width: number): (value: number, by: number) => number {
  return (value, by) => {
    if (!(by >= 0 && by < width)) return 0;
    return whole(value, (each) => (left ? BigInt.asUintN(width, each << BigInt(by)) : each >> BigInt(by)));
  };
}

const bitShift: Lowering = (context) => {
  const { builder, attributes, node } = context;
  const direction = attributes.string("direction", "");
  if (direction !== "LEFT" && direction !== "RIGHT") {
    throw new OnnxAttributeError(node, "direction", JSON.stringify(direction.slice(0, 20)), "it must be LEFT or RIGHT");
  }
  const [value, by] = operands(context);
  typed(context, value, "integer");
  const type = elementType(sharedDtype(context));
  if (type?.range?.[0] !== 0)
    throw unsupported(context, "shift numbers of an unsigned type; put a Cast to one before it");
  const shift = shifted(direction === "LEFT", 8 * type.bytes);
  if (value.constant !== undefined && by.constant !== undefined) {
    const data = new Float64Array(elementCount(value.dims)).map((_, at) =>
      shift(value.constant![at]!, by.constant![at]!),
    );
    return [builder.constant(value.dims, data, "integer")];
  }
  if (by.constant !== undefined) {
    return [
      byParameter(context, value, by.constant, (part, n) =>
        builder.table(part, "shift", (x) => shift(x, n), "integer"),
      ),
    ];
  }
  if (value.constant === undefined) throw unsupported(context, "shift by a constant, or shift a constant");
  return [
    byParameter(context, by, value.constant, (part, x) => builder.table(part, "shift", (n) => shift(x, n), "integer")),
  ];
};

/** Bits of integers: tables over the one operand that varies. */
export const bitwiseOps: Operators = {
  BitwiseAnd: { inputs: [2, 2], lower: bitwise(AND) },
  BitwiseOr: { inputs: [2, 2], lower: bitwise(OR) },
  BitwiseXor: { inputs: [2, 2], lower: bitwise(XOR) },
  BitwiseNot: { inputs: [1, 1], lower: bitwiseNot },
  BitShift: { inputs: [2, 2], lower: bitShift },
};
