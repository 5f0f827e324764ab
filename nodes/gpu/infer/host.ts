import type { Logger } from "pino";

import type { BlockTag } from "../../shared/chain/types.ts";
import type { FetchService } from "../fetch/service.ts";
import type { ModelFiles } from "../fetch/types.ts";
import type { OpenProver, ZkProver } from "../prove/types.ts";
import { ModelRunner, type RunnerOptions } from "./runner.ts";

/** A version that is ready to run. */
export interface Model {
  readonly files: ModelFiles;
  readonly runner: ModelRunner;
  /** Its prover, opened when it is asked for the first time; undefined when it has no circuit. */
  prover(): Promise<ZkProver | undefined>;
}

interface Slot {
  readonly model: Promise<Model>;
  users: number;
  lastUsed: number;
  close: () => Promise<void>;
}

export interface ModelHostOptions extends RunnerOptions {
  readonly fetch: FetchService;
  readonly openProver: OpenProver;
  /** Models kept ready. */
  readonly maxModels: number;
  readonly log: Logger;
  /** Told of the files of each model, when it is loaded. */
  readonly onFiles?: (files: ModelFiles) => void;
}

/** Keeps models ready: each is loaded once, however many ask at the same time; the least used ones are let go. */
export class ModelHost {
  readonly #options: ModelHostOptions;
  readonly #slots = new Map<string, Slot>();
  #clock = 0;

  constructor(options: ModelHostOptions) {
    this.#options = options;
  }

  /**
   * Runs `work` with a model, which stays open for as long.
   * @throws what loading throws; a failed load is forgotten, so that the next call tries again.
   */
  async use<T>(version: string, at: BlockTag, work: (model: Model) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const slot = this.#slots.get(version) ?? this.#open(version, at, signal);
    slot.users++;
    slot.lastUsed = ++this.#clock;
    try {
      return await work(await slot.model);
    } finally {
      slot.users--;
      await this.#trim();
    }
  }

  /** Provider in use by each model that is ready. */
  async providers(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    for (const [version, slot] of this.#slots) {
      const model = await slot.model.catch(() => undefined);
      if (model?.runner.provider !== undefined) found[version] = model.runner.provider;
    }
    return found;
  }

  /** Lets go of every model. */
  async close(): Promise<void> {
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    await Promise.allSettled(slots.map((slot) => slot.close()));
  }

  #open(version: string, at: BlockTag, signal?: AbortSignal): Slot {
    let prover: Promise<ZkProver | undefined> | undefined;
    const load = async (): Promise<Model> => {
      const files = await this.#options.fetch.load(version, at, signal);
      this.#options.onFiles?.(files);
      const runner = await ModelRunner.open(files, this.#options);
      return {
        files,
        runner,
        prover: () => {
          if (files.zk === undefined) return Promise.resolve(undefined);
          prover ??= this.#options.openProver(files.graph, files.zk, files.binding).catch((error: unknown) => {
            prover = undefined;
            throw error;
          });
          return prover;
        },
      };
    };
    const model = load();
    const slot: Slot = {
      model,
      users: 0,
      lastUsed: 0,
      close: async () => {
        const opened = await model.catch(() => undefined);
        await opened?.runner.close();
        await (await prover?.catch(() => undefined))?.close();
      },
    };
    model.catch(() => {
      if (this.#slots.get(version) === slot) this.#slots.delete(version);
    });
    this.#slots.set(version, slot);
    return slot;
  }

  async #trim(): Promise<void> {
    while (this.#slots.size > this.#options.maxModels) {
      const idle = [...this.#slots].filter(([, slot]) => slot.users === 0);
      const [oldest] = idle.sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
      if (oldest === undefined) return;
      this.#slots.delete(oldest[0]);
      await oldest[1].close();
    }
  }
}
