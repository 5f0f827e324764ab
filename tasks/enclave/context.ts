import { enclaveContext } from "@assay/nodes/operator";
import { concat, ZeroHash, zeroPadBytes } from "ethers";

import { action } from "../shared/action.ts";
import { id, integer, required } from "../shared/options.ts";
import { fields } from "../shared/report.ts";
import { openSigningSession } from "../shared/session.ts";
import { type KeyArguments, keyOf, registryOf } from "./registry.ts";

type Text = string | undefined;
interface Arguments extends KeyArguments {
  readonly endpoint: Text;
  readonly gpuClaims: Text;
  readonly challengeBlock: Text;
}

/** What evidence of an enclave, and its key's signature, must bind to be registered by the account. */
export default action<Arguments>(async (args, { hre }) => {
  const policy = id("policy", required(args, "policy", "the policy to register under"));
  const session = await openSigningSession(hre, args);
  const registry = await registryOf(session, session.chain.provider).getAddress();
  const key = await keyOf(hre, session, args);
  const block =
    args.challengeBlock === undefined
      ? undefined
      : integer("challengeBlock", args.challengeBlock, 0, Number.MAX_SAFE_INTEGER);
  const gpuClaims = args.gpuClaims === undefined ? ZeroHash : id("gpuClaims", args.gpuClaims);
  const operator = session.account.address;
  const endpoint = args.endpoint ?? "";
  const { challenge, challengeBlock, context } = await enclaveContext(
    session.chain.provider,
    { registry, policy, operator, key, endpoint, gpuClaims },
    block,
  );
  const data = {
    policy,
    operator,
    key: key.data,
    keyKind: key.kind,
    endpoint,
    gpuClaims,
    challengeBlock,
    challenge,
    context,
    // By the binding scheme: what the enclave asks its hardware to attest.
    userData: context,
    reportData: zeroPadBytes(context, 64),
    ...(key.kind === 1 ? { addressNonceReportData: concat([zeroPadBytes(key.data, 32), challenge]) } : {}),
  };
  const text = fields([
    ["policy", policy],
    ["operator", operator],
    ["key", key.data],
    ["endpoint", endpoint === "" ? "-" : endpoint],
    ["challenge block", `${challengeBlock}; good for the 256 blocks after it`],
    ["challenge", challenge],
    ["context, which the key signs", context],
    ["canonical: user data (AWS)", data.userData],
    ["canonical: report data (Intel)", data.reportData],
    ...("addressNonceReportData" in data
      ? ([["address-nonce: report data (Intel)", data.addressNonceReportData]] as const)
      : []),
  ]);
  return { data, text };
});
