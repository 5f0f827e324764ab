import { emitRuntime } from "@assay/compiler";
import type { Logger } from "pino";

import { Mutex } from "../../shared/async/mutex.ts";
import type { ModelFiles } from "../fetch/types.ts";
import { InferError, InferErrorCode } from "./errors.ts";
import { selfCheck } from "./self-check.ts";
import type { OpenSession, ProviderName, Session } from "./types.ts";

export interface RunnerOptions {
  /** Providers to try, best first. */
  readonly providers: readonly ProviderName[];
  readonly open: OpenSession;
  readonly log: Logger;
  /** Told when a provider was chosen. */
  readonly onProvider?: (version: string, provider: ProviderName) => void;
}

/**
 * Runs one model on the best provider that opens it and agrees with the reference interpreter in every bit; falls to the
 * next one when it fails. The ONNX file that runs is the one that the node's own compiler makes from the verified
 * graph, because a publisher's file could compute something else.
 */
export class ModelRunner {
  readonly #files: ModelFiles;
  readonly #options: RunnerOptions;
  readonly #onnx: Uint8Array;
  readonly #turn = new Mutex();
  #session: Session | undefined;
  #provider: ProviderName | undefined;
  /** Place in the list of the provider to try next. */
  #next = 0;

  private constructor(files: ModelFiles, options: RunnerOptions) {
    this.#files = files;
    this.#options = options;
    this.#onnx = emitRuntime(files.graph);
    if (!Buffer.from(this.#onnx).equals(files.runtime)) {
      options.log.warn({ version: files.version }, "the publisher's runtime file is not the graph's; running my own");
    }
  }

  /** @throws {InferError} when no provider can be used. */
  static async open(files: ModelFiles, options: RunnerOptions): Promise<ModelRunner> {
    const runner = new ModelRunner(files, options);
    await runner.#fall();
    return runner;
  }

  /** Provider in use. */
  get provider(): ProviderName | undefined {
    return this.#provider;
  }

  /**
   * The model's output for `input`, whole numbers that were checked to be in range.
   * @throws {InferError} when every provider failed.
   */
  async run(input: readonly bigint[]): Promise<bigint[]> {
    return await this.#turn.run(async () => {
      for (;;) {
        const session = this.#session;
        if (session === undefined) await this.#fall();
        else {
          try {
            return await session.run(input);
          } catch (error) {
            this.#options.log.error({ err: error, provider: this.#provider }, "provider failed; trying the next");
            await this.#drop();
          }
        }
      }
    });
  }

  async close(): Promise<void> {
    await this.#turn.run(() => this.#drop());
  }

  /** Opens the next provider of the list that works. */
  async #fall(): Promise<void> {
    const { providers, open, log, onProvider } = this.#options;
    const { version, graph } = this.#files;
    const reasons: string[] = [];
    while (this.#next < providers.length) {
      const provider = providers[this.#next++]!;
      let session: Session | undefined;
      try {
        session = await open(this.#onnx, provider);
        await selfCheck(graph, session, provider);
        this.#session = session;
        this.#provider = provider;
        log.info({ version, provider, passedOver: reasons }, "execution provider chosen");
        onProvider?.(version, provider);
        return;
      } catch (error) {
        await session?.close().catch(() => undefined);
        const reason = error instanceof Error ? error.message : String(error);
        reasons.push(`${provider}: ${reason.slice(0, 160)}`);
      }
    }
    // From the start again next time: a device may come back.
    this.#next = 0;
    const words = `No execution provider runs ${graph.name} (${reasons.join("; ")}); add "cpu" to providers.`;
    throw new InferError(InferErrorCode.NoProvider, words);
  }

  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#provider = undefined;
    await session?.close().catch(() => undefined);
  }
}
