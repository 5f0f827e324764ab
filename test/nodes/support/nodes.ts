import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import pino from "pino";

import {
  createGpuNode,
  type GpuNode,
  type GpuNodeConfigInput,
  type GpuNodeDependencies,
} from "../../../nodes/gpu/index.ts";
import { addressOf, KEYS } from "./keys.ts";
import type { World } from "./world.ts";

/** A fresh journal file. */
export function newJournal(): string {
  return join(mkdtempSync(join(tmpdir(), "assay-journal-")), "journal.sqlite");
}

/** Configuration of a node in `world`, fast enough for tests. */
export function nodeConfig(world: World, overrides: Partial<GpuNodeConfigInput> = {}): GpuNodeConfigInput {
  return {
    rpcUrl: world.chain.url,
    chainId: 31_337,
    hub: world.hub,
    models: "all",
    blobs: [world.model.folder],
    wallet: { privateKey: KEYS.node1 },
    signer: { privateKey: KEYS.node1 },
    payee: addressOf(KEYS.node1),
    kinds: ["SIGNATURE"],
    providers: ["cpu"],
    pollMs: 40,
    confirmations: 2,
    startBlock: 0,
    journal: newJournal(),
    ...overrides,
  };
}

/** A node that logs only when ASSAY_TEST_LOG names a level. */
export function makeNode(config: GpuNodeConfigInput, dependencies: GpuNodeDependencies = {}): GpuNode {
  const logger = pino({ level: process.env["ASSAY_TEST_LOG"] ?? "silent" });
  return createGpuNode(config, { logger, ...dependencies });
}

/** Waits until `check` gives something, looking every 25 ms. */
export async function until<T>(what: string, check: () => Promise<T | undefined | false>, ms = 15_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`Waited ${ms} ms in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
