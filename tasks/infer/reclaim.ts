import { eventOf } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { currencyOf } from "../shared/money.ts";
import { id, required, showAmount } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSigningSession } from "../shared/session.ts";
import { findRequest, requestNotFound } from "./find.ts";

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
