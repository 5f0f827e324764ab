import { type BlobStore, findAnswer, type FoundAnswer, verifyAnswer, verifyEvidence } from "@assay/nodes/operator";
import { encodeReceipt, type EvidenceVerdict, kindName, parseReceipt, type Receipt, type Statement } from "@assay/sdk";
import { keccak256 } from "ethers";

import { action } from "../shared/action.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { FILE_LIMITS, readBounded, writeWhole } from "../shared/files.ts";
import { id, required } from "../shared/options.ts";
import { fields, rows } from "../shared/report.ts";
import { openBlobs, openSession, searchRange, type Session } from "../shared/session.ts";
import { findRequest } from "./find.ts";
import { showPolicy } from "./policy.ts";
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

/**
 * Checks every piece of evidence of an accepted answer again; fails when one does not hold. With `--id` the evidence is
 * that of the transaction, and `--receipt` says where to write it; without, the receipt in that file is checked.
 */
export default action<Arguments>(async (args, { hre, progress }) => {
  const given = args.id === undefined && args.receipt !== undefined ? await readReceipt(args.receipt) : undefined;
  const requestId =
    given?.statement.requestId ??
    id("id", required(args, "id", "the id that `infer request` printed, or --receipt alone with a receipt to check"));
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
  const { holds, evidence, statement, receipt } = await progress("checking evidence", async () =>
    given === undefined
      ? await checkAnswer(session, store, answer)
      : await checkReceipt(session, store, answer, given, args.fromBlock),
  );
  if (given === undefined && args.receipt !== undefined) await writeWhole(args.receipt, encodeReceipt(receipt));
  if (!holds) {
    const failed = evidence.filter((verdict) => !verdict.holds).map(words);
    throw new TaskError(TaskErrorCode.NotVerified, `The evidence of ${requestId} does not hold: ${failed.join("; ")}.`);
  }
  const shown = await showAnswer(session, store, statement.version, answer);
  const policy = await showPolicy(session, store, statement);
  const data = {
    id: requestId,
    holds,
    evidence: evidence.map((verdict) => ({ kind: kindOf(verdict), ...verdict })),
    statement,
    ...policy?.data,
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
    ["version", statement.version],
    ["policy", policy?.text],
    ["answer", answerText(shown)],
    ["paid to", shown.beneficiary],
    ["answered by", `${shown.transactionHash} in block ${shown.blockNumber}`],
    ["receipt", args.receipt],
  ]);
  return { data, text: `${verdicts}\n${rest}` };
});

interface Checked {
  readonly holds: boolean;
  readonly evidence: readonly EvidenceVerdict[];
  readonly statement: Statement;
  readonly receipt: Receipt;
}

async function checkAnswer({ hub, addresses }: Session, store: BlobStore, answer: FoundAnswer): Promise<Checked> {
  const { submission, ...rest } = await verifyAnswer(hub, addresses, store, answer);
  return { ...rest, statement: submission.statement };
}

/** The receipt must be of the answer that the hub accepted, and its evidence hold as of that block. */
async function checkReceipt(
  session: Session,
  store: BlobStore,
  answer: FoundAnswer,
  receipt: Receipt,
  fromBlock: string | undefined,
): Promise<Checked> {
  const { hub, addresses } = session;
  const { statement } = receipt;
  // A request that was signed off chain has no event; its evidence is then taken as it is.
  const found = await findRequest(session, statement.requestId, fromBlock);
  const terms = {
    block: answer.blockNumber,
    ...(found === undefined ? {} : { requires: found.request.proofs }),
  };
  const { holds, evidence } = await verifyEvidence(hub, addresses, store, receipt, terms);
  if (statement.outputHash !== keccak256(answer.output) || statement.beneficiary !== answer.beneficiary) {
    throw new TaskError(
      TaskErrorCode.NotVerified,
      `The receipt is not of the answer that the hub accepted: output or beneficiary differ from ${answer.transactionHash}.`,
    );
  }
  return { holds, evidence, statement, receipt };
}

async function readReceipt(path: string): Promise<Receipt> {
  const bytes = await readBounded(path, FILE_LIMITS.json, "a receipt that `infer verify` wrote, or --id for a new one");
  return parseReceipt(new TextDecoder().decode(bytes));
}

function kindOf({ selector }: EvidenceVerdict): string {
  return kindName(Number.parseInt(selector.slice(2, 4), 16));
}

function words(verdict: EvidenceVerdict): string {
  return `${kindOf(verdict)}: ${verdict.detail ?? verdict.reason}`;
}
