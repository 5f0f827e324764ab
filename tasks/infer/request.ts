import { join } from "node:path";

import { encodeRealInput, followRequest, sendRequest } from "@assay/nodes/operator";
import {
  encodeOpening,
  kindsInSet,
  type Manifest,
  MAX_CALLBACK_GAS,
  MAX_REQUEST_LIFETIME,
  openingOf,
  ProofKind,
  unpackPayment,
  ZERO_ADDRESS,
} from "@assay/sdk";
import { getBytes } from "ethers";

import { requireAnswerable } from "../enclave/policy/standing.ts";
import { requirePolicy } from "../enclave/registry.ts";
import { action } from "../shared/action.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { writeSecret } from "../shared/files.ts";
import { parseKinds, showKinds } from "../shared/kinds.ts";
import { readManifest } from "../shared/manifest.ts";
import { currencyOf, requireFunds } from "../shared/money.ts";
import { addressOf, amount, duration, id, integer, invalid, required, showAmount } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openBlobs, openSigningSession } from "../shared/session.ts";
import { showTime } from "../shared/time.ts";
import { readInput, requireCount } from "../shared/values.ts";
import { readVersion, type Version } from "../shared/version.ts";
import { describePolicy, givenPolicy, ownersPolicies, policyToAsk } from "./policy.ts";
import { answerText, showAnswer } from "./show.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly wait: boolean;
  readonly storeResult: boolean;
  readonly otherPolicy: boolean;
  readonly versionId: Text;
  readonly input: Text;
  readonly index: Text;
  readonly openings: Text;
  readonly kinds: Text;
  readonly policy: Text;
  readonly amount: Text;
  readonly token: Text;
  readonly deadline: Text;
  readonly callback: Text;
  readonly callbackGas: Text;
  readonly blobs: Text;
  readonly account: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

const DEFAULT_DEADLINE = "10m";
const DEFAULT_CALLBACK_GAS = 200_000;

/** Real input -> canonical tensor -> request; with `--wait` until it is answered. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const versionId = id("versionId", required(args, "versionId", "the id that `model publish` printed"));
  const real = await readInput(required(args, "input", "a JSON file of real values"), args.index);
  const kinds = parseKinds(args.kinds ?? "signature");
  const tee = kinds.some(({ kind }) => kind === ProofKind.Tee);
  const given = givenPolicy(args, tee);
  const lifetime = duration("deadline", args.deadline ?? DEFAULT_DEADLINE, Number(MAX_REQUEST_LIFETIME));
  const callback = callbackOf(args);

  const session = await openSigningSession(hre, args);
  const { chain, addresses, account, hub } = session;
  const version = await readVersion(chain.provider, addresses, versionId);
  const store = openBlobs(hre, args.blobs);
  requireKinds(kinds, version);
  const manifest = await readManifest(store, version.manifestDigest);
  const policy = tee ? policyToAsk(given, args, ownersPolicies(session, manifest)) : undefined;
  if (policy !== undefined) {
    await requirePolicy(session, policy);
    await requireAnswerable(session, policy);
  }
  requireCount(real, manifest.input);
  const encoded = encodeRealInput(manifest.input, real.values);
  const { input, opening } = await inputOf(manifest, encoded, args.openings);
  const price = unpackPayment(version.price);
  const token = args.token === undefined ? price.token : addressOf("token", args.token);
  const currency = await currencyOf(chain.provider, token);
  const paid = args.amount === undefined ? price.amount : amount("amount", args.amount, currency.decimals);
  const what = args.amount === undefined ? "The version's price (--amount)" : "--amount";
  await requireFunds(chain.provider, account.address, currency, paid, what);

  const found = await progress("sending the request", () =>
    sendRequest(account, addresses, {
      version: versionId,
      input,
      proofs: kinds.map(({ selector }) => selector),
      amount: paid,
      token,
      lifetime,
      callback,
      ...(policy === undefined ? {} : { enclavePolicy: policy }),
    }),
  );
  const { deadline } = found.request;
  const shownPolicy = policy === undefined ? undefined : describePolicy(session, manifest, policy);
  const data = {
    id: found.id,
    versionId,
    kinds: kinds.map(({ kind }) => kind),
    ...shownPolicy?.data,
    amount: paid,
    token,
    deadline: Number(deadline),
    blockNumber: found.blockNumber,
    transactionHash: found.transactionHash,
    ...(opening === undefined ? {} : { opening }),
  };
  const table: [string, unknown][] = [
    ["request", found.id],
    ["kinds", showKinds(data.kinds)],
    ["policy", shownPolicy?.text],
    ["paid", showAmount(paid, currency.decimals, currency.symbol)],
    ["answer until", showTime(deadline)],
    ["transaction", found.transactionHash],
    ...(opening === undefined ? [] : [["opens the input, private", opening] as [string, unknown]]),
  ];
  if (!args.wait) return { data, text: fields(table) };

  const followed = await progress(`waiting for the answer to ${found.id}`, (note) =>
    followRequest(hub, found, { onLook: (left, waited) => note(waitingWords(left, waited)) }),
  );
  if (followed.status !== "answered") {
    throw new TaskError(
      TaskErrorCode.TimedOut,
      `Request ${found.id} was not answered, it is ${followed.status}; ` +
        `\`npx hardhat infer reclaim --id ${found.id}\` gives the payment back.`,
    );
  }
  const answer = await showAnswer(session, store, versionId, followed.answer);
  table.push(
    ["answer", answerText(answer)],
    ["paid to", answer.beneficiary],
    ["answered by", `${answer.transactionHash} in block ${answer.blockNumber}`],
  );
  return { data: { ...data, answer }, text: fields(table) };
});

/**
 * The request's input: the tensor, or for a model that commits to it its commitment. Then what opens it is written first,
 * because without it nobody could ever answer.
 */
async function inputOf(
  { zk }: Manifest,
  encoded: Uint8Array,
  folder: Text,
): Promise<{ readonly input: Uint8Array; readonly opening?: string }> {
  if (zk?.binding?.input !== "committed") {
    if (folder === undefined) return { input: encoded };
    return invalid("openings", folder, "left out: the version takes its input in public");
  }
  const opening = openingOf(encoded);
  const into = required(
    { openings: folder },
    "openings",
    "the folder for what opens the input; the node must get that file",
  );
  const path = join(into, `${opening.commitment.slice(2)}.json`);
  await writeSecret(path, encodeOpening(opening));
  return { input: getBytes(opening.commitment), opening: path };
}

/** Seconds without an answer after which a user wonders; a node on the same machine needs fewer. */
const LONG_WAIT = 20;

function waitingWords(left: number, waited: number): string {
  const words = `${Math.max(0, left)} s left`;
  if (waited < LONG_WAIT) return words;
  return `${words}; perhaps no node serves this version with this evidence (\`npx hardhat runner start\`, and its log)`;
}

function requireKinds(asked: ReturnType<typeof parseKinds>, { versionId, kinds }: Version): void {
  const accepted = kindsInSet(kinds);
  if (asked.every(({ kind }) => accepted.includes(kind))) return;
  const words = showKinds(accepted).toLowerCase();
  invalid(
    "kinds",
    showKinds(asked.map(({ kind }) => kind)).toLowerCase(),
    `only what version ${versionId} accepts: ${words}`,
  );
}

function callbackOf({ callback, callbackGas, storeResult }: Arguments) {
  if (callback === undefined) {
    if (callbackGas !== undefined) {
      throw new TaskError(TaskErrorCode.OptionMissing, "--callback is missing; --callback-gas goes with it only.");
    }
    return { target: ZERO_ADDRESS, gas: 0n, storeResult, priced: false };
  }
  const gas =
    callbackGas === undefined ? DEFAULT_CALLBACK_GAS : integer("callbackGas", callbackGas, 1, Number(MAX_CALLBACK_GAS));
  return { target: addressOf("callback", callback), gas: BigInt(gas), storeResult, priced: false };
}
