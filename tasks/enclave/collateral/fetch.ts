import { type IntelRequest, fetchIntelCollateral } from "@assay/nodes/collateral";
import { inspectEvidence, parseQeIdentity, parseTcbInfo } from "@assay/sdk";

import { action } from "../../shared/action.ts";
import { TaskError, TaskErrorCode } from "../../shared/error.ts";
import { writeWhole } from "../../shared/files.ts";
import { integer, invalid, required } from "../../shared/options.ts";
import { fields } from "../../shared/report.ts";
import { showTime } from "../../shared/time.ts";
import { readEvidence } from "../evidence/file.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly file: Text;
  readonly fmspc: Text;
  readonly tee: Text;
  readonly ca: Text;
  readonly update: Text;
  readonly service: Text;
  readonly rootCrl: Text;
  readonly out: Text;
}

/** Fetches what Intel signs about one kind of machine, and writes it to a file. */
export default action<Arguments>(async (args, tools) => {
  const request = await requestOf(args);
  const out = required(args, "out", "a file to write");
  const service = {
    ...(args.service === undefined ? {} : { url: args.service }),
    ...(args.rootCrl === undefined ? {} : { rootCrlUrl: args.rootCrl }),
  };
  const collateral = await tools.progress("fetching collateral", () => fetchIntelCollateral(request, service));
  const info = parseTcbInfo(collateral.tcb_info);
  const identity = parseQeIdentity(collateral.qe_identity);
  await writeWhole(out, `${JSON.stringify(collateral, null, 2)}\n`);
  const data = {
    ...request,
    tcbEvaluation: info.tcbEvaluationDataNumber,
    issued: info.issueDate,
    nextUpdate: Math.min(info.nextUpdate, identity.nextUpdate),
    out,
  };
  const text = fields([
    ["machine", `${request.fmspc.toUpperCase()}, ${request.tee.toUpperCase()}, ${request.authority} authority`],
    ["evaluation number", String(data.tcbEvaluation)],
    ["issued", showTime(data.issued)],
    ["next update", showTime(data.nextUpdate)],
    ["written to", out],
  ]);
  return { data, text };
});

async function requestOf(args: Arguments): Promise<IntelRequest> {
  const update = updateOf(args.update);
  if (args.file !== undefined) {
    const inspection = inspectEvidence(await readEvidence(args.file));
    const fmspc = inspection.fields.find(([name]) => name === "FMSPC")?.[1];
    const issuer = inspection.certificates[0]?.issuer ?? "";
    if (fmspc === undefined) {
      throw new TaskError(
        TaskErrorCode.FileContent,
        `${args.file} names no Intel machine; give a quote with its certificates, or --fmspc, --tee and --ca.`,
      );
    }
    return {
      fmspc: fmspc.slice(2),
      tee: inspection.type === "intel.tdx" ? "tdx" : "sgx",
      authority: issuer.includes("Processor CA") ? "processor" : "platform",
      update,
    };
  }
  const tee = required(args, "tee", "sgx or tdx, or --file with a quote");
  const ca = args.ca ?? "platform";
  return {
    fmspc: required(args, "fmspc", "the machine's FMSPC, or --file with a quote"),
    tee: tee === "sgx" || tee === "tdx" ? tee : invalid("tee", tee, "sgx or tdx"),
    authority: ca === "processor" || ca === "platform" ? ca : invalid("ca", ca, "processor or platform"),
    update,
  };
}

function updateOf(update: Text): "standard" | "early" | number {
  if (update === undefined || update === "standard") return "standard";
  return update === "early" ? "early" : integer("update", update, 1, 0xffffffff);
}
