import { findAnswer } from "@assay/nodes/operator";
import { kindsOf, ZERO_HASH } from "@assay/sdk";

import { obstacleOf, obstacleWords } from "../enclave/policy/standing.ts";
import { action } from "../shared/action.ts";
import { showKinds } from "../shared/kinds.ts";
import { currencyOf } from "../shared/money.ts";
import { id, required, showAmount } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openBlobs, openSession } from "../shared/session.ts";
import { showTime } from "../shared/time.ts";
import { findRequest, requestNotFound } from "./find.ts";
import { showPolicy } from "./policy.ts";
import { answerText, showAnswer } from "./show.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly id: Text;
  readonly fromBlock: Text;
  readonly blobs: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

/** Where a request stands: the hub's own words, its terms, and its answer where there is one. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const requestId = id("id", required(args, "id", "the id that `infer request` printed"));
  const session = await openSession(hre, args);
  const { hub, chain } = session;
  const found = await progress("reading events", () => findRequest(session, requestId, args.fromBlock));
  if (found === undefined) throw requestNotFound(session, requestId);
  const { request, blockNumber } = found;
  const [status, why, answer, currency] = await Promise.all([
    hub.status(requestId),
    hub.whyStuck(requestId),
    findAnswer(hub, requestId, blockNumber),
    currencyOf(chain.provider, request.token),
  ]);
  const store = openBlobs(hre, args.blobs);
  const shown = answer === undefined ? undefined : await showAnswer(session, store, request.version, answer);
  const policy = await showPolicy(session, store, request);
  const waits = status === "pending" && request.enclavePolicy !== ZERO_HASH;
  const obstacle =
    waits && session.addresses.enclaveRegistry !== undefined
      ? await obstacleOf(session, request.enclavePolicy)
      : undefined;
  // The hub forgets a settled request that asked for no stored result; its event does not.
  const known = status === "none" && shown !== undefined ? "fulfilled" : status;
  const words = withTimes(status === "none" && shown !== undefined ? "Nothing: it was answered and paid." : why);
  const data = {
    id: requestId,
    status: known,
    waitsFor: words,
    versionId: request.version,
    requester: request.requester,
    kinds: kindsOf(request.proofs),
    ...policy?.data,
    policyObstacle: obstacle?.what,
    amount: request.amount,
    token: request.token,
    deadline: Number(request.deadline),
    blockNumber,
    answer: shown,
  };
  const text = fields([
    ["request", requestId],
    ["status", known],
    ["waits for", words],
    ["version", request.version],
    ["requester", request.requester],
    ["kinds", showKinds(data.kinds)],
    ["policy", policy?.text],
    ["policy now", obstacle && obstacleWords(obstacle)],
    ["paid", showAmount(request.amount, currency.decimals, currency.symbol)],
    ["answer until", showTime(request.deadline)],
    ["answer", shown && answerText(shown)],
    ["answered by", shown && `${shown.transactionHash} in block ${shown.blockNumber}`],
    ["paid to", shown?.beneficiary],
  ]);
  return { data, text };
});

/** The hub's words, whose times are Unix seconds, as people read them. */
function withTimes(words: string): string {
  return words.replace(/\btime (\d{1,13})\b/g, (_, seconds: string) => showTime(Number(seconds)));
}
