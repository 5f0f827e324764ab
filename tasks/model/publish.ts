import { publishModel } from "@assay/nodes/operator";
import { ProofKind, ZERO_ADDRESS } from "@assay/sdk";

import { action } from "../shared/action.ts";
import { parseKinds, showKinds } from "../shared/kinds.ts";
import { modelDir } from "../shared/model-dir.ts";
import { currencyOf } from "../shared/money.ts";
import { addressOf, amount, id, integer, required } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { blobFolder, openBlobs, openSigningSession } from "../shared/session.ts";
import { enclavePoliciesOf, enclavePolicyRows, enclavePolicyWarnings } from "./policies.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly dir: Text;
  readonly name: Text;
  readonly kinds: Text;
  readonly price: Text;
  readonly priceToken: Text;
  readonly royaltyReceiver: Text;
  readonly major: Text;
  readonly minor: Text;
  readonly licence: Text;
  readonly description: Text;
  readonly modelId: Text;
  readonly verifier: Text;
  readonly uri: Text;
  readonly enclavePolicies: Text;
  readonly blobs: Text;
  readonly account: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

const UINT16 = 65_535;

/** Model folder -> blobs, verifier, model, version. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const name = required(args, "name", "a name; your models are told apart by it");
  const kinds = parseKinds(args.kinds ?? "signature").map(({ kind }) => kind);
  const folder = await modelDir(args);
  const session = await openSigningSession(hre, args);
  const { chain, addresses, account } = session;
  const enclavePolicies = await enclavePoliciesOf(session, args.enclavePolicies, kinds);
  const warnings = await enclavePolicyWarnings(session, enclavePolicies);
  const currency = await currencyOf(chain.provider, priceToken(args.priceToken));
  const published = await progress("publishing", (onStep) =>
    publishModel(account, addresses, openBlobs(hre, args.blobs), folder, {
      name,
      kinds,
      enclavePolicies,
      licence: args.licence ?? "NOASSERTION",
      onStep,
      ...(args.description === undefined ? {} : { description: args.description }),
      ...(args.major === undefined ? {} : { major: integer("major", args.major, 0, UINT16) }),
      ...(args.minor === undefined ? {} : { minor: integer("minor", args.minor, 0, UINT16) }),
      ...(args.price === undefined
        ? {}
        : { price: amount("price", args.price, currency.decimals), priceToken: currency.token }),
      ...(args.royaltyReceiver === undefined
        ? {}
        : { royaltyReceiver: addressOf("royaltyReceiver", args.royaltyReceiver) }),
      ...(args.modelId === undefined ? {} : { modelId: id("modelId", args.modelId) }),
      ...(args.verifier === undefined ? {} : { verifier: addressOf("verifier", args.verifier) }),
      ...(args.uri === undefined ? {} : { uri: args.uri }),
    }),
  );
  const text = fields([
    ["model", published.modelId],
    ["version", published.versionId],
    ["number", `${published.major}.${published.minor}`],
    ["kinds", showKinds(published.kinds)],
    ["manifest", published.manifestDigest],
    ...enclavePolicyRows(enclavePolicies, session),
    ["verifier", kinds.includes(ProofKind.Zkml) ? published.verifier : "-"],
    ["blobs", blobFolder(hre, args.blobs)],
    ["transaction", published.transactionHash],
    ...warnings.map((warning) => ["warning", warning] as const),
  ]);
  return { data: { ...published, enclavePolicies, warnings }, text };
});

function priceToken(token: string | undefined): string {
  return token === undefined ? ZERO_ADDRESS : addressOf("priceToken", token);
}
