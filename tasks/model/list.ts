import { eventsOf, modelRegistryAt, read } from "@assay/nodes/operator";
import { kindsInSet, unpackPayment, VERSION_STATUSES } from "@assay/sdk";

import { action } from "../shared/action.ts";
import { showKinds } from "../shared/kinds.ts";
import { tryManifest } from "../shared/manifest.ts";
import { showPayment } from "../shared/money.ts";
import { rows } from "../shared/report.ts";
import { openBlobs, openSession, searchRange } from "../shared/session.ts";

interface Arguments {
  readonly json: boolean;
  readonly fromBlock: string | undefined;
  readonly blobs: string | undefined;
  readonly hub: string | undefined;
  readonly deployment: string | undefined;
}

/** Versions from the registry's events, with their status now. */
export default action<Arguments>(async (args, { hre, progress }) => {
  const { chain, addresses } = await openSession(hre, args);
  const registry = modelRegistryAt(addresses.modelRegistry, chain.provider);
  const store = openBlobs(hre, args.blobs);
  const versions = await progress("reading events", async () => {
    const [from, to] = await searchRange(chain, args.fromBlock);
    const events = await eventsOf(registry, registry.filters["VersionPublished"]!(), from, to);
    return await Promise.all(
      events.map(async ({ args: event, blockNumber }) => {
        const spec = event["spec"] as Record<string, unknown>;
        const [status] = await read<[bigint]>(registry, "requestTerms", [event["version"]]);
        const manifest = await tryManifest(store, spec["manifestDigest"] as string);
        const { amount, token } = unpackPayment(spec["price"] as bigint);
        const entry = {
          versionId: event["version"] as string,
          modelId: event["model"] as string,
          name: typeof manifest === "string" ? undefined : manifest.name,
          number: `${String(spec["major"])}.${String(spec["minor"])}`,
          status: VERSION_STATUSES[Number(status)] ?? `status ${status}`,
          kinds: kindsInSet(spec["kinds"] as bigint),
          price: amount,
          priceToken: token,
          blockNumber,
        };
        return { entry, price: await showPayment(chain.provider, spec["price"] as bigint) };
      }),
    );
  });
  const text =
    versions.length === 0
      ? "No version is published here."
      : rows(
          ["version", "name", "number", "status", "kinds", "price"],
          versions.map(({ entry: { versionId, name, number, status, kinds }, price }) => [
            versionId,
            name,
            number,
            status,
            showKinds(kinds),
            price,
          ]),
        );
  return { data: versions.map(({ entry }) => entry), text };
});
