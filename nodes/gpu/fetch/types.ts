import type { IntegerGraph } from "@assay/compiler";
import type { Manifest, VerifyingKey, ZkBinding } from "@assay/sdk";

/** What proving a version needs, every byte verified. */
export interface ZkFiles {
  readonly provingKey: Uint8Array;
  /** WebAssembly program that computes the witness. */
  readonly witness: Uint8Array;
  readonly verifyingKey: VerifyingKey;
  /** Public words of the circuit. */
  readonly words: number;
}

/** A version's files, every byte verified against the digest that the registry holds. */
export interface ModelFiles {
  readonly version: string;
  readonly manifest: Manifest;
  readonly graph: IntegerGraph;
  /** ONNX file of the publisher for ONNX Runtime. */
  readonly runtime: Uint8Array;
  /** Undefined when the version has no circuit, or the node proves none. */
  readonly zk: ZkFiles | undefined;
  /** How the version's requests and answers show input and output, whether the node proves or not. */
  readonly binding: ZkBinding;
}
