import type { Signer } from "ethers";
import type { Logger } from "pino";

import type { BlobStore } from "../shared/blobs/store.ts";
import type { Rpc } from "../shared/rpc/rpc.ts";
import type { OpenSession } from "./infer/types.ts";
import type { RequestState, Transition } from "./journal/types.ts";
import type { EnclaveSigner, OpenProver } from "./prove/types.ts";
import type { TransactionSigner } from "./submit/types.ts";

/** What a node can be given instead of what it would make from its configuration. */
export interface GpuNodeDependencies {
  /** Sends and pays for transactions; must sign without sending. */
  readonly wallet?: TransactionSigner;
  /** Registered signer, for SIGNATURE. */
  readonly signer?: Signer;
  /** Key registered under the configured enclave policy, for TEE. */
  readonly enclave?: EnclaveSigner;
  readonly rpc?: Rpc;
  readonly blobs?: BlobStore;
  readonly logger?: Logger;
  readonly openProver?: OpenProver;
  readonly openSession?: OpenSession;
  /** Told of every change of a request's state, before it is written and after. */
  readonly onTransition?: (transition: Transition) => void;
}

/** Whether a node does its work. */
export interface GpuNodeHealth {
  readonly ok: boolean;
  /** In words, what is wrong. */
  readonly problems: readonly string[];
  readonly phase: "new" | "running" | "draining" | "stopped";
  /** Newest block known. */
  readonly headBlock: number | undefined;
  /** First block that the next scan reads. */
  readonly nextBlock: number | undefined;
}

/** What a node has done and has at hand. */
export interface GpuNodeStats {
  /** Requests in the journal by state. */
  readonly requests: Partial<Record<RequestState, number>>;
  /** Requests at work now. */
  readonly busy: number;
  /** Execution provider of each model that is ready, by version. */
  readonly providers: Readonly<Record<string, string>>;
  /** Account that sends. */
  readonly wallet: string;
  /** Port of /healthz and /metrics, when it is open. */
  readonly port: number | undefined;
}

/** A GPU node: follows a hub and answers its requests. */
export interface GpuNode {
  /**
   * Checks chain, keys and journal, then works until `stop`. Resolves when it is at work.
   * @throws {NodeError | JournalError | RpcError} when it cannot work as configured; it is then stopped.
   */
  start(): Promise<void>;
  /** Lets stages that are at work end, keeps the rest in the journal for the next start, and lets go of everything. */
  stop(): Promise<void>;
  /**
   * Resolves with what makes it useless for good, once there is such a thing: its chain was replaced by another one. It
   * does nothing any more then; stop it.
   */
  readonly broken: Promise<Error>;
  health(): GpuNodeHealth;
  stats(): Promise<GpuNodeStats>;
  /** Metrics in Prometheus' text form. */
  metrics(): Promise<string>;
}
