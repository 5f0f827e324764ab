import { randomInt } from "node:crypto";

import {
  type CallbackTerms,
  encodeTensor,
  type FoundRequest,
  HubClient,
  type ManifestTensor,
  quantise,
  type RequestStatus,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "@assay/sdk";
import type { Provider, Signer } from "ethers";

import { allow } from "./allowance.ts";
import { findAnswer, type FoundAnswer } from "./answer.ts";
import type { AssayAddresses } from "./contracts.ts";
import { OperatorError, OperatorErrorCode } from "./errors.ts";

export interface RequestOptions {
  readonly version: string;
  /** Canonical input bytes, from `encodeRealInput`. */
  readonly input: Uint8Array;
  /** Selectors of the evidence that must hold, all of it. */
  readonly proofs: readonly string[];
  /** Measurement policy that TEE evidence must satisfy; with TEE only. */
  readonly enclavePolicy?: string;
  /** In the token's smallest unit. */
  readonly amount: bigint;
  /** The zero address, the chain's own coin, when left out. */
  readonly token?: string;
  /** Seconds from the chain's time to the deadline. */
  readonly lifetime: number;
  readonly callback?: CallbackTerms;
}

/**
 * Makes a request and pays for it, allowing the hub to take the token where it may not yet.
 * @throws {ContractRevertError} when the hub refuses it.
 */
export async function sendRequest(
  requester: Signer,
  addresses: Pick<AssayAddresses, "hub">,
  options: RequestOptions,
): Promise<FoundRequest> {
  const { token = ZERO_ADDRESS, amount } = options;
  const now = await clockOf(requester.provider!);
  await allow(requester, token, addresses.hub, amount);
  return await new HubClient(addresses.hub, requester).request(
    {
      version: options.version,
      paramsHash: ZERO_HASH,
      proofs: options.proofs,
      enclavePolicy: options.enclavePolicy ?? ZERO_HASH,
      token,
      amount,
      callback: options.callback ?? { target: ZERO_ADDRESS, gas: 0n, storeResult: false, priced: false },
      deadline: BigInt(now + options.lifetime),
      salt: BigInt(randomInt(2 ** 16)),
    },
    options.input,
  );
}

/**
 * The canonical bytes of a real input: quantised by the manifest's tensor, half up.
 * @param values Flat, row-major.
 * @throws {OperatorError} when there are too many or too few values, or the model's input is not of whole numbers.
 * @throws {TensorError} when a value is not finite or falls outside the model's range.
 */
export function encodeRealInput(spec: ManifestTensor, values: readonly number[]): Uint8Array {
  const count = spec.dims.reduce((product, size) => product * size, 1);
  if (values.length !== count) {
    throw new OperatorError(
      OperatorErrorCode.Input,
      `The input has ${values.length} values; the model's input "${spec.name}" takes ${countWords(spec.dims)}.`,
    );
  }
  const { dtype, scale, zeroPoint, dims } = spec;
  if (dtype === "f32" || dtype === "bool") {
    throw new OperatorError(
      OperatorErrorCode.Input,
      `The model's input is ${dtype}; this task quantises to whole numbers only.`,
    );
  }
  const range = { min: BigInt(spec.range.min), max: BigInt(spec.range.max) };
  return encodeTensor({ dtype, dims, data: quantise(values, { dtype, scale, zeroPoint, range }) });
}

/** "6", or "64 (8 x 8)" where the tensor has more than one dimension. */
export function countWords(dims: readonly number[]): string {
  const count = dims.reduce((product, size) => product * size, 1);
  return dims.length < 2 ? `${count}` : `${count} (${dims.join(" x ")})`;
}

/**
 * The chain's time, Unix seconds: of the block being made where the endpoint shows it, because the newest one can be old
 * on a chain that makes blocks only for transactions.
 */
async function clockOf(provider: Provider): Promise<number> {
  const [newest, next] = await Promise.all([provider.getBlock("latest"), pendingTime(provider)]);
  if (newest !== null) return Math.max(newest.timestamp, next);
  throw new OperatorError(OperatorErrorCode.Unknown, "The RPC gave no newest block; try again with another endpoint.");
}

/** Time of the block being made; 0 where the endpoint does not show it. ethers takes no block without a number. */
async function pendingTime(provider: Provider): Promise<number> {
  const { send } = provider as { send?: (method: string, params: unknown[]) => Promise<unknown> };
  try {
    const block = await send?.call(provider, "eth_getBlockByNumber", ["pending", false]);
    const time = Number((block as { timestamp?: unknown } | null | undefined)?.timestamp);
    return Number.isSafeInteger(time) ? time : 0;
  } catch {
    // The newest block's time will do.
    return 0;
  }
}

/** Where a request ended that was followed. */
export type Followed =
  | { readonly status: "answered"; readonly answer: FoundAnswer }
  | { readonly status: Exclude<RequestStatus, "pending" | "fulfilled"> };

export interface FollowOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds between looks at the chain. */
  readonly pollMs?: number;
  /** Told at every look: seconds to the deadline, and for how many seconds it was followed. */
  readonly onLook?: (secondsLeft: number, secondsWaited: number) => void;
  /** Seconds past the deadline, by this machine's clock, after which a chain that makes no block is not waited for. */
  readonly graceSeconds?: number;
}

/**
 * Follows a request until it is answered, expires or is reclaimed. Time goes on here when it does not on the chain, which
 * may make blocks only for transactions: then a request counts as expired `graceSeconds` after its deadline.
 */
export async function followRequest(
  hub: HubClient,
  { id, blockNumber, request }: Pick<FoundRequest, "id" | "blockNumber" | "request">,
  { signal, pollMs = 500, onLook, graceSeconds = 15 }: FollowOptions = {},
): Promise<Followed> {
  const started = performance.now();
  let first: number | undefined;
  let unseenSince: number | undefined;
  for (;;) {
    signal?.throwIfAborted();
    // The status first: an answer that comes between the two questions is found by the second.
    const status = await hub.status(id);
    const answer = await findAnswer(hub, id, blockNumber);
    if (answer !== undefined) return { status: "answered", answer };
    // A request that was made is forgotten only when it is answered. Its event may be found a moment later, because the
    // number of the newest block is older than the state that was read.
    const unseen = status === "none" || status === "fulfilled";
    unseenSince = unseen ? (unseenSince ?? performance.now()) : undefined;
    const patient = unseenSince !== undefined && performance.now() - unseenSince < 1_000 * graceSeconds;
    if (status !== "pending" && status !== "fulfilled" && !patient) return { status };
    const newest = await hub.contract.runner!.provider!.getBlock("latest");
    const chainTime = newest?.timestamp ?? 0;
    first ??= chainTime;
    const waited = (performance.now() - started) / 1_000;
    const left = Number(request.deadline) - Math.max(chainTime, first + waited);
    // A block with an answer in time would have come by now.
    if (left < -graceSeconds && status === "pending") return { status: "expired" };
    onLook?.(Math.ceil(left), Math.floor(waited));
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
