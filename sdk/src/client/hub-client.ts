import {
  Contract,
  type ContractRunner,
  type ContractTransactionReceipt,
  type ContractTransactionResponse,
  type EventLog,
  type Interface,
  type Log,
} from "ethers";

import { INFERENCE_HUB_ABI } from "../abi/generated/inference-hub.ts";
import { address, boundedBytes, type BytesLike, fixedHex, uint, ZERO_ADDRESS } from "../core/fields.ts";
import { MAX_PAYLOAD_BYTES } from "../core/limits.ts";
import { type RequestedArgs, type RequestedItem, requestFromEvent } from "../request/event.ts";
import { requestId } from "../request/id.ts";
import { packOrder, packRequest } from "../request/pack.ts";
import type { HubDomain } from "../request/typed-data.ts";
import type { Order, Request, SignedRequest } from "../request/types.ts";
import { MAX_EVIDENCE_BYTES } from "../statement/evidence.ts";
import { contractErrorOf, EventMismatchError, RpcError } from "./errors.ts";
import { REQUEST_STATUSES, type RequestStatus } from "./statuses.ts";

/** A request found in the hub's events. */
export interface FoundRequest extends RequestedItem {
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly logIndex: number;
}

export interface FindOptions {
  /** Only requests for this model version. */
  readonly version?: string;
}

/** An account's money at the hub in one token. */
export interface Credit {
  readonly balance: bigint;
  /** Lowest unused nonce. */
  readonly nonceBase: bigint;
  /** Bit `i` says whether nonce `nonceBase + i` is used. */
  readonly nonceWindow: bigint;
}

/**
 * An `InferenceHub` as TypeScript functions. Every refusal of the contract comes as a `ContractRevertError` with the
 * contract's error in words; what the network does wrong comes as an `RpcError`.
 *
 * Functions that send a transaction wait until it is mined once; they do not wait for finality.
 */
export class HubClient {
  /** Address of the hub. */
  readonly address: string;
  /** The ethers contract, for what has no function here: events to follow, calldata to sign elsewhere. */
  readonly contract: Contract;
  readonly #runner: ContractRunner;
  #chainId: Promise<bigint> | undefined;

  /** @param runner A signer with a provider to send; a provider suffices to read. */
  constructor(hub: string, runner: ContractRunner) {
    this.address = address("hub", hub);
    this.contract = new Contract(this.address, INFERENCE_HUB_ABI, runner);
    this.#runner = runner;
  }

  /** Chain and hub that ids and signatures are for. */
  async domain(): Promise<HubDomain> {
    this.#chainId ??= this.#askChainId();
    try {
      return { chainId: await this.#chainId, hub: this.address };
    } catch (cause) {
      // Ask again next time.
      this.#chainId = undefined;
      throw contractErrorOf("asking for the chain id", cause);
    }
  }

  /**
   * Makes a request and pays for it: in the chain's own coin with the call, in a token by its allowance.
   * @throws {FieldError | ProofPolicyError} when the order has a field of the wrong form.
   * @throws {ContractRevertError | RpcError} when the hub refuses it or the network fails.
   * @throws {EventMismatchError} when the mined transaction does not hold the request that was sent.
   */
  async request(order: Order, input: BytesLike): Promise<FoundRequest> {
    const bytes = boundedBytes("input", input, MAX_PAYLOAD_BYTES);
    const packed = packOrder(order);
    const value = BigInt(order.token) === BigInt(ZERO_ADDRESS) ? uint("amount", order.amount, 96) : 0n;
    const mined = await this.#send("request", [packed, bytes], { value });
    const { chainId } = await this.domain();
    for (const log of mined.logs) {
      const found = this.#parseRequested(log, chainId);
      if (found !== undefined) return found;
    }
    throw new EventMismatchError(`Transaction ${mined.hash} has no Requested event of hub ${this.address}.`);
  }

  /**
   * Settles a request with an answer.
   * @param evidence One piece for each selector of the request, ascending by selector.
   * @throws {ContractRevertError | RpcError} when the hub refuses it or the network fails.
   */
  async fulfil(
    request: Request,
    output: BytesLike,
    beneficiary: string,
    evidence: readonly BytesLike[],
  ): Promise<ContractTransactionReceipt> {
    return await this.#send("fulfil", fulfilArgs(request, output, beneficiary, evidence));
  }

  /**
   * Settles a request that its requester signed off chain, paid from his credit.
   * @param requesterSignature From `signRequest`, or what an ERC-1271 contract takes.
   * @throws {ContractRevertError | RpcError} when the hub refuses it or the network fails.
   */
  async settleSigned(
    request: SignedRequest,
    requesterSignature: BytesLike,
    output: BytesLike,
    beneficiary: string,
    evidence: readonly BytesLike[],
  ): Promise<ContractTransactionReceipt> {
    const [packed, ...answer] = fulfilArgs(request, output, beneficiary, evidence);
    const signature = boundedBytes("requesterSignature", requesterSignature, MAX_PAYLOAD_BYTES);
    return await this.#send("settleSigned", [packed, signature, ...answer]);
  }

  /** Gives an expired request's payment back to its requester, as credit. */
  async reclaim(request: Request): Promise<ContractTransactionReceipt> {
    return await this.#send("reclaim", [packRequest(request)]);
  }

  /** Calls back again after a failed callback, with the output that was accepted. */
  async retryCallback(request: Request | SignedRequest, output: BytesLike): Promise<ContractTransactionReceipt> {
    return await this.#send("retryCallback", [packRequest(request), boundedBytes("output", output, MAX_PAYLOAD_BYTES)]);
  }

  /** Adds to `account`'s credit. A token needs an allowance for the hub. */
  async deposit(token: string, account: string, amount: bigint): Promise<ContractTransactionReceipt> {
    const value = BigInt(address("token", token)) === BigInt(ZERO_ADDRESS) ? amount : 0n;
    return await this.#send("deposit", [token, address("account", account), uint("amount", amount, 96)], { value });
  }

  /** Pays out the sender's credit. */
  async withdraw(token: string, to: string, amount: bigint): Promise<ContractTransactionReceipt> {
    return await this.#send("withdraw", [address("token", token), address("to", to), uint("amount", amount, 96)]);
  }

  /** Where a request stands. */
  async status(id: BytesLike): Promise<RequestStatus> {
    const status = await this.#read<bigint>("status", [fixedHex("id", id, 32)]);
    const name = REQUEST_STATUSES[Number(status)];
    if (name === undefined) throw new EventMismatchError(`The hub gave the status ${status}, which does not exist.`);
    return name;
  }

  /** In words, what a request waits for and who can do what about it. */
  async whyStuck(id: BytesLike): Promise<string> {
    return await this.#read<string>("whyStuck", [fixedHex("id", id, 32)]);
  }

  /** Credit and nonces of an account. */
  async creditOf(token: string, account: string): Promise<Credit> {
    const [balance, nonceBase, nonceWindow] = await this.#read<[bigint, bigint, bigint]>("creditOf", [
      address("token", token),
      address("account", account),
    ]);
    return { balance, nonceBase, nonceWindow };
  }

  /**
   * Requests made from block `fromBlock` to block `toBlock`, both included, in their order. Input hash and id of each
   * are computed here and compared, so a node that changes an input or a term is found out. Not checked here: that the
   * node left none out, that a request is still open, and that its block is final.
   * @throws {EventMismatchError} when an event contradicts itself.
   * @throws {RpcError} when the network fails, for example because the range is more than the node serves.
   */
  async requests(fromBlock: number, toBlock: number, { version }: FindOptions = {}): Promise<FoundRequest[]> {
    const { chainId } = await this.domain();
    const topic = version === undefined ? null : fixedHex("version", version, 32);
    let logs: (EventLog | Log)[];
    try {
      const filter = this.contract.getEvent("Requested")(null, null, topic);
      logs = await this.contract.queryFilter(filter, fromBlock, toBlock);
    } catch (cause) {
      throw contractErrorOf(`reading requests of blocks ${fromBlock} to ${toBlock}`, cause);
    }
    return logs.map((log) => {
      const found = this.#parseRequested(log, chainId);
      if (found === undefined || (topic !== null && found.request.version !== topic)) {
        throw new EventMismatchError(
          `The node gave log ${log.index} of ${log.transactionHash}, which was not asked for.`,
        );
      }
      return found;
    });
  }

  /** Calldata of `fulfil`, for those who sign and send by themselves. */
  encodeFulfil(request: Request, output: BytesLike, beneficiary: string, evidence: readonly BytesLike[]): string {
    return this.contract.interface.encodeFunctionData("fulfil", fulfilArgs(request, output, beneficiary, evidence));
  }

  /** The request in `log`, if it is one of this hub's. */
  #parseRequested(log: Log | EventLog, chainId: bigint | number): FoundRequest | undefined {
    if (address("log address", log.address) !== this.address) return undefined;
    const contractInterface: Interface = this.contract.interface;
    let item: RequestedItem;
    try {
      const parsed = contractInterface.parseLog(log);
      if (parsed?.name !== "Requested") return undefined;
      item = requestFromEvent(parsed.args as unknown as RequestedArgs);
    } catch (cause) {
      throw new EventMismatchError(`Log ${log.index} of ${log.transactionHash} is no well-formed request.`, { cause });
    }
    const expected = requestId(this.address, chainId, item.request);
    if (item.id !== expected) {
      throw new EventMismatchError(
        `The node gave request ${item.id} with terms or an input whose id is ${expected}; use another node.`,
      );
    }
    return {
      ...item,
      blockNumber: log.blockNumber,
      blockHash: log.blockHash,
      transactionHash: log.transactionHash,
      logIndex: log.index,
    };
  }

  async #send(name: string, args: unknown[], overrides: { value?: bigint } = {}): Promise<ContractTransactionReceipt> {
    try {
      const sent = (await this.contract.getFunction(name)(...args, overrides)) as ContractTransactionResponse;
      const mined = await sent.wait();
      if (mined === null) throw new RpcError(`${name}: the node did not say what became of ${sent.hash}.`);
      return mined;
    } catch (cause) {
      throw contractErrorOf(name, cause);
    }
  }

  async #read<T>(name: string, args: unknown[]): Promise<T> {
    try {
      return (await this.contract.getFunction(name).staticCall(...args)) as T;
    } catch (cause) {
      throw contractErrorOf(name, cause);
    }
  }

  async #askChainId(): Promise<bigint> {
    const provider = this.#runner.provider;
    if (!provider) {
      throw new RpcError("The runner has no provider; connect the signer to one.", { retryable: false });
    }
    return (await provider.getNetwork()).chainId;
  }
}

function fulfilArgs(
  request: Request | SignedRequest,
  output: BytesLike,
  beneficiary: string,
  evidence: readonly BytesLike[],
): unknown[] {
  return [
    packRequest(request),
    boundedBytes("output", output, MAX_PAYLOAD_BYTES),
    address("beneficiary", beneficiary),
    evidence.map((item, index) => boundedBytes(`evidence ${index}`, item, MAX_EVIDENCE_BYTES)),
  ];
}
