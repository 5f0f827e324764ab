import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { z } from "zod";

/** Files of a compiled circuit. */
const FILES = ["model.circom", "model.r1cs", "model.sym", "model.wasm"] as const;
const MANIFEST = "manifest.json";
/** Most bytes of a manifest: a number for each node of the graph, with room. */
const MAX_MANIFEST_BYTES = 1 << 24;

const count = z.int().min(0);
const digest = z.strictObject({ bytes: count, sha256: z.string() });

const manifestSchema = z.strictObject({
  format: z.literal("assay.circuit/3"),
  emitter: z.string(),
  circom: z.string(),
  constraints: z.strictObject({ nonLinear: count, linear: count, total: count }),
  costs: z.strictObject({ input: count, words: count, nodes: z.array(count).readonly() }),
  words: count,
  // Left out when packed and public.
  binding: z
    .strictObject({
      mode: z.enum(["packed", "fingerprint"]),
      input: z.enum(["public", "committed"]),
      output: z.enum(["public", "committed"]),
    })
    .optional(),
  files: z.record(z.enum(FILES), digest),
});

/** What is known of a compiled circuit beside its files. */
export type CircuitManifest = z.infer<typeof manifestSchema>;

/** Lengths and digests of a compiled circuit's files. */
export async function digestFiles(folder: string): Promise<CircuitManifest["files"]> {
  const entries = FILES.map(async (name) => [name, await digestOf(join(folder, name))] as const);
  return Object.fromEntries(await Promise.all(entries)) as CircuitManifest["files"];
}

/** The manifest of a folder whose files are all as it says; `undefined` where there is none, or they are not. */
export async function readManifest(folder: string): Promise<CircuitManifest | undefined> {
  const path = join(folder, MANIFEST);
  if ((await lengthOf(path)) > MAX_MANIFEST_BYTES) return undefined;
  const text = await readFile(path, "utf8").catch(() => undefined);
  const manifest = text === undefined ? undefined : manifestSchema.safeParse(parsed(text)).data;
  if (manifest === undefined) return undefined;
  for (const name of FILES) {
    const file = join(folder, name);
    const { bytes, sha256 } = manifest.files[name];
    if ((await lengthOf(file)) !== bytes || (await digestOf(file)).sha256 !== sha256) return undefined;
  }
  return manifest;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Bytes of a file; more than any has where there is none, or something else, as a pipe that would be waited for. */
async function lengthOf(path: string): Promise<number> {
  const info = await lstat(path).catch(() => undefined);
  return info?.isFile() === true ? info.size : Infinity;
}

async function digestOf(path: string): Promise<z.infer<typeof digest>> {
  const hash = createHash("sha256");
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  await pipeline(stream, hash);
  return { bytes: stream.bytesRead, sha256: hash.digest("hex") };
}
