/** Longest canonical input or output, in bytes, that the hub takes (contracts/types/Limits.sol). */
export const MAX_PAYLOAD_BYTES = 65_536;

/** Longest time, in seconds, from a request to its deadline. */
export const MAX_REQUEST_LIFETIME = 604_800n;

/** Most gas a callback may ask for. */
export const MAX_CALLBACK_GAS = 5_000_000n;

/** Chain ids of local development chains, the only ones where development roots and setups are accepted. */
export const LOCAL_CHAIN_IDS: readonly bigint[] = [31_337n, 1_337n];
