import { read, registerEvidence } from "@assay/nodes/operator";
import { inspectEvidence } from "@assay/sdk";
import { isHexString, SigningKey } from "ethers";

import type { Tools } from "../shared/action.ts";
import { TaskError, TaskErrorCode } from "../shared/error.ts";
import { readKey } from "../shared/keys.ts";
import { id, integer, invalid, required } from "../shared/options.ts";
import { fields, type View } from "../shared/report.ts";
import { openSigningSession } from "../shared/session.ts";
import { showTime } from "../shared/time.ts";
import { contractOf, findAttestation, SCHEMES, VERIFIERS } from "./attestation.ts";
import { readEvidence } from "./evidence/file.ts";
import { keyOf, registryOf } from "./registry.ts";

type Text = string | undefined;
export interface EvidenceArguments {
  readonly json: boolean;
  readonly policy: Text;
  readonly key: Text;
  readonly keyFile: Text;
  readonly keySignature: Text;
  readonly endpoint: Text;
  readonly gpuClaims: Text;
  readonly evidence: Text;
  readonly challengeBlock: Text;
  readonly verifier: Text;
  readonly scheme: Text;
  readonly aux: Text;
  readonly cache: boolean;
  readonly account: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

const TYPES = { "aws.nitro": "nitro", "intel.sgx": "sgx", "intel.tdx": "tdx" } as const;
const MAX_AUX_BYTES = 4_096;

/** Registers the key that evidence of real hardware speaks for. */
export async function registerWithEvidence(args: EvidenceArguments, { hre, progress }: Tools): Promise<View> {
  const evidence = await readEvidence(required(args, "evidence", "the file of evidence"));
  const policy = id("policy", required(args, "policy", "the policy to register under"));
  const blockText = required(args, "challengeBlock", "the block that `enclave context` named");
  const challengeBlock = integer("challengeBlock", blockText, 0, Number.MAX_SAFE_INTEGER);
  const gpuClaims = args.gpuClaims === undefined ? undefined : id("gpuClaims", args.gpuClaims);
  const aux = args.aux === undefined ? undefined : hexOf("aux", args.aux, MAX_AUX_BYTES);
  if (args.keySignature !== undefined && args.key === undefined) {
    throw new TaskError(TaskErrorCode.OptionMissing, "--key is missing; give the key that made --key-signature.");
  }
  const { type } = inspectEvidence(evidence);
  const session = await openSigningSession(hre, args);
  const known = await findAttestation(hre, session.chain, args.deployment);
  const verifier = contractOf("verifier", args.verifier ?? TYPES[type], VERIFIERS, known);
  const scheme =
    (args.scheme ?? "canonical") === "canonical"
      ? await read<string>(registryOf(session, session.chain.provider), "CANONICAL_BINDING")
      : contractOf("scheme", args.scheme!, SCHEMES, known);
  const key = await keyOf(hre, session, args);
  const sign = await signerOf(args);
  const registered = await progress("registering", (onStep) =>
    registerEvidence(session.account, session.addresses, {
      policy,
      verifier,
      scheme,
      key,
      sign,
      evidence,
      challengeBlock,
      endpoint: args.endpoint ?? "",
      cache: args.cache,
      onStep,
      ...(gpuClaims === undefined ? {} : { gpuClaims }),
      ...(aux === undefined ? {} : { aux }),
    }),
  );
  const text = fields([
    ["policy", policy],
    ["key", key.data],
    ["key id", registered.keyId],
    ["evidence", type],
    ["measurement", registered.measurement],
    ["platform", registered.platform],
    ["valid from", showTime(registered.from)],
    ["valid until", showTime(registered.until)],
    ...registered.prepared.map(({ what, gas }) => [`kept: ${what}`, `${gas.toLocaleString("en")} gas`] as const),
    ["gas", registered.gas.toLocaleString("en")],
    ["transaction", registered.transactionHash],
  ]);
  return { data: { ...registered, key: key.data, type, verifier, scheme }, text };
}

/** What signs for the key: a signature made in the enclave, or a secp256k1 key in a file. */
async function signerOf({ keyFile, keySignature }: EvidenceArguments): Promise<(context: string) => string> {
  if (keySignature !== undefined) {
    const signature = hexOf("keySignature", keySignature, 512);
    return () => signature;
  }
  if (keyFile === undefined) {
    throw new TaskError(
      TaskErrorCode.OptionMissing,
      "--key-signature is missing; give the key's signature of the context that `enclave context` printed, or --key-file.",
    );
  }
  const signing = new SigningKey((await readKey(keyFile)).privateKey);
  return (context) => signing.sign(context).serialized;
}

function hexOf(name: string, value: string, limit: number): string {
  if (isHexString(value) && value.length % 2 === 0 && value.length <= 2 + 2 * limit) return value;
  return invalid(name, value, `at most ${limit} bytes in hexadecimal, with 0x`);
}
