import { backoffMs, type BackoffOptions } from "../async/backoff.ts";
import { sleep } from "../async/sleep.ts";
import { RpcError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

export interface RetryOptions extends BackoffOptions {
  /** Attempts in all, the first included. */
  readonly attempts?: number;
  /** Called for every failed attempt that will be repeated. */
  readonly onRetry?: (error: RpcError, method: string, waitMs: number) => void;
}

/**
 * Repeats calls that failed in a way that can pass. Every method a node uses is safe to repeat: reads, and
 * `eth_sendRawTransaction` of the same bytes.
 */
export class RetryingRpc implements Rpc {
  readonly #inner: Rpc;
  readonly #options: RetryOptions;

  constructor(inner: Rpc, options: RetryOptions = {}) {
    this.#inner = inner;
    this.#options = options;
  }

  async request(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    const { attempts = 4, onRetry } = this.#options;
    for (let failures = 1; ; failures++) {
      try {
        return await this.#inner.request(method, params, signal);
      } catch (error) {
        if (!(error instanceof RpcError) || !error.retryable || failures >= attempts) throw error;
        const waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs(failures, this.#options));
        onRetry?.(error, method, waitMs);
        await sleep(waitMs, signal);
      }
    }
  }
}
