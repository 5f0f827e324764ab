import { applyBeacon } from "@assay/compiler";

import { action } from "../../shared/action.ts";
import { integer, required } from "../../shared/options.ts";
import { fields } from "../../shared/report.ts";

interface Arguments {
  readonly json: boolean;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly value: string | undefined;
  readonly iterations: string | undefined;
  readonly name: string | undefined;
}

/** Closes a ceremony. */
export default action<Arguments>(async (args, { progress }) => {
  const from = required(args, "from", "the key of the last contributor");
  const to = required(args, "to", "the file to write");
  const value = required(args, "value", "32 bytes in hexadecimal that nobody could foresee");
  const { iterations, name } = args;
  const step = await progress("applying the beacon", (note) =>
    applyBeacon(from, to, {
      value,
      onStep: note,
      ...(iterations === undefined ? {} : { iterations: integer("iterations", iterations, 10, 24) }),
      ...(name === undefined ? {} : { name }),
    }),
  );
  const { index, circuitHash, contribution } = step;
  const data = {
    file: to,
    index,
    name: contribution.name,
    hash: contribution.hash,
    circuitHash,
    beacon: contribution.beacon,
  };
  const text = fields([
    ["key", to],
    ["beacon", `${contribution.beacon?.value}, 2^${contribution.beacon?.iterations} hashes (${contribution.name})`],
    ["contribution hash", contribution.hash],
    ["circuit hash", circuitHash],
    ["next", `zkml ceremony finalise --dir MODEL --zkey ${to}`],
  ]);
  return { data, text };
});
