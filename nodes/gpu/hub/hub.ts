import {
  INFERENCE_HUB_ABI,
  MODEL_REGISTRY_ABI,
  packRequest,
  type Request,
  REQUEST_STATUSES,
  type RequestedArgs,
  requestFromEvent,
  requestId,
  type RequestStatus,
  unpackPayment,
  VERSION_STATUSES,
  type VersionStatus,
} from "@assay/sdk";
import { AbiCoder, getAddress, hexlify, Interface, type Result, ZeroAddress } from "ethers";

import type { Chain } from "../../shared/chain/chain.ts";
import { CallRevertedError } from "../../shared/chain/errors.ts";
import type { BlockTag, Log } from "../../shared/chain/types.ts";
import { RpcError, RpcErrorCode } from "../../shared/rpc/errors.ts";
import type { SeenRequest } from "../journal/types.ts";
import { LogInvalidError } from "./errors.ts";
import { readContract } from "./read.ts";

const hubInterface = new Interface(INFERENCE_HUB_ABI);
const registryInterface = new Interface(MODEL_REGISTRY_ABI);
const REQUESTED = hubInterface.getEvent("Requested")!.topicHash;
const FULFILLED = hubInterface.getEvent("Fulfilled")!.topicHash;

/** Fields of `Requested` besides its input, 32 bytes each, with the input's offset and length. */
const FIXED_DATA_BYTES = 32 * 9;

/** What a registered version is. */
export interface VersionRecord {
  readonly version: string;
  readonly status: VersionStatus;
  readonly manifestDigest: string;
  readonly verifier: string;
}

/** The hub and its model registry, read through one endpoint. */
export class Hub {
  readonly address: string;
  readonly chainId: bigint;
  readonly #chain: Chain;
  #registry: string | undefined;
  #feeBps: bigint | undefined;

  constructor(chain: Chain, address: string, chainId: bigint) {
    this.#chain = chain;
    this.address = getAddress(address);
    this.chainId = chainId;
  }

  /** Where a request stands at a block. */
  async status(id: string, at: BlockTag, signal?: AbortSignal): Promise<RequestStatus> {
    const result = await readContract(this.#chain, this.address, hubInterface, "status", [id], at, signal);
    const status = REQUEST_STATUSES[Number(result[0])];
    if (status !== undefined) return status;
    throw new RpcError(RpcErrorCode.Garbage, `The endpoint says that request ${id} has status ${String(result[0])}.`);
  }

  /** `Requested` logs from block `from` to block `to`, unchecked. */
  async requestedLogs(from: number, to: number, signal?: AbortSignal): Promise<Log[]> {
    return await this.#chain.logs({ address: this.address, topics: [REQUESTED], from, to }, signal);
  }

  /**
   * The request that a log tells of. Its id is derived again from its fields, its input and this hub and chain.
   * @throws {LogInvalidError} when the log is no `Requested` of this hub, too long, or contradicts itself.
   */
  readRequested(log: Log, maxInputBytes: number): SeenRequest {
    const where = `Log ${log.index} of block ${log.blockNumber}`;
    if (log.address !== this.address.toLowerCase() || log.topics[0] !== REQUESTED) {
      throw new LogInvalidError(
        `${where} is no Requested event of hub ${this.address}; the endpoint mixed something up.`,
      );
    }
    // Bounded before anything is decoded; the input is padded to whole words.
    const most = FIXED_DATA_BYTES + maxInputBytes + 31;
    if (log.data.length > 2 + 2 * most) {
      throw new LogInvalidError(`${where} has more than ${most} bytes of data, which no request of the hub has.`);
    }
    try {
      const { args } = hubInterface.parseLog({ topics: [...log.topics], data: log.data })!;
      const { id, request, input } = requestFromEvent(args.toObject() as unknown as RequestedArgs);
      const derived = requestId(this.address, this.chainId, request);
      if (derived === id) return { ...seenOf(log, request, input), id };
      throw new LogInvalidError(`${where} names request ${id}, but its fields make ${derived}.`);
    } catch (cause) {
      if (cause instanceof LogInvalidError) throw cause;
      throw new LogInvalidError(`${where} does not decode as a Requested event.`, { cause });
    }
  }

  /** Who was paid for a request between two blocks, if it was fulfilled there. */
  async beneficiaryOf(id: string, from: number, to: number, signal?: AbortSignal): Promise<string | undefined> {
    const logs = await this.#chain.logs({ address: this.address, topics: [FULFILLED, id], from, to }, signal);
    return logs.map((log) => fulfilmentIn(log, this.address)).find((found) => found?.id === id)?.beneficiary;
  }

  /** Calldata of `fulfil`. */
  fulfilData(request: Request, output: Uint8Array, beneficiary: string, evidence: readonly string[]): string {
    return hubInterface.encodeFunctionData("fulfil", [packRequest(request), hexlify(output), beneficiary, evidence]);
  }

  /** What of a request's payment is left for the beneficiary: the version's price and the hub's fee are taken off. */
  async netPayment(request: Request, at: BlockTag, signal?: AbortSignal): Promise<bigint> {
    let rest = request.amount;
    if (request.callback.priced) {
      const registry = await this.registry(at, signal);
      const [price] = await readContract(
        this.#chain,
        registry,
        registryInterface,
        "royaltyOf",
        [request.version],
        at,
        signal,
      );
      rest -= unpackPayment(price as bigint).amount;
    }
    this.#feeBps ??= (
      await readContract(this.#chain, this.address, hubInterface, "FEE_BPS", [], at, signal)
    )[0] as bigint;
    return rest - (rest * this.#feeBps) / 10_000n;
  }

  /** What the registry knows of a version. */
  async version(version: string, at: BlockTag, signal?: AbortSignal): Promise<VersionRecord> {
    const none: VersionRecord = {
      version,
      status: "none",
      manifestDigest: `0x${"0".repeat(64)}`,
      verifier: ZeroAddress,
    };
    const registry = await this.registry(at, signal);
    let info: Result;
    try {
      info = (
        await readContract(this.#chain, registry, registryInterface, "versionOf", [version], at, signal)
      )[0] as Result;
    } catch (error) {
      if (error instanceof CallRevertedError) return none;
      throw error;
    }
    const spec = info["spec"] as Result;
    return {
      version,
      status: VERSION_STATUSES[Number(info["status"])] ?? "none",
      manifestDigest: String(spec["manifestDigest"]).toLowerCase(),
      verifier: String(spec["verifier"]),
    };
  }

  /** Address of the model registry, which is fixed for a hub. */
  async registry(at: BlockTag, signal?: AbortSignal): Promise<string> {
    if (this.#registry !== undefined) return this.#registry;
    const getter = new Interface(["function MODEL_REGISTRY() view returns (address)"]);
    const [address] = await readContract(this.#chain, this.address, getter, "MODEL_REGISTRY", [], at, signal);
    return (this.#registry = String(address));
  }
}

/** The request of an entry, from the words that the journal kept. */
export function requestOf(seen: Pick<SeenRequest, "id" | "packed" | "input">): Request {
  return requestFromEvent({ ...wordsOf(seen.packed), id: seen.id, input: hexlify(seen.input) }).request;
}

/** What a `Fulfilled` log says, or undefined when it is another log. */
export function fulfilmentIn(log: Log, hub: string): { id: string; beneficiary: string } | undefined {
  if (log.address !== hub.toLowerCase() || log.topics.length !== 3 || log.topics[0] !== FULFILLED) return undefined;
  return {
    id: log.topics[1]!,
    beneficiary: AbiCoder.defaultAbiCoder().decode(["address"], log.topics[2]!)[0] as string,
  };
}

function seenOf(log: Log, request: Request, input: Uint8Array): Omit<SeenRequest, "id"> {
  const { payment, callback, ticket, ...rest } = packRequest(request);
  const { inputHash: _, ...fields } = rest;
  const words = { payment: String(payment), callback: String(callback), ticket: String(ticket) };
  return {
    packed: { ...fields, ...words, requester: request.requester },
    input,
    blockNumber: log.blockNumber,
    blockHash: log.blockHash,
  };
}

function wordsOf(packed: SeenRequest["packed"]): Omit<RequestedArgs, "id" | "input"> {
  const field = (name: string): string => packed[name] ?? "";
  return {
    version: field("version"),
    paramsHash: field("paramsHash"),
    proofs: field("proofs"),
    enclavePolicy: field("enclavePolicy"),
    requester: field("requester"),
    payment: BigInt(field("payment")),
    callback: BigInt(field("callback")),
    ticket: BigInt(field("ticket")),
  };
}
