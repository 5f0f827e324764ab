/**
 * Where a request stands in the journal. The way of an answered one is seen, accepted, inferred, proved, signed,
 * broadcast, mined, final; the last four follow one nonce. `settled` is done by somebody else, until enough blocks
 * confirm it: then `doneByOther`.
 */
export type RequestState =
  | "seen"
  | "accepted"
  | "inferred"
  | "proved"
  | "signed"
  | "broadcast"
  | "mined"
  | "final"
  | "declined"
  | "failed"
  | "expired"
  | "settled"
  | "doneByOther";

/** States in which a stage has work to do now. */
export const ACTIVE_STATES = ["seen", "accepted", "inferred", "proved", "signed"] as const satisfies RequestState[];

/** States that wait for the chain. */
export const WAITING_STATES = ["broadcast", "mined", "settled"] as const satisfies RequestState[];

/** A request as it was seen. `packed` holds the event's words as hex and decimal strings. */
export interface SeenRequest {
  readonly id: string;
  readonly packed: Readonly<Record<string, string>>;
  readonly input: Uint8Array;
  readonly blockNumber: number;
  readonly blockHash: string;
}

/** A request with all that the node knows of it. */
export interface JournalEntry extends SeenRequest {
  readonly state: RequestState;
  /** Why it is in a state that ends it, or what went wrong last: a code or a reason, then words. */
  readonly reason: string | undefined;
  readonly detail: string | undefined;
  readonly output: Uint8Array | undefined;
  /** Evidence in the order of the request's selectors, hex. */
  readonly evidence: readonly string[] | undefined;
  /** Failures in a row of the stage it is in. */
  readonly failures: number;
  /** Not to be touched before this time, milliseconds since 1970. */
  readonly notBefore: number;
  /** Block in which it was mined, or where it was seen to be settled. */
  readonly markBlock: number | undefined;
  readonly markHash: string | undefined;
}

/** What a transaction of the node does. A cancellation pays nobody; it only uses up its nonce. */
export type TransactionPurpose = "fulfil" | "cancel";

/**
 * `signed` until it was sent, `broadcast` until its nonce is used. Of the transactions of one nonce at most one becomes
 * `mined` (succeeded) or `reverted`; the others become `replaced`. `dropped`: a transaction that is not ours used the
 * nonce.
 */
export type TransactionState = "signed" | "broadcast" | "mined" | "reverted" | "replaced" | "dropped";

/** A transaction signed for a request. */
export interface JournalTransaction {
  readonly hash: string;
  readonly requestId: string;
  readonly sender: string;
  readonly nonce: number;
  readonly raw: string;
  readonly purpose: TransactionPurpose;
  readonly maxFee: bigint;
  readonly tip: bigint;
  readonly state: TransactionState;
  /** When it was made, milliseconds since 1970. */
  readonly createdAt: number;
}

/** A change of state, told to the observer before it is written and after. */
export interface Transition {
  readonly id: string;
  readonly from: RequestState | "none";
  readonly to: RequestState;
  readonly phase: "before" | "after";
}

/** What is written together with a change of state. */
export interface Patch {
  readonly reason?: string | null;
  readonly detail?: string | null;
  readonly output?: Uint8Array;
  readonly evidence?: readonly string[];
  readonly markBlock?: number | null;
  readonly markHash?: string | null;
}

/** A block, by its place and hash. */
export interface Anchor {
  readonly number: number;
  readonly hash: string;
}
