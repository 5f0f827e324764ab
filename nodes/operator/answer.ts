import {
  contractErrorOf,
  EventMismatchError,
  type HubClient,
  type PackedRequest,
  type Request,
  requestId,
  type SignedRequest,
  signedRequestId,
  type Statement,
  statementOf,
  unpackRequest,
  unpackSignedRequest,
} from "@assay/sdk";
import type { Result } from "ethers";

import { OperatorError, OperatorErrorCode } from "./errors.ts";
import { eventsOf } from "./logs.ts";

/** An accepted answer, from the hub's `Fulfilled` event. */
export interface FoundAnswer {
  readonly id: string;
  readonly beneficiary: string;
  /** Canonical output bytes, hex. */
  readonly output: string;
  readonly transactionHash: string;
  readonly blockNumber: number;
}

/** The answer to a request, or undefined where none was accepted from block `fromBlock` on. */
export async function findAnswer(hub: HubClient, id: string, fromBlock: number): Promise<FoundAnswer | undefined> {
  const provider = hub.contract.runner!.provider!;
  const newest = await provider.getBlockNumber();
  const [log] = await eventsOf(hub.contract, hub.contract.filters["Fulfilled"]!(id), fromBlock, newest);
  if (log === undefined) return undefined;
  return {
    id,
    beneficiary: log.args["beneficiary"] as string,
    output: log.args["output"] as string,
    transactionHash: log.transactionHash,
    blockNumber: log.blockNumber,
  };
}

/** What was submitted for an accepted answer. */
export interface Submission {
  readonly request: Request | SignedRequest;
  readonly statement: Statement;
  /** One piece for each selector of the request. */
  readonly evidence: readonly string[];
}

/**
 * Evidence of an accepted answer, from the calldata of the transaction that submitted it. Request, output and
 * beneficiary in it are compared with the id and the event.
 * @throws {OperatorError} when the transaction calls another contract that calls the hub: the evidence is then not in its
 * calldata.
 * @throws {EventMismatchError} when calldata and event contradict each other.
 */
export async function readSubmission(hub: HubClient, answer: FoundAnswer): Promise<Submission> {
  const transaction = await hub.contract
    .runner!.provider!.getTransaction(answer.transactionHash)
    .catch((cause: unknown) => {
      throw contractErrorOf(`reading transaction ${answer.transactionHash}`, cause);
    });
  if (transaction === null)
    throw new EventMismatchError(`The node has the event but not transaction ${answer.transactionHash}.`);
  const domain = await hub.domain();
  const call =
    transaction.to?.toLowerCase() === hub.address.toLowerCase()
      ? hub.contract.interface.parseTransaction({ data: transaction.data })
      : null;
  for (const item of itemsOf(call?.name, call?.args)) {
    const request = item.signed ? unpackSignedRequest(item.request) : unpackRequest(item.request);
    const id =
      "nonce" in request
        ? signedRequestId(hub.address, domain.chainId, request)
        : requestId(hub.address, domain.chainId, request);
    if (id !== answer.id) continue;
    if (item.output.toLowerCase() !== answer.output.toLowerCase() || item.beneficiary !== answer.beneficiary) {
      throw new EventMismatchError(`Event and calldata of ${answer.transactionHash} do not name the same answer.`);
    }
    const statement = statementOf(domain, request, item.output, item.beneficiary);
    return { request, statement, evidence: item.evidence };
  }
  throw new OperatorError(
    OperatorErrorCode.Unknown,
    `Transaction ${answer.transactionHash} settled ${answer.id} through another contract, so its evidence is not in the ` +
      "calldata; ask the node's operator for the receipt.",
  );
}

interface SubmittedItem {
  readonly signed: boolean;
  readonly request: PackedRequest;
  readonly output: string;
  readonly beneficiary: string;
  readonly evidence: readonly string[];
}

function itemsOf(name: string | undefined, args: Result | undefined): SubmittedItem[] {
  if (args === undefined) return [];
  switch (name) {
    case "fulfil":
      return [itemOf(args[0], args[1], args[2], args[3], false)];
    case "settleSigned":
      return [itemOf(args[0], args[2], args[3], args[4], true)];
    case "fulfilBatch":
      return (args[0] as Result[]).map(([request, output, beneficiary, evidence]) =>
        itemOf(request, output, beneficiary, evidence, false),
      );
    default:
      return [];
  }
}

function itemOf(
  request: unknown,
  output: unknown,
  beneficiary: unknown,
  evidence: unknown,
  signed: boolean,
): SubmittedItem {
  return {
    signed,
    request: (request as Result).toObject() as unknown as PackedRequest,
    output: output as string,
    beneficiary: beneficiary as string,
    evidence: [...(evidence as Result)] as string[],
  };
}
