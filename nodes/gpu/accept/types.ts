/** Why a request is declined: stable words for journal, logs and metrics; `docs/nodes/gpu.md` explains each. */
export const DECLINE_REASONS = [
  "model-not-served",
  "version-not-active",
  "proof-not-served",
  "enclave-policy-not-served",
  "params-not-supported",
  "token-not-accepted",
  "payment-too-small",
  "deadline-too-near",
  "input-too-long",
  "callback-too-dear",
  "input-invalid",
  "opening-missing",
] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

/** What a node takes. */
export interface AcceptTerms {
  /** Versions served; undefined for all whose manifest is at hand. */
  readonly models: ReadonlySet<string> | undefined;
  /** Selectors of the adapters for which the node makes evidence. */
  readonly selectors: ReadonlySet<string>;
  /** Enclave policy of the node's key. */
  readonly enclavePolicy: string | undefined;
  readonly maxInputBytes: number;
  readonly maxCallbackGas: bigint;
  readonly minSecondsLeft: number;
  /** Least net payment by checksummed token. */
  readonly minPayment: Readonly<Record<string, bigint>>;
}

/** A request that is declined, and why. */
export interface Refusal {
  readonly reason: DeclineReason;
  readonly detail: string;
}
