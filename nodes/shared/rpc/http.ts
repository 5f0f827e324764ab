import { readAnswer } from "./answer.ts";
import { RpcError, RpcErrorCode } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

export interface HttpRpcOptions {
  /** Longest wait for one answer, in milliseconds. */
  readonly timeoutMs?: number;
  /** Most bytes of one answer. */
  readonly maxBytes?: number;
}

/** JSON-RPC over HTTP: one call a request, a time-out, and a limit on the answer's size. Does not retry. */
export class HttpRpc implements Rpc {
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly #maxBytes: number;
  #lastId = 0;

  constructor(url: string, { timeoutMs = 15_000, maxBytes = 32 * 1024 * 1024 }: HttpRpcOptions = {}) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
    this.#maxBytes = maxBytes;
  }

  async request(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    const id = ++this.#lastId;
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    let status: number;
    let retryAfter: string | null;
    let text: string;
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      status = response.status;
      retryAfter = response.headers.get("retry-after");
      text = await this.#read(method, response);
    } catch (cause) {
      if (signal?.aborted === true) throw signal.reason;
      if (cause instanceof RpcError) throw cause;
      const what = timeout.aborted ? `no answer within ${this.#timeoutMs} ms` : "the connection failed";
      throw new RpcError(RpcErrorCode.Unreachable, `${method}: ${what}; check the endpoint.`, { cause });
    }
    if (status === 429) {
      const seconds = Number(retryAfter);
      throw new RpcError(RpcErrorCode.RateLimited, `${method}: HTTP 429; use fewer calls or another endpoint.`, {
        ...(retryAfter !== null && seconds >= 0 && { retryAfterMs: Math.min(seconds, 60) * 1000 }),
      });
    }
    // Some endpoints send their JSON-RPC errors with an HTTP error status.
    if (status !== 200 && !text.startsWith("{")) {
      throw new RpcError(RpcErrorCode.Unreachable, `${method}: HTTP status ${status}; check the endpoint.`);
    }
    return readAnswer(method, id, text);
  }

  async #read(method: string, response: Response): Promise<string> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > this.#maxBytes) {
        throw new RpcError(
          RpcErrorCode.Garbage,
          `${method}: the answer has over ${this.#maxBytes} bytes; it was dropped.`,
        );
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}
