import { RpcError, RpcErrorCode, RpcRefusedError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

/** What a wallet or Hardhat's in-process network offers. */
export interface Eip1193Provider {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
}

/** An in-process provider as an endpoint. */
export class Eip1193Rpc implements Rpc {
  readonly #provider: Eip1193Provider;

  constructor(provider: Eip1193Provider) {
    this.#provider = provider;
  }

  async request(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    try {
      return await this.#provider.request({ method, params: [...params] });
    } catch (cause) {
      if (typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "number") {
        const message = "message" in cause ? String(cause.message) : "";
        throw new RpcRefusedError(method, cause.code, message, "data" in cause ? cause.data : undefined, false);
      }
      throw new RpcError(RpcErrorCode.Unreachable, `${method}: the provider failed; check it.`, { cause });
    }
  }
}
