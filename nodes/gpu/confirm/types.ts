/** How the confirm stage follows transactions. */
export interface ConfirmOptions {
  /** Blocks, its own included, after which a transaction is final. */
  readonly confirmations: number;
  /** Age in milliseconds after which a transaction's fee is raised. */
  readonly bumpAfterMs: number;
  /** Most wei per gas. */
  readonly maxFeePerGas: bigint;
  /** Most blocks whose logs are asked for at once. */
  readonly maxBlockRange: number;
  /** Account that evidence names to be paid. */
  readonly payee: string;
  /** Nonces that one request may use up before it is given up. */
  readonly maxAttempts: number;
}
