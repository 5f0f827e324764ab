import type { IntegerGraph, ProofRequest } from "@assay/compiler";
import type { ZkBinding } from "@assay/sdk";

import type { ZkFiles } from "../fetch/types.ts";

/** What a zk proof is to show: canonical encodings, a 31-byte context, and salts of committed ports. */
export type ZkTask = ProofRequest;

/** A proof in the precompiles' order, and the public words it holds for. */
export interface ZkResult {
  readonly proof: readonly bigint[];
  readonly words: readonly bigint[];
}

/** Makes zk proofs for one model. */
export interface ZkProver {
  prove(task: ZkTask): Promise<ZkResult>;
  close(): Promise<void>;
}

/** Opens the prover of a model from its verified files. */
export type OpenProver = (graph: IntegerGraph, files: ZkFiles, binding: ZkBinding) => Promise<ZkProver>;

/** Signs digests with a key that lives in an enclave; `DevelopmentEnclave` is one. */
export interface EnclaveSigner {
  readonly address: string;
  /** 65 bytes as hex: r, s, v. */
  signStatement(digest: string): string | Promise<string>;
}
