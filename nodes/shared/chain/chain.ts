import { RpcError, RpcErrorCode, RpcRefusedError } from "../rpc/errors.ts";
import type { Rpc } from "../rpc/rpc.ts";
import { CallRevertedError } from "./errors.ts";
import * as parse from "./parse.ts";
import type { Block, BlockTag, Call, Log, Receipt } from "./types.ts";

/** Most bytes that are taken of one call's answer or one log. */
const MAX_DATA_BYTES = 512 * 1024;
const MAX_LOGS = 50_000;

/** The chain's JSON-RPC methods that nodes use, with every answer checked for its form. Not checked: that it is true. */
export class Chain {
  readonly #rpc: Rpc;

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  async chainId(signal?: AbortSignal): Promise<bigint> {
    return parse.quantity("chainId", await this.#rpc.request("eth_chainId", [], signal));
  }

  /** The newest block. */
  async head(signal?: AbortSignal): Promise<Block> {
    return readBlock(await this.#rpc.request("eth_getBlockByNumber", ["latest", false], signal));
  }

  /** Block `number`, or undefined where the endpoint has none. */
  async block(number: number, signal?: AbortSignal): Promise<Block | undefined> {
    const value = await this.#rpc.request("eth_getBlockByNumber", [toQuantity(number), false], signal);
    return value === null ? undefined : readBlock(value);
  }

  /** Logs of `address` with `topics`, from block `from` to block `to`, both included. */
  async logs(
    { address, topics, from, to }: { address: string; topics: (string | null)[]; from: number; to: number },
    signal?: AbortSignal,
  ): Promise<Log[]> {
    const filter = { address, topics, fromBlock: toQuantity(from), toBlock: toQuantity(to) };
    return readLogs(await this.#rpc.request("eth_getLogs", [filter], signal));
  }

  /**
   * What `call` returns, hex.
   * @throws {CallRevertedError} when it reverts.
   */
  async call(call: Call, at: BlockTag, signal?: AbortSignal): Promise<string> {
    return parse.bytes("result", await this.#execute("eth_call", call, at, signal), MAX_DATA_BYTES);
  }

  /**
   * Gas that `call` needs.
   * @throws {CallRevertedError} when it reverts.
   */
  async estimateGas(call: Call, at: BlockTag, signal?: AbortSignal): Promise<bigint> {
    return parse.quantity("gas", await this.#execute("eth_estimateGas", call, at, signal));
  }

  /** How many transactions of `account` were mined: its next nonce. */
  async nonce(account: string, signal?: AbortSignal): Promise<number> {
    return parse.index("nonce", await this.#rpc.request("eth_getTransactionCount", [account, "latest"], signal));
  }

  /** Balance of `account`, wei. */
  async balance(account: string, signal?: AbortSignal): Promise<bigint> {
    return parse.quantity("balance", await this.#rpc.request("eth_getBalance", [account, "latest"], signal));
  }

  /** The tip per gas that the endpoint proposes, wei. */
  async tip(signal?: AbortSignal): Promise<bigint> {
    return parse.quantity("tip", await this.#rpc.request("eth_maxPriorityFeePerGas", [], signal));
  }

  /** The gas price that the endpoint proposes, wei; for chains without a base fee. */
  async gasPrice(signal?: AbortSignal): Promise<bigint> {
    return parse.quantity("gasPrice", await this.#rpc.request("eth_gasPrice", [], signal));
  }

  /** Sends the signed transaction `raw` and gives the hash that the endpoint reports. */
  async send(raw: string, signal?: AbortSignal): Promise<string> {
    return parse.hash("transaction hash", await this.#rpc.request("eth_sendRawTransaction", [raw], signal));
  }

  /** The receipt of a mined transaction, or undefined. */
  async receipt(transaction: string, signal?: AbortSignal): Promise<Receipt | undefined> {
    const value = await this.#rpc.request("eth_getTransactionReceipt", [transaction], signal);
    if (value === null) return undefined;
    const receipt = parse.record("receipt", value);
    return {
      transactionHash: parse.hash("receipt.transactionHash", receipt["transactionHash"]),
      blockNumber: parse.index("receipt.blockNumber", receipt["blockNumber"]),
      blockHash: parse.hash("receipt.blockHash", receipt["blockHash"]),
      succeeded: parse.quantity("receipt.status", receipt["status"]) === 1n,
      gasUsed: parse.quantity("receipt.gasUsed", receipt["gasUsed"]),
      logs: readLogs(receipt["logs"]),
    };
  }

  /** Whether the endpoint knows the transaction, mined or waiting. */
  async knows(transaction: string, signal?: AbortSignal): Promise<boolean> {
    return (await this.#rpc.request("eth_getTransactionByHash", [transaction], signal)) !== null;
  }

  async #execute(method: string, call: Call, at: BlockTag, signal?: AbortSignal): Promise<unknown> {
    const fields = { ...call, ...(call.gas !== undefined && { gas: toQuantity(call.gas) }) };
    try {
      return await this.#rpc.request(method, [fields, typeof at === "number" ? toQuantity(at) : at], signal);
    } catch (error) {
      if (!(error instanceof RpcRefusedError) || error.retryable) throw error;
      const data = revertData(error.data);
      if (data === undefined && error.rpcCode !== 3 && !/revert/i.test(error.reason)) throw error;
      throw new CallRevertedError(call.to, data ?? "0x", error.reason);
    }
  }
}

/** Clients put the revert data straight into `data`, or one or two objects deeper. */
function revertData(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") {
    const found = /0x[0-9a-f]*$/i.exec(value.slice(0, 2 * MAX_DATA_BYTES))?.[0];
    return found !== undefined && found.length % 2 === 0 ? found.toLowerCase() : undefined;
  }
  if (typeof value !== "object" || value === null || depth > 2) return undefined;
  const inner = value as Record<string, unknown>;
  return revertData(inner["data"], depth + 1) ?? revertData(inner["originalError"], depth + 1);
}

function readBlock(value: unknown): Block {
  const block = parse.record("block", value);
  const baseFee = block["baseFeePerGas"];
  return {
    number: parse.index("block.number", block["number"]),
    hash: parse.hash("block.hash", block["hash"]),
    timestamp: parse.index("block.timestamp", block["timestamp"]),
    baseFee: baseFee === undefined || baseFee === null ? undefined : parse.quantity("block.baseFeePerGas", baseFee),
  };
}

function readLogs(value: unknown): Log[] {
  if (!Array.isArray(value) || value.length > MAX_LOGS) {
    throw new RpcError(RpcErrorCode.Garbage, `The logs from the endpoint are no list of at most ${MAX_LOGS}.`);
  }
  const logs: Log[] = [];
  for (const item of value) {
    const log = parse.record("log", item);
    // A reorganisation took this log back; its successor, if any, is found by the next scan.
    if (log["removed"] === true) continue;
    const topics = Array.isArray(log["topics"]) && log["topics"].length <= 4 ? (log["topics"] as unknown[]) : [];
    logs.push({
      address: parse.address("log.address", log["address"]),
      topics: topics.map((topic) => parse.hash("log.topic", topic)),
      data: parse.bytes("log.data", log["data"], MAX_DATA_BYTES),
      blockNumber: parse.index("log.blockNumber", log["blockNumber"]),
      blockHash: parse.hash("log.blockHash", log["blockHash"]),
      transactionHash: parse.hash("log.transactionHash", log["transactionHash"]),
      index: parse.index("log.logIndex", log["logIndex"]),
    });
  }
  return logs;
}

function toQuantity(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}
