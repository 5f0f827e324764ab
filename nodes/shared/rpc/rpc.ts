/** One JSON-RPC endpoint of a chain. */
export interface Rpc {
  /**
   * Sends one call and gives its `result` as it came; nothing in it is checked.
   * @throws {RpcError} on every failure, `RpcRefusedError` when the endpoint answered with an error object.
   */
  request(method: string, params: readonly unknown[], signal?: AbortSignal): Promise<unknown>;
}
