import { AccumulatorOverflowError } from "../graph/errors.ts";
import type { MatMulStep, PairStep } from "../program/types.ts";
import { centred } from "./narrow.ts";
import type { Operands } from "./operands.ts";
import type { Quantity } from "./sheet.ts";

/** Products of two tensors' elements. */
export function quantiseMultiply(operands: Operands, step: PairStep): Quantity {
  const { sheet, bits, widths } = operands;
  const [left, right] = [step.left, step.right].map((each) =>
    centred(sheet, operands.narrow(each, widths.of(each, bits.factorBits))),
  );
  const exponent = left!.exponent + right!.exponent;
  return sheet.add({ op: "multiply", left: left!.tensor, right: right!.tensor }, exponent);
}

/** Products of matrices, with fewer bits where sums have no room. */
export function quantiseMatMul(operands: Operands, step: MatMulStep): Quantity {
  const { batch, m, k, n } = step;
  const asked = [step.left, step.right].map((each) => operands.widths.of(each, operands.bits.factorBits));
  for (let bits = Math.max(...asked); ; bits--) {
    const [left, right] = [step.left, step.right].map((each, side) => {
      return centred(operands.sheet, operands.narrow(each, Math.min(bits, asked[side]!)));
    });
    try {
      const body = { op: "matmul", left: left!.tensor, right: right!.tensor, batch, m, k, n } as const;
      return operands.sheet.add(body, left!.exponent + right!.exponent);
    } catch (error) {
      if (!(error instanceof AccumulatorOverflowError) || bits <= 4) throw error;
    }
  }
}
