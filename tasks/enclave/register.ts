import { DevelopmentEnclave } from "@assay/nodes/enclave";
import { registerEnclave } from "@assay/nodes/operator";
import { ZERO_HASH } from "@assay/sdk";

import { action } from "../shared/action.ts";
import { requireLocal } from "../shared/chain.ts";
import { keyPath, readOrMakeKey } from "../shared/keys.ts";
import { duration, id } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSigningSession } from "../shared/session.ts";
import { showTime } from "../shared/time.ts";
import { readVersion } from "../shared/version.ts";
import { programDigest } from "./identity.ts";
import { type EvidenceArguments, registerWithEvidence } from "./register-evidence.ts";

type Text = string | undefined;
interface Arguments extends EvidenceArguments {
  readonly versionId: Text;
  readonly code: Text;
  readonly maxKeyAge: Text;
  readonly blobs: Text;
}

const DAY = 86_400;

/** A key with evidence of real hardware, or a development enclave's key from nothing to registered. */
export default action<Arguments>(async (args, tools) => {
  if (args.evidence !== undefined) return await registerWithEvidence(args, tools);
  const { hre, progress } = tools;
  const policy = args.policy === undefined ? undefined : id("policy", args.policy);
  const versionId = args.versionId === undefined ? undefined : id("versionId", args.versionId);
  const maxKeyAge = args.maxKeyAge === undefined ? 30 * DAY : duration("maxKeyAge", args.maxKeyAge, 3_650 * DAY);
  const { chain, addresses, account } = await openSigningSession(hre, args);
  requireLocal(chain, "The development root", "real enclaves register with evidence of their hardware");
  const model =
    versionId === undefined ? ZERO_HASH : (await readVersion(chain.provider, addresses, versionId)).manifestDigest;
  const identity = { model, code: await programDigest(hre, args.code) };
  const path = args.keyFile ?? keyPath(hre, "enclave", chain.chainId);
  const { key, made } = await readOrMakeKey(path);
  const registered = await progress("registering", (onStep) =>
    registerEnclave(account, addresses, {
      enclave: new DevelopmentEnclave(identity, key.privateKey),
      endpoint: args.endpoint ?? "",
      maxKeyAge,
      onStep,
      ...(policy === undefined ? {} : { policy }),
    }),
  );
  const text = fields([
    ["policy", `${registered.policy}${policy === undefined ? " (new, yours)" : ""}`],
    ["key", registered.key],
    ["key file", `${path}${made ? " (new; development only)" : ""}`],
    ["measurement", registered.measurement],
    ["valid from", showTime(registered.from)],
    ["valid until", showTime(registered.until)],
    ["prepared", registered.prepared.length === 0 ? "-" : registered.prepared.join(", ")],
    ["transaction", registered.transactionHash],
  ]);
  return { data: { ...registered, keyFile: path, keyMade: made }, text };
});
