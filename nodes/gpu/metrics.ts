import { Counter, Gauge, Histogram, Registry } from "prom-client";

const SECONDS = [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 15, 60, 300];

/** The node's Prometheus metrics, in a registry of their own. */
export class NodeMetrics {
  readonly registry: Registry = new Registry();
  readonly seen = this.#counter("requests_seen_total", "Requests recorded");
  readonly accepted = this.#counter("requests_accepted_total", "Requests taken on");
  readonly skipped = this.#counter("requests_skipped_total", "Requests declined, by reason", ["reason"]);
  readonly finished = this.#counter("requests_finished_total", "Requests at their end, by state", ["state"]);
  readonly stageErrors = this.#counter("stage_errors_total", "Failures of a stage", ["stage"]);
  readonly refusedLogs = this.#counter("logs_refused_total", "Logs left out because they never made sense");
  readonly rpcRetries = this.#counter("rpc_retries_total", "Calls to the endpoint that were repeated", ["code"]);
  readonly transactions = this.#counter("transactions_total", "Transactions, by what happened to them", ["event"]);
  readonly inferenceSeconds = this.#histogram("inference_seconds", "Time of one inference");
  readonly proofSeconds = this.#histogram("proof_seconds", "Time to make the evidence of one request", ["selector"]);
  readonly provider = this.#gauge("provider_info", "1 for the execution provider of a model", ["version", "provider"]);
  readonly requests = this.#gauge("requests", "Requests in the journal, by state", ["state"]);
  readonly cursorLag = this.#gauge("cursor_lag_blocks", "Blocks between the head and the last one scanned");
  readonly nonceGap = this.#gauge("nonce_gap", "Nonces signed for that the chain has not used yet");
  readonly oldestUnsettled = this.#gauge(
    "oldest_unsettled_seconds",
    "Age of the oldest request that is not at its end",
  );
  readonly balance = this.#gauge("wallet_balance_wei", "Balance of the sending account, rounded");
  readonly reorganised = this.#counter("reorganised_total", "Transactions whose block left the chain");

  #counter<T extends string>(name: string, help: string, labelNames: T[] = []): Counter<T> {
    return new Counter({ name: `assay_node_${name}`, help, labelNames, registers: [this.registry] });
  }

  #gauge<T extends string>(name: string, help: string, labelNames: T[] = []): Gauge<T> {
    return new Gauge({ name: `assay_node_${name}`, help, labelNames, registers: [this.registry] });
  }

  #histogram<T extends string>(name: string, help: string, labelNames: T[] = []): Histogram<T> {
    const registers = [this.registry];
    return new Histogram({ name: `assay_node_${name}`, help, labelNames, buckets: SECONDS, registers });
  }
}
