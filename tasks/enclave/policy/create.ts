import { ChangeKind, measurementChange, policyChange, type PolicyTerms } from "@assay/nodes/enclave";
import { eventOf, send } from "@assay/nodes/operator";
import { hexlify, randomBytes, ZeroAddress } from "ethers";

import { action } from "../../shared/action.ts";
import { addressOf, duration, id, integer, required } from "../../shared/options.ts";
import { fields } from "../../shared/report.ts";
import { contractOf, SCHEMES, VERIFIERS } from "../attestation.ts";
import { flagsOf, listRows, MAX_SECONDS, secondsOf, showFlags, showStatuses, statusesOf, timeOf } from "./change.ts";
import { openOwnPolicies } from "./session.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly test: boolean;
  readonly platformList: boolean;
  readonly guardian: Text;
  readonly delay: Text;
  readonly maxKeyAge: Text;
  readonly maxEvidenceAge: Text;
  readonly heartbeat: Text;
  readonly keysPerPlatform: Text;
  readonly minTcbEval: Text;
  readonly statuses: Text;
  readonly flags: Text;
  readonly verifiers: Text;
  readonly schemes: Text;
  readonly measurements: Text;
  readonly until: Text;
  readonly account: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

const DAY = 86_400;

/** Makes a policy of the account's; what it lists at first needs no delay. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const terms = termsOf(args);
  const measurements = split(args.measurements).map((one) => id("measurements", one));
  const until = measurements.length === 0 ? 0 : timeOf("until", required(args, "until", "when the measurements end"));
  const { account, known, registry } = await openOwnPolicies(hre, args);
  const verifiers = split(args.verifiers).map((one) => contractOf("verifiers", one, VERIFIERS, known));
  const schemes = split(args.schemes ?? "canonical").map((one) => contractOf("schemes", one, SCHEMES, known));
  const initial = [
    ...verifiers.map((verifier) => policyChange(ChangeKind.Verifier, verifier)),
    ...schemes.map((scheme) => policyChange(ChangeKind.Scheme, scheme)),
    ...measurements.map((measurement) => measurementChange(measurement, 0, until)),
  ];
  const receipt = await progress("creating the policy", () =>
    send(registry, "createPolicy", [terms, initial, hexlify(randomBytes(32))]),
  );
  const policy = (await eventOf(registry, receipt, "PolicyCreated")).args["policy"] as string;
  const data = { policy, owner: account.address, terms, verifiers, schemes, measurements, until };
  const text = fields([
    ["policy", policy],
    ["owner", account.address],
    ["guardian", terms.guardian === ZeroAddress ? "none" : terms.guardian],
    ["test", terms.test ? "yes: its keys count on local chains only" : "no"],
    ["delay", `${terms.delay} s`],
    ...listRows("verifiers", verifiers, "none yet"),
    ...listRows("schemes", schemes, "none yet"),
    ...listRows("measurements", measurements, "none yet"),
    ["statuses", showStatuses(terms.statuses)],
    ["flags", showFlags(terms.flags)],
    ["transaction", receipt.hash],
  ]);
  return { data: { ...data, transactionHash: receipt.hash }, text };
});

function termsOf(args: Arguments): PolicyTerms {
  const { test, platformList } = args;
  const seconds = (name: "maxEvidenceAge" | "heartbeat"): number =>
    args[name] === undefined ? 0 : secondsOf(name, args[name]);
  const number = (name: "keysPerPlatform" | "minTcbEval", most: number): number =>
    args[name] === undefined ? 0 : integer(name, args[name], 0, most);
  return {
    test,
    delay: args.delay === undefined ? (test ? 0 : 2 * DAY) : secondsOf("delay", args.delay),
    guardian: args.guardian === undefined ? ZeroAddress : addressOf("guardian", args.guardian),
    maxKeyAge: args.maxKeyAge === undefined ? 7 * DAY : duration("maxKeyAge", args.maxKeyAge, MAX_SECONDS),
    maxEvidenceAge: seconds("maxEvidenceAge"),
    heartbeat: seconds("heartbeat"),
    keysPerPlatform: number("keysPerPlatform", 16),
    minTcbEval: number("minTcbEval", 0xffffffff),
    statuses: statusesOf("statuses", args.statuses ?? "UpToDate"),
    flags: args.flags === undefined ? 0 : flagsOf("flags", args.flags),
    platformList,
  };
}

function split(list: Text): string[] {
  return list === undefined || list === "" ? [] : list.split(",").map((one) => one.trim());
}
