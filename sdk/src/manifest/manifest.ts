import { sha256 } from "@noble/hashes/sha2.js";
import { hexlify } from "ethers";
import { z } from "zod";

import { canonicalJson, readJson } from "../core/json.ts";
import { firstIssue } from "../core/zod-issue.ts";
import { AssayError } from "../errors.ts";
import { DTYPES } from "../tensor/dtype.ts";
import { headerBytes } from "../tensor/shape.ts";
import { MAX_RANK, MAX_TENSOR_BYTES } from "../tensor/tensor.ts";
import { enclavePolicies } from "./enclave-policies.ts";

/** Most bytes of a manifest. */
export const MAX_MANIFEST_BYTES = 1_048_576;

/** A manifest that cannot be read or is not allowed. */
export class ManifestError extends AssayError {
  override readonly code: "ASY-MANIFEST-001" | "ASY-MANIFEST-002" | "ASY-MANIFEST-003" | "ASY-MANIFEST-004";

  constructor(code: ManifestError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

const digest = z.string().regex(/^0x[0-9a-f]{64}$/, "32 bytes of lower-case hex");
// A path names a file beside the manifest, on any system: no root, no drive, no way up.
const path = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/, "a relative path of plain names");
const INTEGER = /^(?:0|-?[1-9][0-9]{0,19})$/;
const integer = z.string().regex(INTEGER, "a decimal integer");

const file = z.strictObject({
  path,
  /** SHA-256 of the file. */
  sha256: digest,
  /** Size in bytes. */
  bytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  role: z.enum(["model", "runtime", "graph", "circuit", "proving-key", "witness", "verifying-key"]),
});

const tensor = z
  .strictObject({
    name: z.string().min(1).max(255),
    dtype: z.enum(["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f32", "bool"]),
    dims: z.array(z.number().int().min(1).max(0xffff_ffff)).max(MAX_RANK),
    /** Integers outside this interval are refused; both ends included. No meaning for f32. */
    range: z.strictObject({ min: integer, max: integer }),
    /** real = scale * (integer - zeroPoint). */
    scale: z.number().positive().max(Number.MAX_VALUE),
    zeroPoint: z.number().int(),
  })
  .superRefine((spec, context) => {
    const info = DTYPES[spec.dtype];
    const bytes = spec.dims.reduce((size, dim) => size * dim, info.bytes) + headerBytes(spec.dims.length);
    if (bytes > MAX_TENSOR_BYTES) {
      context.addIssue({ code: "custom", path: ["dims"], message: `encodes to more than ${MAX_TENSOR_BYTES} bytes` });
    }
    // This runs although the pattern above may have failed.
    if (!INTEGER.test(spec.range.min) || !INTEGER.test(spec.range.max)) return;
    const [min, max] = [BigInt(spec.range.min), BigInt(spec.range.max)];
    if (min > max || (spec.dtype !== "f32" && (min < info.min || max > info.max))) {
      context.addIssue({ code: "custom", path: ["range"], message: `is empty or past what ${spec.dtype} holds` });
    }
  });

/** What the keys of a version's circuit are and how they were made. */
const zk = z.strictObject({
  /** Keccak-256 of the verifying key, as the verifier contract reports it. */
  verifyingKeyHash: digest,
  /** `development`: one machine knew the secret and can forge; local chains only. */
  setup: z.enum(["development", "ceremony"]),
  constraints: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  /** Public words. */
  words: z.number().int().min(1).max(5_000),
  /** How the public words say what input and output are; left out when packed and public. */
  binding: z
    .strictObject({
      mode: z.enum(["packed", "fingerprint"]),
      input: z.enum(["public", "committed"]),
      output: z.enum(["public", "committed"]),
    })
    .refine(({ mode, input, output }) => mode === "packed" || input === "public" || output === "public", {
      message: "a fingerprint needs a public input or output",
    })
    .optional(),
  /** Where the setup's transcript or software can be found, in words. */
  provenance: z.string().max(2_000),
});

const schema = z
  .strictObject({
    format: z.literal("assay.manifest/1"),
    name: z.string().min(1).max(255),
    description: z.string().max(10_000),
    /** SPDX expression, or where the licence's text is. */
    licence: z.string().min(1).max(255),
    files: z.array(file).min(1).max(1_000),
    /** SHA-256 of the integer graph's canonical JSON. */
    graphDigest: digest,
    input: tensor,
    output: tensor,
    zk: zk.optional(),
    /** Policies that the owner accepts enclaves under, on any chains; left out, the owner says nothing about it. */
    enclavePolicies: enclavePolicies.optional(),
  })
  .superRefine(({ files }, context) => {
    // Compared without case, because some file systems do not tell case apart.
    const paths = new Set(files.map((entry) => entry.path.toLowerCase()));
    if (paths.size !== files.length)
      context.addIssue({ code: "custom", path: ["files"], message: "name a path twice" });
  });

/** What a model version is made of; its digest is registered on chain. */
export type Manifest = z.infer<typeof schema>;
export type ManifestFile = z.infer<typeof file>;
export type ManifestTensor = z.infer<typeof tensor>;
export type ManifestZk = z.infer<typeof zk>;

/**
 * Reads a manifest: at most 1 MiB, nothing unknown, and only in its canonical form (RFC 8785), so that the SHA-256 of
 * the bytes is the registered digest.
 * @throws {ManifestError} when it is anything else.
 */
export function parseManifest(bytes: Uint8Array | string): Manifest {
  const json = readJson(bytes, MAX_MANIFEST_BYTES);
  if (!json.ok) {
    throw json.reason === "too-large"
      ? new ManifestError("ASY-MANIFEST-001", `The manifest has ${json.detail}.`)
      : new ManifestError("ASY-MANIFEST-002", `The manifest is not JSON: ${json.detail}.`);
  }
  const manifest = checkManifest(json.value);
  if (canonicalJson(manifest) !== json.text) {
    throw new ManifestError(
      "ASY-MANIFEST-004",
      "The manifest is not in canonical form (RFC 8785), so its digest would be ambiguous; write it with encodeManifest.",
    );
  }
  return manifest;
}

/**
 * The canonical bytes of a manifest.
 * @throws {ManifestError} when it is not valid or longer than 1 MiB.
 */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const text = canonicalJson(checkManifest(manifest));
  if (text === undefined) {
    throw new ManifestError("ASY-MANIFEST-003", "The manifest has text that is not Unicode; write it anew.");
  }
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new ManifestError("ASY-MANIFEST-001", `The manifest has ${bytes.length} bytes; at most 1 MiB is allowed.`);
  }
  return bytes;
}

/**
 * SHA-256 of the canonical bytes, 32 bytes as hex: the digest that `ModelRegistry` holds.
 * @throws {ManifestError} when the manifest is not valid.
 */
export function manifestDigest(manifest: Manifest): string {
  return hexlify(sha256(encodeManifest(manifest)));
}

function checkManifest(value: unknown): Manifest {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ManifestError("ASY-MANIFEST-003", `The manifest is not valid: ${firstIssue(parsed.error)}.`);
}
