import { eventOf, findAnswer } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { currencyOf } from "../shared/money.ts";
import { id, required, showAmount } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSigningSession, type Session } from "../shared/session.ts";
import { type FoundItem, findRequest, requestNotFound } from "./find.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly withdraw: boolean;
  readonly id: Text;
  readonly fromBlock: Text;
  readonly account: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

/** Reclaims an expired request for its requester; anyone may. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const requestId = id("id", required(args, "id", "the id that `infer request` printed"));
  const session = await openSigningSession(hre, args);
  const { hub, chain, account } = session;
  const found = await progress("reading events", () => findRequest(session, requestId, args.fromBlock));
  if (found === undefined) throw requestNotFound(session, requestId);
  await requireOpen(session, found);
  const { token, amount, requester } = found.request;
  const { decimals, symbol } = await currencyOf(chain.provider, token);
  const receipt = await progress("reclaiming", () => hub.reclaim(found.request));
  await eventOf(hub.contract, receipt, "Reclaimed");
  let withdrawn: bigint | undefined;
  if (args.withdraw) {
    const { balance } = await hub.creditOf(token, account.address);
    if (balance > 0n) await progress("withdrawing", () => hub.withdraw(token, account.address, balance));
    withdrawn = balance;
  }
  const data = { id: requestId, requester, amount, token, withdrawn, transactionHash: receipt.hash };
  const text = fields([
    ["request", requestId],
    ["credited", `${showAmount(amount, decimals, symbol)} to ${requester}`],
    ["withdrawn", withdrawn === undefined ? "-" : `${showAmount(withdrawn, decimals, symbol)} to ${account.address}`],
    ["transaction", receipt.hash],
  ]);
  return { data, text };
});

/** Throws when there is nothing to give back: the request was answered, or reclaimed before. */
async function requireOpen({ hub }: Session, { id: requestId, blockNumber }: FoundItem): Promise<void> {
  const status = await hub.status(requestId);
  if (status === "reclaimed") {
    throw new TaskError(
      TaskErrorCode.NotFound,
      `Request ${requestId} was reclaimed already; its payment is the requester's credit.`,
    );
  }
  if (status === "pending" || status === "expired") return;
  const answer = await findAnswer(hub, requestId, blockNumber);
  if (answer === undefined) return;
  throw new TaskError(
    TaskErrorCode.NotFound,
    `Request ${requestId} was answered already, by ${answer.transactionHash} in block ${answer.blockNumber}, and ` +
      `${answer.beneficiary} was paid; there is nothing to reclaim. \`npx hardhat infer status\` shows the answer.`,
  );
}
