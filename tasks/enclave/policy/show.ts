import { ChangeKind, type PolicyTerms } from "@assay/nodes/enclave";
import { read } from "@assay/nodes/operator";
import { ZeroAddress } from "ethers";

import { action } from "../../shared/action.ts";
import { id, required } from "../../shared/options.ts";
import { fields, rows } from "../../shared/report.ts";
import { showTime } from "../../shared/time.ts";
import { known as exists } from "../registry.ts";
import { listRows, showChange, showContract, showFlags, showStatuses } from "./change.ts";
import { historyOf, openPolicies, type PolicySession } from "./session.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly policy: Text;
  readonly fromBlock: Text;
  readonly hub: Text;
  readonly deployment: Text;
}

type RawTerms = { readonly [Name in keyof PolicyTerms]: PolicyTerms[Name] extends number ? bigint : PolicyTerms[Name] };

const LISTS = [
  ["verifiers", ChangeKind.Verifier],
  ["schemes", ChangeKind.Scheme],
  ["advisories", ChangeKind.Advisories],
  ["platforms allowed", ChangeKind.PlatformAllowed],
  ["platforms denied", ChangeKind.PlatformDenied],
] as const;

/** What a policy asks now, what it lists, and what waits. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const policy = id("policy", required(args, "policy", "the id that `enclave policy create` printed"));
  const opened = await openPolicies(hre, args);
  const { known, registry } = opened;
  const owner = await exists(
    read<string>(registry, "ownerOf", [policy]),
    `No policy has the id ${policy} on this chain.`,
  );
  const [raw, epoch, paused] = await read<[RawTerms, bigint, boolean]>(registry, "policyOf", [policy]);
  const { lists, measurements, pending } = await progress("reading the policy's events", () =>
    listed(opened, policy, args.fromBlock),
  );
  const terms: PolicyTerms = {
    test: raw.test,
    delay: Number(raw.delay),
    guardian: raw.guardian,
    maxKeyAge: Number(raw.maxKeyAge),
    maxEvidenceAge: Number(raw.maxEvidenceAge),
    heartbeat: Number(raw.heartbeat),
    keysPerPlatform: Number(raw.keysPerPlatform),
    minTcbEval: Number(raw.minTcbEval),
    statuses: Number(raw.statuses),
    flags: Number(raw.flags),
    platformList: raw.platformList,
  };
  const waiting = pending.map(({ change, readyAt }) => {
    const [kind, value] = showChange(change, known);
    return { kind, value, commit: change.commit, recipe: change.recipe, readyAt };
  });
  const data = { policy, owner, epoch: Number(epoch), paused, terms, lists, measurements, waiting };
  const limit = (value: number, unit: string): string => (value === 0 ? "no limit" : `${value}${unit}`);
  const text = [
    fields([
      ["policy", policy],
      ["owner", owner],
      ["guardian", terms.guardian === ZeroAddress ? "none" : terms.guardian],
      ["test", terms.test ? "yes: its keys count on local chains only" : "no"],
      ["paused", paused ? "YES" : "no"],
      ["epoch", data.epoch],
      ["delay", `${terms.delay} s`],
      ["key age", `${terms.maxKeyAge} s`],
      ["evidence age", limit(terms.maxEvidenceAge, " s")],
      ["heartbeat", terms.heartbeat === 0 ? "none" : `every ${terms.heartbeat} s`],
      ["keys per platform", limit(terms.keysPerPlatform, "")],
      ["least TCB evaluation", terms.minTcbEval],
      ["statuses", showStatuses(terms.statuses)],
      ["flags", showFlags(terms.flags)],
      ["platforms", terms.platformList ? "those allowed only" : "any but those denied"],
      ...Object.entries(lists).flatMap(([name, subjects]) => listRows(name, subjects, "none")),
    ]),
    measurements.length === 0
      ? "No measurement is listed."
      : rows(
          ["measurement", "from", "until"],
          measurements.map(({ measurement, from, until }) => [measurement, showTime(from), showTime(until)]),
        ),
    ...(waiting.length === 0
      ? []
      : [
          rows(
            ["proposed", "of", "can be activated from"],
            waiting.map(({ kind, value, readyAt }) => [kind, value, showTime(readyAt)]),
          ),
        ]),
  ].join("\n");
  return { data, text };
});

async function listed(session: PolicySession, policy: string, fromBlock: Text) {
  const { registry, known } = session;
  const { applied, pending } = await historyOf(session, policy, fromBlock);
  const subjects = (kind: number): string[] => [
    ...new Set(applied.filter((change) => change.kind === kind).map(({ subject }) => subject)),
  ];
  const lists: Record<string, string[]> = {};
  for (const [name, kind] of LISTS) {
    const found: string[] = [];
    for (const subject of subjects(kind)) {
      if (!(await read<boolean>(registry, "isListed", [policy, kind, subject]))) continue;
      found.push(kind === ChangeKind.Verifier || kind === ChangeKind.Scheme ? showContract(subject, known) : subject);
    }
    lists[name] = found;
  }
  const measurements: { measurement: string; from: number; until: number }[] = [];
  for (const measurement of subjects(ChangeKind.Measurement)) {
    const { from, until } = await read<{ from: bigint; until: bigint }>(registry, "measurementOf", [
      policy,
      measurement,
    ]);
    measurements.push({ measurement, from: Number(from), until: Number(until) });
  }
  return { lists, measurements, pending };
}
