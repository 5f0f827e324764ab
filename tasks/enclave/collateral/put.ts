import { putIntelCollateral } from "@assay/nodes/operator";

import { action } from "../../shared/action.ts";
import { openChain } from "../../shared/chain.ts";
import { readJson } from "../../shared/files.ts";
import { required } from "../../shared/options.ts";
import { rows } from "../../shared/report.ts";
import { collateralStore, findAttestation } from "../attestation.ts";
import { collateralFile } from "./file.ts";

type Text = string | undefined;
interface Arguments {
  readonly json: boolean;
  readonly collateral: Text;
  readonly store: Text;
  readonly account: Text;
  readonly deployment: Text;
}

/** Brings what Intel signs on chain, where it is not there as new. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const file = required(args, "collateral", "a file that `enclave collateral fetch` wrote");
  const collateral = await readJson(file, "collateral that `enclave collateral fetch` wrote", (value) =>
    collateralFile.parse(value),
  );
  const chain = await openChain(hre);
  const store = collateralStore(args.store, await findAttestation(hre, chain, args.deployment));
  const account = await chain.signer(args.account);
  const pieces = await progress("putting collateral", (onStep) =>
    putIntelCollateral(account, store, collateral, onStep),
  );
  const text = rows(
    ["piece", "", "gas", "transaction"],
    pieces.map(({ what, state, gas, transactionHash }) => [
      what,
      state === "put" ? "put" : "there as new",
      gas?.toLocaleString("en"),
      transactionHash,
    ]),
  );
  return { data: { store, pieces }, text };
});
