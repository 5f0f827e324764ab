import { compileOnnx, encodeInput, interpret } from "../../compiler/src/index.ts";
import { runOnnx } from "./onnx-run.ts";
import { expectParity, extremes } from "./parity.ts";

/**
 * The greatest error of the integer model on one input, as a share of the range of ONNX Runtime's outputs. Interpreter and
 * runtime agree besides.
 *
 * @param calibration that input itself, unless others are given
 */
export async function errorOf(
  onnx: Uint8Array,
  dims: readonly (readonly number[])[],
  inputs: readonly (readonly number[])[],
  calibration: readonly (readonly number[])[] = [inputs.flat()],
) {
  const { graph } = compileOnnx(onnx, { calibration });
  const { output } = interpret(graph, encodeInput(graph.input, inputs.flat()));
  await expectParity(graph, extremes(graph));
  const wanted = (await runOnnx(onnx, dims, inputs)).flatMap(({ data }) => data);
  const apart = output.map((each, at) => Math.abs(graph.output.scale * (each - graph.output.zeroPoint) - wanted[at]!));
  return Math.max(...apart) / (Math.max(...wanted) - Math.min(...wanted) || Math.max(...wanted.map(Math.abs)));
}
