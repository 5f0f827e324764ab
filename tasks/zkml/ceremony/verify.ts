import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { isDeepStrictEqual } from "node:util";

import {
  type CeremonyManifest,
  ceremonyManifest,
  readSetup,
  type VerifiedCeremony,
  verifyCeremony,
} from "@assay/compiler";
import { modelFile } from "@assay/nodes/operator";

import { action } from "../../shared/action.ts";
import { TaskError, TaskErrorCode } from "../../shared/error.ts";
import { required } from "../../shared/options.ts";
import { fields } from "../../shared/report.ts";
import { type CircuitArguments, circuitOf } from "./circuit.ts";
import { showPtau, transcript } from "./show.ts";

interface Arguments extends CircuitArguments {
  readonly json: boolean;
  readonly zkey: string | undefined;
}

/** Checks a ceremony from its beginning, and prints its transcript. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const own = args.zkey === undefined ? args.dir : undefined;
  const zkey = own === undefined ? required(args, "zkey", "the key to check") : modelFile(own, "provingKey");
  const setup = own === undefined ? undefined : await ceremonySetup(own);
  const ceremony = await progress("checking the ceremony", (note) => verifyCeremony(circuitOf(args, hre, note), zkey));
  if (own !== undefined && setup !== undefined) await checkManifest(own, setup, zkey, ceremony);
  const { circuitHash, r1csDigest, ptau, contributions, complete } = ceremony;
  const data = { file: zkey, holds: true, complete, circuitHash, r1csDigest, ptau, contributions };
  const text = fields([
    ["verdict", `the key follows from its circuit, its powers of tau and ${contributions.length} steps`],
    ["closed by a beacon", complete ? "yes" : "no: not to be used yet"],
    ["circuit hash", circuitHash],
    ["SHA-256 of the constraints", r1csDigest],
    ["powers of tau", showPtau(ptau)],
  ]);
  return { data, text: `${transcript(contributions)}\n${text}` };
});

/** What a model folder says of its own keys. */
async function ceremonySetup(folder: string): Promise<CeremonyManifest> {
  const setup = await readSetup(join(folder, "setup"));
  if (setup?.manifest.setup === "ceremony") return setup.manifest;
  throw new TaskError(
    TaskErrorCode.NotVerified,
    `${folder} has ${setup === undefined ? "no keys yet" : "development keys, whose maker can forge proofs"}; give a key ` +
      "of a ceremony with --zkey, or finalise one first.",
  );
}

/** That a model folder's setup.json says of its key what the key itself does. */
async function checkManifest(
  folder: string,
  manifest: CeremonyManifest,
  zkey: string,
  ceremony: VerifiedCeremony,
): Promise<void> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(zkey), hash);
  const { graphDigest: _, ptau, ...said } = manifest;
  const { ptau: found, ...expected } = ceremonyManifest(ceremony, hash.digest("hex"));
  // Another file of the perpetual powers gives the same key, so there only that it is one of them must agree.
  const sameTau = ptau.pinned ? found.pinned : ptau.blake2b512 === found.blake2b512;
  if (isDeepStrictEqual(said, expected) && sameTau) return;
  throw new TaskError(
    TaskErrorCode.NotVerified,
    `${modelFile(folder, "setupInfo")} does not say of its key what the key's own transcript does; finalise it again.`,
  );
}
