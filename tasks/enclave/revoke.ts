import { keyIdOf } from "@assay/nodes/enclave";
import { send } from "@assay/nodes/operator";

import { action } from "../shared/action.ts";
import { id, required } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSigningSession } from "../shared/session.ts";
import { type KeyArguments, keyOf, registryOf } from "./registry.ts";

/** Revokes a key, by its operator or the policy's owner or guardian. */
export default action<KeyArguments>(async (args, { hre, progress }) => {
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
