import { AssayError } from "@assay/sdk";

/** Codes of RPC errors; `docs/errors/node.md` has a row for each. */
export const RpcErrorCode = {
  /** No connection, no answer in time, or an HTTP status that is not 200. */
  Unreachable: "ASY-RPC-001",
  RateLimited: "ASY-RPC-002",
  /** An answer that is no JSON-RPC answer, too long, or has a field of the wrong form. */
  Garbage: "ASY-RPC-003",
  /** The endpoint answered with an error object. */
  Refused: "ASY-RPC-004",
  WrongChain: "ASY-RPC-005",
} as const;
export type RpcErrorCode = (typeof RpcErrorCode)[keyof typeof RpcErrorCode];

/** Talking to the chain's endpoint failed. */
export class RpcError extends AssayError {
  override readonly code: RpcErrorCode;
  override readonly retryable: boolean;
  /** How long the endpoint asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: RpcErrorCode,
    message: string,
    { retryable, retryAfterMs, cause }: { retryable?: boolean; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable ?? (code !== RpcErrorCode.Refused && code !== RpcErrorCode.WrongChain);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The endpoint answered a call with a JSON-RPC error object. */
export class RpcRefusedError extends RpcError {
  readonly rpcCode: number;
  /** What the error object carried as `data`, unchecked. */
  readonly data: unknown;
  /** The endpoint's own words, at most 300 characters. */
  readonly reason: string;

  constructor(method: string, rpcCode: number, reason: string, data: unknown, retryable: boolean) {
    const words = reason.slice(0, 300);
    super(RpcErrorCode.Refused, `${method} was refused with ${rpcCode}: ${words}`, { retryable });
    this.rpcCode = rpcCode;
    this.data = data;
    this.reason = words;
  }
}
