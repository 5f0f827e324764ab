import {
  CLAIM_DEBUG,
  inspectEvidence,
  type IntelCollateral,
  listedMeasurement,
  verifyNitro,
  verifyQuote,
} from "@assay/sdk";

import { action } from "../../shared/action.ts";
import { TaskError, TaskErrorCode } from "../../shared/error.ts";
import { readJson } from "../../shared/files.ts";
import { integer, required } from "../../shared/options.ts";
import { fields } from "../../shared/report.ts";
import { showTime } from "../../shared/time.ts";
import { collateralFile } from "../collateral/file.ts";
import { readEvidence } from "./file.ts";

interface Arguments {
  readonly json: boolean;
  readonly file: string | undefined;
  readonly collateral: string | undefined;
  readonly at: string | undefined;
}

/** The last second that a JavaScript date can hold. */
const LAST_SECOND = 8_640_000_000_000;

/** Verifies evidence here, as the contracts do on chain: same verdict, same claims. */
export default action<Arguments>(async (args) => {
  const evidence = await readEvidence(required(args, "file", "a file of evidence"));
  const at = args.at === undefined ? Math.floor(Date.now() / 1000) : integer("at", args.at, 1, LAST_SECOND);
  const { type } = inspectEvidence(evidence);
  const verified =
    type === "aws.nitro"
      ? await verifyNitro(evidence, { at })
      : await verifyQuote(evidence, await collateralOf(args), { at });
  const { claims } = verified;
  const tcb = "status" in verified ? { status: verified.status, advisories: verified.advisories } : undefined;
  const debug = (claims.flags & CLAIM_DEBUG) !== 0;
  const listed = listedMeasurement(claims);
  const data = { type, at, claims, listed, debug, ...tcb };
  const text = fields([
    ["verdict", debug ? "genuine, but in DEBUG mode: registries refuse it" : "genuine"],
    ["type", type],
    ["judged at", showTime(at)],
    ["valid until", showTime(claims.notAfter)],
    ["measurement", claims.measurement],
    ["configuration", claims.config],
    ["for a policy to list", listed],
    ["platform", claims.platform],
    ["bound data", `${claims.bind0} ${claims.bind1}`],
    ["public key's hash", claims.keyHash],
    ...(tcb === undefined
      ? []
      : ([
          ["TCB status", tcb.status],
          ["advisories", tcb.advisories.length === 0 ? "none" : tcb.advisories.join(" ")],
          ["evaluation number", String(claims.tcbEval)],
        ] as const)),
  ]);
  return { data, text };
});

async function collateralOf(args: Arguments): Promise<IntelCollateral> {
  if (args.collateral === undefined) {
    throw new TaskError(
      TaskErrorCode.OptionMissing,
      "--collateral is missing: an Intel quote is judged by what Intel signs about its machine; " +
        "`enclave collateral fetch` gets it.",
    );
  }
  return await readJson(args.collateral, "collateral that `enclave collateral fetch` wrote", (value) =>
    collateralFile.parse(value),
  );
}
