import { z } from "zod";

import { MAX_PTAU_POWER } from "./pinned.ts";
import { MAX_BEACON_ITERATIONS } from "./record.ts";

const hex32 = z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]{64}$/)]);
const hash = z.string().regex(/^[0-9a-f]{128}$/);

/** How the keys of a ceremony were made: what `setup.json` says of them. */
export const ceremonyManifestSchema = z.strictObject({
  format: z.literal("assay.setup/1"),
  setup: z.literal("ceremony"),
  /** SHA-256 of the r1cs file. */
  r1csDigest: hex32,
  /** As the caller gave it. */
  graphDigest: hex32.optional(),
  verifyingKeyHash: hex32,
  /** SHA-256 of the proving key. */
  zkeyDigest: hex32,
  /** snarkjs's digest of the ceremony's first key. */
  circuitHash: hash,
  ptau: z.strictObject({
    /** BLAKE2b-512 of the whole file. */
    blake2b512: hash,
    power: z.int().min(1).max(MAX_PTAU_POWER),
    /** Whether it is a file of the perpetual powers of tau; else, whoever made it may know tau. */
    pinned: z.boolean(),
  }),
  /** In their order; without the beacon. */
  contributions: z
    .array(z.strictObject({ name: z.string().max(255), hash }))
    .min(1)
    .max(10_000),
  /** Left out where the ceremony was ended without one, which had to be asked for. */
  beacon: z
    .strictObject({
      name: z.string().max(255),
      hash,
      value: z.string().regex(/^([0-9a-f]{2}){1,255}$/),
      /** n of 2^n hashes. */
      iterations: z.int().min(1).max(MAX_BEACON_ITERATIONS),
    })
    .optional(),
});

/** What is known of how a ceremony made a key. */
export type CeremonyManifest = Readonly<z.infer<typeof ceremonyManifestSchema>>;
