/** What a node needs of a block. */
export interface Block {
  readonly number: number;
  readonly hash: string;
  /** Unix time in seconds. */
  readonly timestamp: number;
  /** Least fee per gas, wei; undefined before EIP-1559. */
  readonly baseFee: bigint | undefined;
}

/** A log with the place where it stands. */
export interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly index: number;
}

/** What became of a mined transaction. */
export interface Receipt {
  readonly transactionHash: string;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly logs: readonly Log[];
}

/** A call or a transaction that is not signed yet. */
export interface Call {
  readonly from?: string;
  readonly to: string;
  readonly data: string;
  readonly gas?: bigint;
}

/** Where a call is evaluated: a block number, the head, or the block to come. */
export type BlockTag = number | "latest" | "pending";
