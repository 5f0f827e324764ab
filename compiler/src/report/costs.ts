/**
 * Constants of the estimates of proving and verifying, and where they come from. They are this project's own
 * measurements; another machine is faster or slower by a factor that is the same for all models.
 */
export const COST_MODEL = {
  /** Seconds: a + b * constraints. snarkjs's Groth16 on two cores, keys loaded, witness included. */
  proving: { fixedSeconds: 0.06, secondsPerConstraint: 4.02e-5 },
  provingSource:
    "bench/results/figures.json: digits 1,129 constraints 0.103 s, mlp784 7,413 0.32 s, lenet5 114,456 4.66 s; Groth16 by " +
    "snarkjs, two cores, keys loaded",
  /** Execution of the generated contract, calldata and transaction left out. */
  gas: { fixed: 183_500, perWord: 6_200 },
  gasSource: "docs/decisions/005-groth16-template.md and docs/zkml.md: 208,326 gas at four public words",
  /** A transaction that does nothing but call the verifier. */
  transaction: { fixed: 21_000, perByte: 16 },
  /** Selector, offsets, lengths and proof of the call, before its words of 32 bytes. */
  callBytes: 4 + 4 * 32 + 256,
} as const;

/** What one proof is expected to cost. Estimates: `zkml prove` and a chain say what it is. */
export interface CostEstimate {
  readonly provingSeconds: number;
  readonly provingSource: string;
  /** Gas of the verifier contract's execution. */
  readonly verificationGas: number;
  /** Gas of a transaction that calls it and nothing else, at most: a byte of calldata is counted as not zero. */
  readonly transactionGas: number;
  readonly gasSource: string;
}

/** The estimates for a circuit of so many constraints and public words. */
export function estimateCost(constraints: number, words: number): CostEstimate {
  const { proving, gas, transaction, callBytes, provingSource, gasSource } = COST_MODEL;
  const seconds = proving.fixedSeconds + proving.secondsPerConstraint * constraints;
  const verificationGas = gas.fixed + gas.perWord * words;
  const calldata = transaction.perByte * (callBytes + 32 * words);
  return {
    provingSeconds: Math.round(1_000 * seconds) / 1_000,
    provingSource,
    verificationGas,
    transactionGas: transaction.fixed + calldata + verificationGas,
    gasSource,
  };
}
