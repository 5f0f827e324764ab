import { initCeremony } from "@assay/compiler";

import { action } from "../../shared/action.ts";
import { required } from "../../shared/options.ts";
import { fields } from "../../shared/report.ts";
import { type CircuitArguments, circuitOf } from "./circuit.ts";
import { showPtau } from "./show.ts";

interface Arguments extends CircuitArguments {
  readonly json: boolean;
  readonly out: string | undefined;
}

/** Makes a ceremony's first key. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const out = required(args, "out", "the file to write, for the first contributor");
  const start = await progress("making the first key", (note) => initCeremony(circuitOf(args, hre, note), out));
  const { path, circuitHash, r1csDigest, ptau } = start;
  const data = { file: path, circuitHash, r1csDigest, ptau };
  const text = fields([
    ["key for the first contributor", path],
    ["circuit hash", circuitHash],
    ["SHA-256 of the constraints", r1csDigest],
    ["powers of tau", showPtau(ptau)],
    ["next", `zkml ceremony contribute --from ${path} --to NEXT.zkey --name YOU`],
  ]);
  return { data, text };
});
