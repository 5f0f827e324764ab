import { SIGNATURE_V1, TEE_V1, ZKML_V1 } from "@assay/sdk";
import { type Signer, Wallet } from "ethers";
import pino, { type Logger } from "pino";

import { Notifier } from "../shared/async/notifier.ts";
import { DirectoryBlobStore } from "../shared/blobs/directory.ts";
import { LayeredBlobStore } from "../shared/blobs/layered.ts";
import type { BlobStore } from "../shared/blobs/store.ts";
import { Chain } from "../shared/chain/chain.ts";
import { CallRevertedError } from "../shared/chain/errors.ts";
import { ProbeServer } from "../shared/http/server.ts";
import { RpcError, RpcErrorCode } from "../shared/rpc/errors.ts";
import { HttpRpc } from "../shared/rpc/http.ts";
import { RetryingRpc } from "../shared/rpc/retry.ts";
import { warnOfPolicies } from "./accept/owners-policies.ts";
import { AcceptService } from "./accept/service.ts";
import { type GpuNodeConfig, type GpuNodeConfigInput, parseConfig } from "./config.ts";
import { ConfirmService } from "./confirm/service.ts";
import { NodeError, NodeErrorCode } from "./errors.ts";
import { FetchService } from "./fetch/service.ts";
import { Hub } from "./hub/hub.ts";
import { type Registrations, requireRegistered } from "./hub/registrations.ts";
import { ModelHost } from "./infer/host.ts";
import { openOnnxSession } from "./infer/onnx.ts";
import { InferService } from "./infer/service.ts";
import { Journal } from "./journal/journal.ts";
import { requireSameChain, requireStillSameChain } from "./journal/same-chain.ts";
import type { Transition } from "./journal/types.ts";
import { NodeMetrics } from "./metrics.ts";
import { OpeningStore } from "./openings/store.ts";
import { openGroth16Prover } from "./prove/groth16.ts";
import { ProveService } from "./prove/service.ts";
import type { EnclaveSigner } from "./prove/types.ts";
import { SendingAccount } from "./submit/account.ts";
import { BroadcastService } from "./submit/broadcast.ts";
import { SubmitService } from "./submit/service.ts";
import type { TransactionSigner } from "./submit/types.ts";
import { HeadTracker } from "./supervise/head.ts";
import { Pipeline } from "./supervise/pipeline.ts";
import type { GpuNode, GpuNodeDependencies, GpuNodeHealth, GpuNodeStats } from "./types.ts";
import { WatchService } from "./watch/service.ts";

/** Nonces that one request may use up before it is given up. */
const MAX_ATTEMPTS = 3;
const END_STATES = new Set(["final", "declined", "failed", "expired", "doneByOther"]);

/**
 * A GPU node, not started yet.
 *
 * @example
 * ```ts
 * import { createGpuNode } from "@assay/nodes/gpu";
 * const node = createGpuNode(JSON.parse(await readFile("node.json", "utf8")));
 * await node.start();
 * process.once("SIGTERM", () => void node.stop());
 * ```
 * @throws {NodeError} when the configuration is not valid, or a served kind has no key.
 */
export function createGpuNode(config: GpuNodeConfigInput, dependencies: GpuNodeDependencies = {}): GpuNode {
  return new Node(parseConfig(config), dependencies);
}

/** Everything that is open while a node runs. */
interface Running {
  readonly journal: Journal;
  readonly account: SendingAccount;
  readonly models: ModelHost;
  readonly watch: WatchService;
  readonly pipeline: Pipeline;
  readonly loops: Promise<unknown>;
  readonly server: ProbeServer | undefined;
}

class Node implements GpuNode {
  readonly #config: GpuNodeConfig;
  readonly #given: GpuNodeDependencies;
  readonly #log: Logger;
  readonly #metrics = new NodeMetrics();
  readonly #head = new HeadTracker();
  readonly #abort = new AbortController();
  readonly #blocks = new Notifier();
  readonly #wallet: TransactionSigner;
  readonly #signer: Signer | undefined;
  readonly #enclave: EnclaveSigner | undefined;
  readonly broken: Promise<Error>;
  #breaks: (error: Error) => void = () => undefined;
  #problem: Error | undefined;
  #phase: GpuNodeHealth["phase"] = "new";
  #startedAt = 0;
  #running: Running | undefined;
  #stopped: Promise<void> | undefined;

  constructor(config: GpuNodeConfig, given: GpuNodeDependencies) {
    this.#config = config;
    this.#given = given;
    this.broken = new Promise((resolve) => (this.#breaks = resolve));
    this.#log = (given.logger ?? pino()).child({ node: "gpu", hub: config.hub });
    const wallet = given.wallet ?? walletOf(config.wallet?.privateKey);
    if (wallet === undefined) throw keyMissing("wallet", "to send transactions");
    this.#wallet = wallet;
    const signer = given.signer ?? walletOf(config.signer?.privateKey);
    const key = walletOf(config.enclave?.privateKey);
    const fromKey = key && {
      address: key.address,
      signStatement: (hash: string) => key.signingKey.sign(hash).serialized,
    };
    const enclave = given.enclave ?? fromKey;
    const kinds = new Set(config.kinds);
    if (kinds.has("SIGNATURE") && signer === undefined) throw keyMissing("signer", "because kinds has SIGNATURE");
    if (kinds.has("TEE") && (config.enclave === undefined || enclave === undefined)) {
      throw keyMissing(
        config.enclave === undefined ? "enclave" : "the key in enclave",
        "because kinds has TEE; register one with `npx hardhat enclave register` and give its policy and key, or take TEE " +
          "out of kinds and leave enclave out",
      );
    }
    this.#signer = kinds.has("SIGNATURE") ? signer : undefined;
    this.#enclave = kinds.has("TEE") ? enclave : undefined;
  }

  async start(): Promise<void> {
    if (this.#phase !== "new") {
      throw new NodeError(NodeErrorCode.AlreadyStarted, "The node was started before; make a new one to start again.");
    }
    this.#phase = "running";
    this.#startedAt = Date.now();
    try {
      this.#running = await this.#open(this.#abort.signal);
    } catch (error) {
      this.#phase = "stopped";
      throw error;
    }
    const { account, server } = this.#running;
    const { chainId, kinds, models } = this.#config;
    this.#log.info(
      { chainId: `${chainId}`, wallet: account.address, kinds, models, port: server?.port },
      "node started",
    );
  }

  async stop(): Promise<void> {
    this.#stopped ??= this.#close();
    await this.#stopped;
  }

  health(): GpuNodeHealth {
    const problems: string[] = [];
    const scannedAt = this.#running?.watch.scannedAt ?? 0;
    const late = Math.max(60_000, 5 * this.#config.pollMs);
    const since = Date.now() - Math.max(scannedAt, this.#startedAt);
    if (this.#phase !== "running") problems.push(`the node is ${this.#phase}`);
    else if (this.#problem !== undefined) problems.push(this.#problem.message);
    else if (since > late) problems.push(`the chain was not read for ${Math.round(since / 1000)} s`);
    return {
      ok: problems.length === 0,
      problems,
      phase: this.#phase,
      headBlock: this.#head.current?.number,
      nextBlock: this.#phase === "stopped" ? undefined : this.#running?.journal.cursor(),
    };
  }

  async stats(): Promise<GpuNodeStats> {
    const running = this.#running;
    return {
      requests: this.#phase === "stopped" ? {} : (running?.journal.counts() ?? {}),
      busy: running?.pipeline.busy ?? 0,
      providers: (await running?.models.providers()) ?? {},
      wallet: await this.#wallet.getAddress(),
      port: running?.server?.port,
    };
  }

  async metrics(): Promise<string> {
    return await this.#metrics.registry.metrics();
  }

  async #open(signal: AbortSignal): Promise<Running> {
    const config = this.#config;
    const log = this.#log;
    const metrics = this.#metrics;
    const head = this.#head;
    const rpc = new RetryingRpc(this.#given.rpc ?? new HttpRpc(config.rpcUrl, { timeoutMs: config.rpcTimeoutMs }), {
      onRetry: ({ code, message }, method, waitMs) => {
        metrics.rpcRetries.inc({ code });
        log.debug({ code, method, waitMs, detail: message }, "call repeated");
      },
    });
    const chain = new Chain(rpc);
    const hub = await this.#hub(chain, signal);
    const journal = new Journal({
      path: config.journal,
      chainId: config.chainId,
      hub: hub.address,
      observer: (transition) => this.#observe(transition),
    });
    try {
      const { chainId, reorgDepth: depth, journal: path } = config;
      const check = { chain, journal, chainId, reorgDepth: depth, path };
      await requireSameChain(check, log, signal);
      await requireRegistered(await this.#registrations(), { chain, hub: hub.address, log }, signal);
      const account = await SendingAccount.open(this.#wallet, chain, config.chainId, journal);
      const zkml = config.kinds.includes("ZKML");
      const fetch = new FetchService(hub, this.#blobs(), { maxFileBytes: config.limits.maxFileBytes, zkml });
      const models = new ModelHost({
        fetch,
        log,
        providers: config.providers,
        maxModels: config.limits.maxModels,
        open: this.#given.openSession ?? openOnnxSession,
        openProver: this.#given.openProver ?? openGroth16Prover,
        onFiles: (files) => warnOfPolicies(log, files, config),
        onProvider: (version, provider) => {
          for (const name of config.providers)
            metrics.provider.set({ version, provider: name }, name === provider ? 1 : 0);
        },
      });
      const { payee, confirmations, bumpAfterMs, maxBlockRange, pollMs, reorgDepth, startBlock } = config;
      const { maxFeePerGas, concurrency } = config.limits;
      const openings = new OpeningStore(config.openings);
      const common = { chain, hub, journal, head, metrics, account, models, openings };
      const stages = [
        new AcceptService({ ...common, isAtHand: (digest) => fetch.isAtHand(digest) }, this.#terms()),
        new InferService(common),
        new ProveService(common, { signer: this.#signer, enclave: this.#enclave, payee }),
        new SubmitService(common, { payee, maxFeePerGas }),
        new BroadcastService(common),
      ];
      const pipeline = new Pipeline({ journal, head, metrics, log, stages }, { concurrency, pollMs });
      const onNews = (): void => pipeline.notify();
      const confirm = new ConfirmService(
        { ...common, log, onNews },
        { payee, confirmations, bumpAfterMs, maxFeePerGas, maxBlockRange, maxAttempts: MAX_ATTEMPTS },
      );
      const watch = new WatchService(
        {
          ...common,
          log,
          onNews: () => [onNews(), this.#blocks.notify()],
          requireSameChain: (doubt, at) => requireStillSameChain(check, doubt, at),
        },
        { startBlock, reorgDepth, maxBlockRange, pollMs },
      );
      const server = await this.#serve();
      const loops = Promise.all([
        watch.run(signal).catch((error: unknown) => this.#break(error, pipeline)),
        pipeline.run(signal),
        this.#confirm(confirm, chain, journal, account, signal),
      ]);
      return { journal, account, models, watch, pipeline, loops, server };
    } catch (error) {
      journal.close();
      throw error;
    }
  }

  /** Nothing that is in the journal or in memory can be true any more: no stage may go on. */
  #break(cause: unknown, pipeline: Pipeline): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#problem = error;
    pipeline.drain();
    this.#log.error({ err: error }, "the node cannot go on");
    this.#breaks(error);
  }

  async #hub(chain: Chain, signal: AbortSignal): Promise<Hub> {
    const { chainId, hub: address } = this.#config;
    const found = await chain.chainId(signal);
    if (found !== chainId) {
      const words = `The endpoint is of chain ${found}, the configuration says ${chainId}; correct one of them.`;
      throw new RpcError(RpcErrorCode.WrongChain, words);
    }
    const hub = new Hub(chain, address, chainId);
    this.#head.update(await chain.head(signal));
    try {
      await hub.registry("latest", signal);
    } catch (cause) {
      if (
        !(cause instanceof CallRevertedError) &&
        !(cause instanceof RpcError && cause.code === RpcErrorCode.Garbage)
      ) {
        throw cause;
      }
      throw new NodeError(NodeErrorCode.HubInvalid, `No hub of Assay answers at ${address}; correct hub.`, { cause });
    }
    return hub;
  }

  async #registrations(): Promise<Registrations> {
    const { payee, enclave } = this.#config;
    const key = this.#enclave?.address;
    return {
      payee,
      signer: await this.#signer?.getAddress(),
      enclave: enclave === undefined || key === undefined ? undefined : { policy: enclave.policy, key },
    };
  }

  #blobs(): BlobStore {
    if (this.#given.blobs !== undefined) return this.#given.blobs;
    const [first, ...rest] = this.#config.blobs.map((folder) => new DirectoryBlobStore(folder));
    // The schema wants one at least.
    return new LayeredBlobStore([first!, ...rest]);
  }

  #terms(): ConstructorParameters<typeof AcceptService>[1] {
    const { models, limits, enclave, kinds } = this.#config;
    const selectors = { SIGNATURE: SIGNATURE_V1, TEE: TEE_V1, ZKML: ZKML_V1 };
    return {
      models: models === "all" ? undefined : new Set(models),
      selectors: new Set(kinds.map((kind) => selectors[kind])),
      enclavePolicy: enclave?.policy,
      maxInputBytes: limits.maxInputBytes,
      maxCallbackGas: BigInt(limits.maxCallbackGas),
      minSecondsLeft: limits.minSecondsLeft,
      minPayment: limits.minPayment,
    };
  }

  async #serve(): Promise<ProbeServer | undefined> {
    const { metricsPort, metricsHost } = this.#config;
    if (metricsPort === 0) return undefined;
    return await ProbeServer.listen(metricsHost, metricsPort, {
      "/healthz": () => {
        const health = this.health();
        return { status: health.ok ? 200 : 503, type: "application/json", body: `${JSON.stringify(health)}\n` };
      },
      "/metrics": async () => ({ status: 200, type: this.#metrics.registry.contentType, body: await this.metrics() }),
    });
  }

  /** Looks after what was sent at every block, and at least every poll. */
  async #confirm(
    confirm: ConfirmService,
    chain: Chain,
    journal: Journal,
    account: SendingAccount,
    signal: AbortSignal,
  ): Promise<void> {
    const isOver = (): boolean => this.#phase !== "running" || this.#problem !== undefined || signal.aborted;
    while (!isOver()) {
      try {
        const head = this.#head.current;
        if (head !== undefined) await confirm.tick(head, signal);
        await this.#gauge(chain, journal, account, signal);
      } catch (error) {
        if (isOver()) return;
        this.#metrics.stageErrors.inc({ stage: "confirm" });
        this.#log.warn({ err: error }, "cannot look after transactions");
      }
      await this.#blocks.wait(this.#config.pollMs, signal);
    }
  }

  async #gauge(chain: Chain, journal: Journal, account: SendingAccount, signal: AbortSignal): Promise<void> {
    const metrics = this.#metrics;
    metrics.requests.reset();
    for (const [state, count] of Object.entries(journal.counts())) metrics.requests.set({ state }, count);
    const oldest = journal.oldestOpen();
    metrics.oldestUnsettled.set(oldest === undefined ? 0 : (Date.now() - oldest) / 1000);
    metrics.balance.set(Number(await chain.balance(account.address, signal)));
    const signed = (journal.highestNonce(account.address) ?? -1) + 1;
    metrics.nonceGap.set(Math.max(0, signed - (await chain.nonce(account.address, signal))));
  }

  #observe(transition: Transition): void {
    this.#given.onTransition?.(transition);
    if (transition.phase === "after" && END_STATES.has(transition.to)) {
      this.#metrics.finished.inc({ state: transition.to });
    }
  }

  async #close(): Promise<void> {
    const running = this.#running;
    if (running === undefined || this.#phase === "stopped") {
      this.#phase = "stopped";
      return;
    }
    this.#phase = "draining";
    this.#log.info({ busy: running.pipeline.busy }, "draining");
    running.pipeline.drain();
    this.#blocks.notify();
    const limit = Date.now() + this.#config.drainMs;
    while (running.pipeline.busy > 0 && Date.now() < limit) await new Promise((resolve) => setTimeout(resolve, 20));
    this.#abort.abort(new DOMException("The node stops.", "AbortError"));
    await running.loops.catch((error: unknown) => this.#log.error({ err: error }, "a loop ended badly"));
    await running.server?.close();
    await running.models.close();
    running.journal.close();
    this.#phase = "stopped";
    this.#log.info("node stopped");
  }
}

function walletOf(privateKey: string | undefined): Wallet | undefined {
  return privateKey === undefined ? undefined : new Wallet(privateKey);
}

function keyMissing(field: string, why: string): NodeError {
  return new NodeError(
    NodeErrorCode.KeyMissing,
    `Node configuration: ${field} is missing, ${why}; see docs/nodes/gpu.md.`,
  );
}
