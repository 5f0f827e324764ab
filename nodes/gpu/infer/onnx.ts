import ort from "onnxruntime-node";

import { InferError, InferErrorCode } from "./errors.ts";
import type { ProviderName, Session } from "./types.ts";

/** TF32 would round products of whole numbers; the runtime models need true float32. */
const OPTIONS = { cuda: { name: "cuda", useTf32: 0, use_tf32: 0 }, webgpu: "webgpu", cpu: "cpu" } as const;

/**
 * Opens a compiled runtime model, float32 [1, n] in and float32 [1, m] or int64 [1] out, with ONNX Runtime.
 * Not checked here: that the provider computes exactly; see `ModelRunner`.
 */
export async function openOnnxSession(onnx: Uint8Array, provider: ProviderName): Promise<Session> {
  const options = { executionProviders: [OPTIONS[provider]], logSeverityLevel: 4 as const };
  const session = await ort.InferenceSession.create(onnx, options as ort.InferenceSession.SessionOptions);
  const [inputName] = session.inputNames;
  const [outputName] = session.outputNames;
  if (inputName === undefined || outputName === undefined || session.inputNames.length !== 1) {
    throw new InferError(InferErrorCode.ProviderFailed, "The runtime model has not one input and one output.");
  }
  return {
    async run(input) {
      const data = Float32Array.from(input, Number);
      const outputs = await session.run({ [inputName]: new ort.Tensor("float32", data, [1, data.length]) });
      const result = outputs[outputName]?.data;
      if (result instanceof BigInt64Array) return [...result];
      if (!(result instanceof Float32Array) || !result.every(Number.isInteger)) {
        throw new InferError(InferErrorCode.ProviderInexact, `Provider ${provider} gave no whole numbers.`);
      }
      return Array.from(result, BigInt);
    },
    async close() {
      await session.release();
    },
  };
}
