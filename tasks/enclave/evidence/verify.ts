import {
  AttestationError,
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
import { required } from "../../shared/options.ts";
import { fields } from "../../shared/report.ts";
import { showTime } from "../../shared/time.ts";
import { collateralFile } from "../collateral/file.ts";
import { readEvidence } from "./file.ts";
import { inWords } from "./refusal.ts";
import { judgedAt } from "./time.ts";

interface Arguments {
  readonly json: boolean;
  readonly file: string | undefined;
  readonly collateral: string | undefined;
  readonly at: string | undefined;
}

/** Verifies evidence here, as the contracts do on chain: same verdict, same claims. */
export default action<Arguments>(async (args) => {
  const evidence = await readEvidence(required(args, "file", "a file of evidence"));
  const at = args.at === undefined ? Math.floor(Date.now() / 1000) : judgedAt("at", args.at);
  const inspection = inspectEvidence(evidence);
  const { type } = inspection;
  const collateral = type === "aws.nitro" ? undefined : await collateralOf(args);
  const verified = await verify(evidence, collateral, at).catch((error: unknown) => {
    throw error instanceof AttestationError ? inWords(error, { at, inspection, collateral }) : error;
  });
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
          ["advisories' hash", claims.advisories],
          ["evaluation number", String(claims.tcbEval)],
        ] as const)),
  ]);
  return { data, text };
});

async function verify(evidence: Uint8Array, collateral: IntelCollateral | undefined, at: number) {
  return collateral === undefined
    ? await verifyNitro(evidence, { at })
    : await verifyQuote(evidence, collateral, { at });
}

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
