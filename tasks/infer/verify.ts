import { findAnswer, verifyAnswer } from "@assay/nodes/operator";
import { encodeReceipt, type EvidenceVerdict, kindName } from "@assay/sdk";

import { action } from "../shared/action.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { writeWhole } from "../shared/files.ts";
import { id, required } from "../shared/options.ts";
import { fields, rows } from "../shared/report.ts";
import { openBlobs, openSession, searchRange } from "../shared/session.ts";
import { answerText, showAnswer } from "./show.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly id: Text;
  readonly receipt: Text;
  readonly fromBlock: Text;
  readonly blobs: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

/** Checks every piece of evidence of an accepted answer again; fails when one does not hold. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const requestId = id("id", required(args, "id", "the id that `infer request` printed"));
  const session = await openSession(hre, args);
  const { hub, chain, addresses } = session;
  const store = openBlobs(hre, args.blobs);
  const answer = await progress("reading events", async () => {
    const [from] = await searchRange(chain, args.fromBlock);
    return await findAnswer(hub, requestId, from);
  });
  if (answer === undefined) {
    throw new TaskError(
      TaskErrorCode.NotFound,
      `No accepted answer to ${requestId} is in the searched events of hub ${addresses.hub}; ` +
        "`npx hardhat infer status` says where it stands, --from-block searches further back.",
    );
  }
  const { holds, evidence, submission, receipt } = await progress("checking evidence", () =>
    verifyAnswer(hub, addresses, store, answer),
  );
  if (args.receipt !== undefined) await writeWhole(args.receipt, encodeReceipt(receipt));
  if (!holds) {
    const failed = evidence.filter((verdict) => !verdict.holds).map(words);
    throw new TaskError(TaskErrorCode.NotVerified, `The evidence of ${requestId} does not hold: ${failed.join("; ")}.`);
  }
  const shown = await showAnswer(session, store, submission.statement.version, answer);
  const data = {
    id: requestId,
    holds,
    evidence: evidence.map((verdict) => ({ kind: kindOf(verdict), ...verdict })),
    statement: submission.statement,
    answer: shown,
    receipt: args.receipt,
  };
  const verdicts = rows(
    ["evidence", "selector", "verdict", "signer"],
    evidence.map((verdict) => [
      kindOf(verdict),
      verdict.selector,
      verdict.holds ? "holds" : verdict.reason,
      verdict.signer,
    ]),
  );
  const rest = fields([
    ["request", requestId],
    ["version", submission.statement.version],
    ["answer", answerText(shown)],
    ["paid to", shown.beneficiary],
    ["answered by", `${shown.transactionHash} in block ${shown.blockNumber}`],
    ["receipt", args.receipt],
  ]);
  return { data, text: `${verdicts}\n${rest}` };
});

function kindOf({ selector }: EvidenceVerdict): string {
  return kindName(Number.parseInt(selector.slice(2, 4), 16));
}

function words(verdict: EvidenceVerdict): string {
  return `${kindOf(verdict)}: ${verdict.detail ?? verdict.reason}`;
}
