import type { Contribution, Ptau } from "@assay/compiler";

import { rows } from "../../shared/report.ts";

/** A ceremony's steps, one a row. */
export function transcript(contributions: readonly Contribution[]): string {
  return rows(
    ["#", "step", "name (not checked)", "contribution hash"],
    contributions.map(({ kind, name, hash, beacon }, index) => [
      index + 1,
      beacon === undefined ? kind : `${kind} ${beacon.value}, 2^${beacon.iterations} hashes`,
      name === "" ? "-" : name,
      hash,
    ]),
  );
}

/** Powers of tau in words. */
export function showPtau({ power, pinned, blake2b512 }: Pick<Ptau, "power" | "pinned" | "blake2b512">): string {
  const origin = pinned ? "perpetual powers of tau" : "NOT PINNED: whoever made the file may be able to forge proofs";
  return `2^${power}, ${origin}, BLAKE2b-512 ${blake2b512}`;
}
