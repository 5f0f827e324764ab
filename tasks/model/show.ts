import { modelRegistryAt, read, zkVerifierAt } from "@assay/nodes/operator";
import { kindsInSet, type ManifestTensor, unpackPayment, ZERO_ADDRESS } from "@assay/sdk";

import { action } from "../shared/action.ts";
import { showKinds } from "../shared/kinds.ts";
import { tryManifest } from "../shared/manifest.ts";
import { showPayment } from "../shared/money.ts";
import { id, required } from "../shared/options.ts";
import { fields, rows } from "../shared/report.ts";
import { openBlobs, openSession } from "../shared/session.ts";
import { readVersion } from "../shared/version.ts";
import { enclavePolicyRows } from "./policies.ts";

interface Arguments {
  readonly json: boolean;
  readonly versionId: string | undefined;
  readonly blobs: string | undefined;
  readonly hub: string | undefined;
  readonly deployment: string | undefined;
}

/** Everything that is known of a version. */
export default action<Arguments>(async (args, { hre }) => {
  const versionId = id("versionId", required(args, "versionId", "the id that `model publish` printed"));
  const session = await openSession(hre, args);
  const { chain, addresses } = session;
  const version = await readVersion(chain.provider, addresses, versionId);
  const registry = modelRegistryAt(addresses.modelRegistry, chain.provider);
  const [owner, manifest, price] = await Promise.all([
    read<string>(registry, "ownerOf", [version.modelId]),
    tryManifest(openBlobs(hre, args.blobs), version.manifestDigest),
    showPayment(chain.provider, version.price),
  ]);
  const verifier = version.verifier === ZERO_ADDRESS ? undefined : zkVerifierAt(version.verifier, chain.provider);
  const circuit =
    verifier === undefined
      ? undefined
      : {
          graphDigest: await read<string>(verifier, "graphDigest"),
          verifyingKeyHash: await read<string>(verifier, "verifyingKeyHash"),
          setup: (await read<bigint>(verifier, "setup")) === 1n ? "ceremony" : "development",
        };
  const known = typeof manifest === "string" ? undefined : manifest;
  const { amount, token } = unpackPayment(version.price);
  const data = {
    ...version,
    price: amount,
    priceToken: token,
    kinds: kindsInSet(version.kinds),
    owner,
    circuit,
    manifest: known,
  };
  const table = fields([
    ["version", versionId],
    ["number", `${version.major}.${version.minor}`],
    ["status", version.status],
    ["model", version.modelId],
    ["owner", owner],
    ["kinds", showKinds(data.kinds)],
    ["price", `${price}${version.price === 0n ? "" : ` to ${version.royaltyReceiver}`}`],
    ["manifest", version.manifestDigest],
    ["uri", version.uri],
    ["verifier", circuit === undefined ? "-" : `${version.verifier}, ${circuit.setup} keys`],
    ["verifying key", circuit?.verifyingKeyHash],
    ["name", typeof manifest === "string" ? `unknown: ${manifest}` : manifest.name],
    ["description", known?.description],
    ["licence", known?.licence],
    ...enclavePolicyRows(known?.enclavePolicies ?? [], session),
    ["input", known && tensor(known.input)],
    ["output", known && tensor(known.output)],
    ["graph", known && `${known.graphDigest}${agreement(known.graphDigest, circuit?.graphDigest)}`],
  ]);
  const files =
    known === undefined
      ? ""
      : `\n${rows(
          ["file", "role", "bytes", "sha256"],
          known.files.map(({ path, role, bytes, sha256 }) => [path, role, bytes, sha256]),
        )}`;
  return { data, text: `${table}${files}` };
});

function tensor({ dtype, dims, range, scale, zeroPoint }: ManifestTensor): string {
  return `${dtype} ${dims.join(" x ")} in [${range.min}, ${range.max}], real = ${scale} * (integer - ${zeroPoint})`;
}

function agreement(manifest: string, verifier: string | undefined): string {
  if (verifier === undefined) return "";
  return manifest === verifier ? " (the verifier's, too)" : ` (BUT THE VERIFIER HAS ${verifier})`;
}
