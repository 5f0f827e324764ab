import type { SetupManifest } from "../development.ts";

/** Most characters of a published manifest's provenance. */
const MAX_LENGTH = 2_000;

/** How keys were made, in words, for a published manifest. At most 2,000 characters. */
export function describeProvenance(manifest: SetupManifest): string {
  if (manifest.setup === "development") {
    return "Development setup: one machine knew the secret and can forge proofs; local chains only.";
  }
  const { ptau, contributions, beacon } = manifest;
  const tau = ptau.pinned ? "the perpetual powers of tau" : "powers of tau OF ITS OWN, whose maker may know the secret";
  const end =
    beacon === undefined
      ? "not closed by a beacon"
      : `closed by the beacon ${beacon.value} (2^${beacon.iterations} hashes)`;
  const count = `${contributions.length} contribution${contributions.length === 1 ? "" : "s"}`;
  const head =
    `Ceremony on ${tau} (2^${ptau.power}, BLAKE2b-512 ${ptau.blake2b512}): ${count}, ${end}. ` +
    "The proving key holds the transcript. Contribution hashes:";
  let text = head;
  for (const { hash } of contributions) {
    if (text.length + hash.length + 6 > MAX_LENGTH) return `${text} ...`;
    text += ` ${hash}`;
  }
  return text;
}
