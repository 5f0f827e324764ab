import { expect } from "chai";

import { judge } from "../../../nodes/gpu/accept/judge.ts";
import type { AcceptTerms } from "../../../nodes/gpu/accept/types.ts";
import { type Request, SIGNATURE_V1, TEE_V1, ZERO_ADDRESS, ZERO_HASH } from "../../../sdk/src/index.ts";

const VERSION = `0x${"0a".repeat(32)}`;
const POLICY = `0x${"0b".repeat(32)}`;
const NOW = 1_000;

const request: Request = {
  version: VERSION,
  inputHash: ZERO_HASH,
  paramsHash: ZERO_HASH,
  proofs: [SIGNATURE_V1, TEE_V1],
  enclavePolicy: POLICY,
  token: ZERO_ADDRESS,
  amount: 5n,
  callback: { target: ZERO_ADDRESS, gas: 100n, storeResult: false, priced: false },
  deadline: 1_030n,
  requester: ZERO_ADDRESS,
  createdAt: 1n,
  salt: 0n,
};
const terms: AcceptTerms = {
  models: new Set([VERSION]),
  selectors: new Set([SIGNATURE_V1, TEE_V1]),
  enclavePolicy: POLICY,
  maxInputBytes: 70,
  maxCallbackGas: 100n,
  minSecondsLeft: 30,
  minPayment: { [ZERO_ADDRESS]: 1n },
};

describe("judge", () => {
  const reason = (change: Partial<Request>, bytes = 70, other: Partial<AcceptTerms> = {}): string | undefined =>
    judge({ ...request, ...change }, bytes, { ...terms, ...other }, NOW)?.reason;

  it("takes a request at every limit", () => {
    expect(reason({})).to.equal(undefined);
    expect(reason({ version: POLICY }, 70, { models: undefined })).to.equal(undefined);
    expect(reason({ proofs: [SIGNATURE_V1], enclavePolicy: ZERO_HASH })).to.equal(undefined);
  });

  it("declines one past each limit, with the reason", () => {
    expect(reason({ version: POLICY })).to.equal("model-not-served");
    expect(reason({ proofs: ["0x01000002"] })).to.equal("proof-not-served");
    expect(reason({ enclavePolicy: VERSION })).to.equal("enclave-policy-not-served");
    expect(reason({ paramsHash: VERSION })).to.equal("params-not-supported");
    expect(reason({}, 71)).to.equal("input-too-long");
    expect(reason({ callback: { ...request.callback, gas: 101n } })).to.equal("callback-too-dear");
    expect(reason({ token: `0x${"11".repeat(20)}` })).to.equal("token-not-accepted");
    expect(reason({ deadline: 1_029n })).to.equal("deadline-too-near");
  });
});
