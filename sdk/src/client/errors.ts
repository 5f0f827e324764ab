import { type ContractErrorInfo, decodeContractError } from "../abi/decode-error.ts";
import { AssayError } from "../errors.ts";

/** A contract refused a call or a transaction. */
export class ContractRevertError extends AssayError {
  override readonly code = "ASY-SDK-002";
  /** Only an answer in the second of its request helps itself by waiting. */
  override readonly retryable: boolean;
  /** Name of the contract's error, `Unknown` when it has none that is known. */
  readonly contractError: string;
  readonly args: ContractErrorInfo["args"];

  constructor(action: string, info: ContractErrorInfo, options?: ErrorOptions) {
    super(`${action} was refused, ${info.name}: ${info.text}.`, options);
    this.contractError = info.name;
    this.args = info.args;
    this.retryable = info.name === "TooEarly";
  }
}

/** The node gave an event that contradicts itself, so nothing it says should be acted on. */
export class EventMismatchError extends AssayError {
  override readonly code = "ASY-SDK-003";
}

/** The call did not go through: the node could not be asked, gave no usable answer, or the account cannot send. */
export class RpcError extends AssayError {
  override readonly code = "ASY-SDK-004";
  /** Not for what only the caller can mend: no funds, a bad argument, a signer that cannot send. */
  override readonly retryable: boolean;

  constructor(message: string, { retryable = true, ...options }: ErrorOptions & { retryable?: boolean } = {}) {
    super(message, options);
    this.retryable = retryable;
  }
}

const CALLERS_OWN = new Set([
  "ACTION_REJECTED",
  "INSUFFICIENT_FUNDS",
  "INVALID_ARGUMENT",
  "MISSING_ARGUMENT",
  "UNSUPPORTED_OPERATION",
]);

/**
 * What `cause`, thrown by ethers or a provider, means: a `ContractRevertError` when it holds revert data, an `RpcError`
 * otherwise. An `AssayError` comes back as it is.
 * @param action What was tried, for the message: "fulfil".
 */
export function contractErrorOf(action: string, cause: unknown): AssayError {
  if (cause instanceof AssayError) return cause;
  const data = revertDataOf(cause);
  if (data !== undefined) return new ContractRevertError(action, decodeContractError(data), { cause });
  const message = cause instanceof Error ? cause.message.slice(0, 300) : "no reason given";
  if (lacksFunds(cause)) {
    const words = `${action} did not go through: the sending account cannot pay its value and gas`;
    return new RpcError(`${words} (${message}). Fund the account or send less.`, { cause, retryable: false });
  }
  const retryable = !CALLERS_OWN.has(String((cause as { code?: unknown } | null)?.code));
  const remedy = retryable ? "Check the RPC endpoint and try again" : "Mend the account or the argument";
  return new RpcError(`${action} did not go through: ${message}. ${remedy}.`, { cause, retryable });
}

/** Whether an account has too little for value and gas, by the codes and words of ethers, Hardhat, anvil and geth. */
function lacksFunds(cause: unknown): boolean {
  for (let link = cause, step = 0; step < 8 && typeof link === "object" && link !== null; step++) {
    const { code, message, cause: inner, error, info } = link as Record<string, unknown>;
    if (code === "INSUFFICIENT_FUNDS") return true;
    if (typeof message === "string" && /insufficient funds|doesn't have enough funds/i.test(message)) return true;
    link = inner ?? error ?? info;
  }
  return false;
}

/** Revert data within an error of ethers, Hardhat or a JSON-RPC node, which put it in different places. */
function revertDataOf(error: unknown): string | undefined {
  const queue: unknown[] = [error];
  // Errors nest a few levels at most; the bound ends a cycle.
  for (let step = 0; step < 32 && queue.length > 0; step++) {
    const item = queue.shift();
    if (typeof item !== "object" || item === null) continue;
    const { data, error: inner, info, cause, code } = item as Record<string, unknown>;
    if (typeof data === "string" && /^0x(?:[0-9a-fA-F]{2})*$/.test(data)) return data;
    // ethers: a call that failed, and the node did not say with what.
    if (code === "CALL_EXCEPTION" && (data === null || data === undefined) && info === undefined) return "0x";
    queue.push(data, inner, info, cause);
  }
  return undefined;
}
