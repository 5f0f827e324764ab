import { keyIdOf } from "@assay/nodes/enclave";
import { send } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { id, required } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSigningSession } from "../shared/session.ts";
import { keyOf, registryOf } from "./registry.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly policy: Text;
  readonly key: Text;
  readonly keyFile: Text;
  readonly account: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

/** Revokes a key, by its operator or the policy's owner or guardian. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const policy = id("policy", required(args, "policy", "the id that `enclave register` printed"));
  const session = await openSigningSession(hre, args);
  const registry = registryOf(session, session.account);
  const key = await keyOf(hre, session, args);
  const receipt = await progress("revoking", () => send(registry, "revokeKey", [policy, keyIdOf(key)]));
  const text = fields([
    ["policy", policy],
    ["key", `${key.data} revoked`],
    ["transaction", receipt.hash],
  ]);
  return { data: { policy, key: key.data, transactionHash: receipt.hash }, text };
});
