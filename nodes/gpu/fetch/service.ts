import { graphDigest, parseGraph } from "@assay/compiler";
import {
  type Manifest,
  type ManifestFile,
  MAX_MANIFEST_BYTES,
  PACKED_BINDING,
  parseManifest,
  parseVerifyingKey,
} from "@assay/sdk";

import type { BlobStore } from "../../shared/blobs/store.ts";
import type { BlockTag } from "../../shared/chain/types.ts";
import type { Hub } from "../hub/hub.ts";
import { FetchError, FetchErrorCode } from "./errors.ts";
import type { ModelFiles, ZkFiles } from "./types.ts";

export interface FetchOptions {
  /** Largest file, bytes. */
  readonly maxFileBytes: number;
  /** Whether the files of the circuit are wanted. */
  readonly zkml: boolean;
}

/**
 * Finds a version's files by the digest that the registry holds for it. Nothing is used whose SHA-256 and size were not
 * compared first, sizes are compared before anything is read, and what the files say of each other must agree.
 */
export class FetchService {
  readonly #hub: Hub;
  readonly #blobs: BlobStore;
  readonly #options: FetchOptions;

  constructor(hub: Hub, blobs: BlobStore, options: FetchOptions) {
    this.#hub = hub;
    this.#blobs = blobs;
    this.#options = options;
  }

  /** Whether the manifest with this digest is at hand; its bytes are not verified. */
  async isAtHand(manifestDigest: string): Promise<boolean> {
    return await this.#blobs.has(manifestDigest);
  }

  /**
   * The files of `version`.
   * @throws {FetchError} when the version cannot be used or its files do not agree.
   * @throws {BlobError} when a blob is missing or is not what its digest says.
   * @throws {AssayError} when manifest, graph or verifying key do not parse.
   */
  async load(version: string, at: BlockTag, signal?: AbortSignal): Promise<ModelFiles> {
    const record = await this.#hub.version(version, at, signal);
    if (record.status !== "active" && record.status !== "deprecated") {
      const words = `Version ${version} is ${record.status} in the registry; only active and deprecated ones are answered.`;
      throw new FetchError(FetchErrorCode.VersionUnusable, words);
    }
    // The blob hashes to the registered digest, and `parseManifest` takes canonical bytes only.
    const manifest = parseManifest(await this.#blobs.get(record.manifestDigest, { maxBytes: MAX_MANIFEST_BYTES }));
    const graph = parseGraph(new TextDecoder("utf-8", { fatal: true }).decode(await this.#file(manifest, "graph")));
    this.#agree("the graph's digest", graphDigest(graph), "graphDigest", manifest.graphDigest);
    for (const edge of ["input", "output"] as const) {
      const { name, dtype, dims, range } = graph[edge];
      const mine = [name, dtype, dims.join("x"), range.min, range.max].join(" ");
      const said = manifest[edge];
      const theirs = [said.name, said.dtype, said.dims.join("x"), said.range.min, said.range.max].join(" ");
      this.#agree(`the graph's ${edge}`, mine, edge, theirs);
    }
    const runtime = await this.#file(manifest, "runtime");
    const zk = this.#options.zkml ? await this.#zk(manifest) : undefined;
    return { version, manifest, graph, runtime, zk, binding: manifest.zk?.binding ?? PACKED_BINDING };
  }

  async #zk(manifest: Manifest): Promise<ZkFiles | undefined> {
    if (manifest.zk === undefined) return undefined;
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await this.#file(manifest, "verifying-key", 1 << 22));
    const verifyingKey = parseVerifyingKey(JSON.parse(text));
    this.#agree("the verifying key's hash", verifyingKey.hash, "zk.verifyingKeyHash", manifest.zk.verifyingKeyHash);
    this.#agree("its public words", String(verifyingKey.perWord.length), "zk.words", String(manifest.zk.words));
    return {
      provingKey: await this.#file(manifest, "proving-key"),
      witness: await this.#file(manifest, "witness"),
      verifyingKey,
      words: manifest.zk.words,
    };
  }

  async #file(manifest: Manifest, role: ManifestFile["role"], most = this.#options.maxFileBytes): Promise<Uint8Array> {
    const files = manifest.files.filter((file) => file.role === role);
    const [file] = files;
    if (file === undefined || files.length > 1) {
      const words = `The manifest of ${manifest.name} names ${files.length} files of role ${role}; one is needed.`;
      throw new FetchError(FetchErrorCode.FileMissing, words);
    }
    return await this.#blobs.get(file.sha256, {
      maxBytes: Math.min(most, this.#options.maxFileBytes),
      size: file.bytes,
    });
  }

  #agree(what: string, mine: string, field: string, said: string): void {
    if (mine === said) return;
    const words = `${what} is ${mine}, but the manifest's ${field} is ${said}; the files are not of one model.`;
    throw new FetchError(FetchErrorCode.FilesDisagree, words);
  }
}
