import type { BlobStore, FoundAnswer } from "@assay/nodes/operator";
import { decodeTensor, dequantise, type Manifest } from "@assay/sdk";
import { getBytes } from "ethers";

import { tryManifest } from "../shared/manifest.ts";
import type { Session } from "../shared/session.ts";
import { readVersion } from "../shared/version.ts";

/** An answer as people read it. */
export interface ShownAnswer {
  readonly beneficiary: string;
  readonly transactionHash: string;
  readonly blockNumber: number;
  /** Canonical bytes, hex. */
  readonly output: string;
  /** The output's whole numbers, where it is a well-formed tensor. */
  readonly integers?: readonly string[];
  /** Their real values, where the manifest is at hand. */
  readonly values?: readonly number[];
}

/** Decodes an answer as far as it can be. */
export async function showAnswer(
  session: Session,
  store: BlobStore,
  version: string,
  answer: FoundAnswer,
): Promise<ShownAnswer> {
  const { beneficiary, transactionHash, blockNumber, output } = answer;
  const shown = { beneficiary, transactionHash, blockNumber, output };
  const integers = tensorOf(output);
  if (integers === undefined) return shown;
  const manifest = await manifestOf(session, store, version);
  return {
    ...shown,
    integers: integers.map(String),
    ...(manifest === undefined ? {} : { values: dequantise(integers, manifest.output) }),
  };
}

/** "8" or "0.1 0.9" of an answer. */
export function answerText({ values, integers, output }: ShownAnswer): string {
  if (values !== undefined) return values.join(" ");
  return integers === undefined ? output : `${integers.join(" ")} (whole numbers; the manifest is not at hand)`;
}

function tensorOf(output: string): bigint[] | undefined {
  try {
    const { data } = decodeTensor(getBytes(output));
    return data.map(BigInt);
  } catch {
    // Not a canonical tensor, or one of fractions: shown as bytes.
    return undefined;
  }
}

/** The manifest of a version, where it is at hand. */
export async function manifestOf(
  { chain, addresses }: Session,
  store: BlobStore,
  versionId: string,
): Promise<Manifest | undefined> {
  const { manifestDigest } = await readVersion(chain.provider, addresses, versionId);
  const manifest = await tryManifest(store, manifestDigest);
  return typeof manifest === "string" ? undefined : manifest;
}
