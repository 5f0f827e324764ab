/** Execution providers of ONNX Runtime that a node can use. */
export type ProviderName = "webgpu" | "cuda" | "cpu";

/** An open model on one provider. Values are whole numbers, row-major. */
export interface Session {
  run(input: readonly bigint[]): Promise<bigint[]>;
  close(): Promise<void>;
}

/** Opens an ONNX model on a provider, or throws when the provider is not there. */
export type OpenSession = (onnx: Uint8Array, provider: ProviderName) => Promise<Session>;
