/** What a transaction offers per gas, wei. `tip` is undefined on a chain without a base fee. */
export interface FeeOffer {
  readonly maxFee: bigint;
  readonly tip: bigint | undefined;
}

/** An account that signs transactions: an ethers `Wallet`, or any signer that can sign without sending. */
export interface TransactionSigner {
  getAddress(): Promise<string>;
  signTransaction(transaction: TransactionFields): Promise<string>;
}

/** Fields of a transaction to sign. */
export interface TransactionFields {
  readonly chainId: bigint;
  readonly to: string;
  readonly nonce: number;
  readonly gasLimit: bigint;
  readonly data: string;
  readonly value: bigint;
  readonly type: 0 | 2;
  readonly gasPrice?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
}
