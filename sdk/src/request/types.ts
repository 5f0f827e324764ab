/** What the hub calls with the answer. */
export interface CallbackTerms {
  /** Contract to call; the zero address for no callback. */
  readonly target: string;
  /** Gas the target gets, exactly; at most 5,000,000. */
  readonly gas: bigint;
  /** Leave the result's digest in storage, so that contracts can ask for it later. */
  readonly storeResult: boolean;
  /** The version has a price. The hub alone sets this; leave it out of an order. */
  readonly priced: boolean;
}

/** Terms that an order, a request and a signed request share. Amounts are in the token's smallest unit. */
export interface Terms {
  /** Model version that must answer. */
  readonly version: string;
  /** Keccak-256 of the run parameters, zero for none. */
  readonly paramsHash: string;
  /** Selectors of the evidence that must hold, all of it; 1 to 4, any order. */
  readonly proofs: readonly string[];
  /** Measurement policy that TEE evidence must satisfy; zero when no TEE is asked. */
  readonly enclavePolicy: string;
  /** Token of the payment; the zero address is the chain's own coin. */
  readonly token: string;
  readonly amount: bigint;
  readonly callback: CallbackTerms;
  /** Last second, Unix time, at which an answer is accepted. */
  readonly deadline: bigint;
}

/** What a requester sends to `request`. */
export interface Order extends Terms {
  /** 16 bits that tell equal requests of one second apart. */
  readonly salt: bigint;
}

/** A request made on chain. */
export interface Request extends Terms {
  readonly inputHash: string;
  readonly requester: string;
  /** Unix seconds. */
  readonly createdAt: bigint;
  readonly salt: bigint;
}

/** A request that its requester signs off chain, paid from credit. */
export interface SignedRequest extends Terms {
  readonly inputHash: string;
  readonly requester: string;
  /** 56 bits; at most 103 past the requester's lowest unused one. */
  readonly nonce: bigint;
}

/** `Request` of the contracts, with its packed words, in the form that ethers takes and gives. */
export interface PackedRequest {
  readonly version: string;
  readonly inputHash: string;
  readonly paramsHash: string;
  readonly proofs: string;
  readonly enclavePolicy: string;
  readonly payment: bigint;
  readonly callback: bigint;
  readonly ticket: bigint;
}

/** `Order` of the contracts, with its packed words. */
export interface PackedOrder {
  readonly version: string;
  readonly paramsHash: string;
  readonly proofs: string;
  readonly enclavePolicy: string;
  readonly payment: bigint;
  readonly callback: bigint;
  readonly deadline: bigint;
  readonly salt: bigint;
}
