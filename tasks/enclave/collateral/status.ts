import { keptCollateral } from "@assay/nodes/operator";

import { action } from "../../shared/action.ts";
import { openChain } from "../../shared/chain.ts";
import { addressOf } from "../../shared/options.ts";
import { rows } from "../../shared/report.ts";
import { searchRange } from "../../shared/session.ts";
import { showTime } from "../../shared/time.ts";
import { findAttestation, nitroStore } from "../attestation.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly store: Text;
  readonly deployment: Text;
  readonly fromBlock: Text;
}

/** What verifiers of this network judge by, and until when it is valid. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const chain = await openChain(hre);
  const known = await findAttestation(hre, chain, args.deployment);
  const dcapCollateral = args.store === undefined ? known.collateral : addressOf("store", args.store);
  const nitroCertificates = await nitroStore(chain, known);
  const pieces = await progress("reading collateral", async () =>
    keptCollateral(
      chain.provider,
      {
        ...(dcapCollateral === undefined ? {} : { dcapCollateral }),
        ...(nitroCertificates === undefined ? {} : { nitroCertificates }),
      },
      await searchRange(chain, args.fromBlock),
    ),
  );
  const table = rows(
    ["vendor", "what", "of", "evaluation", "from", "until", "now"],
    pieces.map(({ vendor, what, subject, evaluation, from, until, current }) => [
      vendor,
      what,
      subject.length > 44 ? `${subject.slice(0, 18)}…` : subject,
      evaluation,
      from === undefined ? undefined : showTime(from),
      showTime(until),
      current ? "valid" : "NOT VALID",
    ]),
  );
  return { data: pieces, text: pieces.length === 0 ? "Nothing is kept here." : table };
});
