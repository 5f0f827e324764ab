import { elementType } from "../dtypes.ts";
import { OnnxAttributeError } from "../errors.ts";
import { dataTypeName, FLOAT } from "../proto.ts";
import { bounded, integerOperand, misfit } from "./operands.ts";
import type { Operator, Operators } from "./types.ts";

/** a window of `size`: sum over k of terms[k] * cos(2 pi k at / period); a period of size - 1 makes it symmetric. */
function cosines(terms: readonly number[]): Operator {
  return {
    inputs: [1, 1],
    lower: (context) => {
      const { builder, attributes, node } = context;
      const dtype = attributes.integer("output_datatype", FLOAT);
      const type = elementType(dtype)?.type;
      if (type === undefined || type === "boolean") {
        throw new OnnxAttributeError(node, "output_datatype", dataTypeName(dtype), "it must be a number type");
      }
      const periodic = attributes.flag("periodic", true);
      const [size, ...more] = integerOperand(context, 0, "size") ?? [];
      if (size === undefined || more.length > 0 || size < 1)
        throw misfit(context, "its size is not one number above 0");
      bounded(context, size);
      // A symmetric window of one element is its middle.
      const period = periodic ? size : size - 1;
      const data = Float64Array.from({ length: size }, (_, at) => {
        const angle = period === 0 ? Math.PI : (2 * Math.PI * at) / period;
        return terms.reduce((sum, term, k) => sum + term * Math.cos(k * angle), 0);
      });
      return [builder.constant([size], type === "integer" ? data.map((each) => Math.trunc(each) + 0) : data, type)];
    },
  };
}

/** Windows of signal processing, which are constants. */
export const windowOps: Operators = {
  HannWindow: cosines([0.5, -0.5]),
  HammingWindow: cosines([25 / 46, -21 / 46]),
  BlackmanWindow: cosines([0.42, -0.5, 0.08]),
};
