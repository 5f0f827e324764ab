import { inspectEvidence } from "@assay/sdk";

import { action } from "../../shared/action.ts";
import { required } from "../../shared/options.ts";
import { fields, rows } from "../../shared/report.ts";
import { showTime } from "../../shared/time.ts";
import { readEvidence } from "./file.ts";

interface Arguments {
  readonly json: boolean;
  readonly file: string | undefined;
}

/** What evidence claims, unverified. */
export default action<Arguments>(async (args) => {
  const inspection = inspectEvidence(await readEvidence(required(args, "file", "a file of evidence")));
  const { certificates, debug, fields: claimed, issuedAt, type } = inspection;
  const data = { ...inspection, fields: Object.fromEntries(claimed), verified: false };
  const text = [
    fields([
      ["type", type],
      ["debug", debug ? "YES: its memory can be read from outside" : "no"],
      ["made at", issuedAt === undefined ? "not said" : showTime(issuedAt)],
      ...claimed,
    ]),
    rows(
      ["certificate", "issued by", "from", "until", "authority"],
      certificates.map(({ subject, issuer, notBefore, notAfter, isAuthority }) => [
        shortName(subject),
        shortName(issuer),
        showTime(notBefore),
        showTime(notAfter),
        isAuthority ? "yes" : "no",
      ]),
    ),
    "Nothing of this is verified; `enclave verify` does that.",
  ].join("\n");
  return { data, text };
});

function shortName(name: string): string {
  return name.split(", ", 1)[0] ?? name;
}
