import { contribute, verifyCeremony } from "@assay/compiler";

import { action } from "../../shared/action.ts";
import { required } from "../../shared/options.ts";
import { fields } from "../../shared/report.ts";
import { type CircuitArguments, circuitOf } from "./circuit.ts";

interface Arguments extends CircuitArguments {
  readonly json: boolean;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly name: string | undefined;
  readonly entropy: string | undefined;
}

/** Adds a contribution; checks the key that it builds on where the circuit is given. */
export default action<Arguments>(async (args, { hre, progress, note }) => {
  const from = required(args, "from", "the key that you were given");
  const to = required(args, "to", "the file to write, for the next contributor");
  const name = required(args, "name", "who you are, for all to read");
  const { entropy } = args;
  const verified = args.dir !== undefined || args.constraints !== undefined;
  if (verified) {
    await progress("checking the key", (detail) => verifyCeremony(circuitOf(args, hre, detail), from));
  } else {
    note("The key was not checked against its circuit; give --constraints or --dir to do so.");
  }
  const step = await progress("contributing", (detail) =>
    contribute(from, to, { name, onStep: detail, ...(entropy === undefined ? {} : { entropy }) }),
  );
  const { index, circuitHash, contribution } = step;
  const data = { file: to, index, name, hash: contribution.hash, circuitHash, verified };
  const text = fields([
    ["key for the next contributor", to],
    ["contribution", `${index}, ${name}`],
    ["contribution hash, to publish where people know you", contribution.hash],
    ["circuit hash", circuitHash],
    ["checked before", verified ? "from circuit and powers of tau" : "only its form"],
  ]);
  return { data, text };
});
