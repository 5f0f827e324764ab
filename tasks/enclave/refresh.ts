import { keyIdOf } from "@assay/nodes/enclave";
import { eventOf, send } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { id, required } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSigningSession } from "../shared/session.ts";
import { showTime } from "../shared/time.ts";
import { type KeyArguments, keyOf, registryOf } from "./registry.ts";

/** Holds a key against its policy as it is now. */
export default action<KeyArguments>(async (args, { hre, progress }) => {
  const policy = id("policy", required(args, "policy", "the policy of the key"));
  const session = await openSigningSession(hre, args);
  const registry = registryOf(session, session.account);
  const key = await keyOf(hre, session, args);
  const receipt = await progress("refreshing", () => send(registry, "refresh", [policy, keyIdOf(key)]));
  const event = (await eventOf(registry, receipt, "KeyRefreshed")).args;
  const data = {
    policy,
    key: key.data,
    from: Number(event["from"]),
    until: Number(event["until"]),
    transactionHash: receipt.hash,
  };
  const text = fields([
    ["policy", policy],
    ["key", key.data],
    ["valid from", showTime(data.from)],
    ["valid until", showTime(data.until)],
    ["transaction", receipt.hash],
  ]);
  return { data, text };
});
