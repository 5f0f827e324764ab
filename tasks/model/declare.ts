import { emptyTask } from "hardhat/config";
import type { TaskDefinition } from "hardhat/types/tasks";

import { ACCOUNT, BLOBS, CONTRACTS, described, reporting, SEARCH, texts } from "../shared/declare.ts";

/** Models and their versions. */
export const model: TaskDefinition[] = [
  emptyTask("model", "Publish models and look at them").build(),
  texts(
    reporting(
      ["model", "publish"],
      described(
        "Publish a compiled model as a version: files to the blob folder, verifier and registration to the chain.",
        "model publish --dir build/models/digits --name digits --kinds signature,tee,zkml --network localhost",
      ),
    ),
    {
      dir: "Model folder that `zkml compile` and, for the kind zkml, `zkml setup` made",
      name: "Name of the model; your models are told apart by it",
      kinds: "Kinds of proof to accept, from signature, tee, zkml; default: signature",
      price: "What you get of each answer, for example 0.001; default: 0",
      priceToken: "ERC-20 token of the price; default: the chain's own coin",
      royaltyReceiver: "Who gets the price; default: your account",
      major: "Grows when answers may differ; default: 1",
      minor: "Grows when they may not; default: 0",
      licence: "SPDX licence of the model; default: NOASSERTION",
      description: "What the model does, in a sentence or two",
      enclavePolicies:
        "Policies that you accept enclaves under, for the manifest: ids with commas between, or chain:registry:id; default: none",
      modelId: "Model to publish under; default: your model of this name, made if need be",
      verifier: "Verifier of this setup that is deployed already; default: deploy one",
      uri: "Where the manifest can be fetched; default: sha256:<digest>",
      ...BLOBS,
      ...ACCOUNT,
      ...CONTRACTS,
    },
  )
    .setAction(() => import("./publish.ts"))
    .build(),
  texts(
    reporting(
      ["model", "show"],
      described("Show a version: terms, manifest, verifier.", "model show --version-id 0x5f... --network localhost"),
    ),
    { versionId: "Id of the version", ...BLOBS, ...CONTRACTS },
  )
    .setAction(() => import("./show.ts"))
    .build(),
  texts(
    reporting(
      ["model", "list"],
      described("List published versions, from the registry's events.", "model list --network localhost"),
    ),
    { ...SEARCH, ...BLOBS, ...CONTRACTS },
  )
    .setAction(() => import("./list.ts"))
    .build(),
];
