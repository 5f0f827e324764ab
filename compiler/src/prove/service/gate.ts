import { ZkmlAbortedError } from "../../emit/circom/errors.ts";
import { ProofTooLargeError, ProvingQueueFullError } from "../errors.ts";

/** What a {@link Gate} lets through at once. */
export interface GateLimits {
  /** Proofs at once. */
  readonly slots: number;
  /** Bytes that proofs at once are estimated to take. */
  readonly bytes: number;
  /** Proofs that may wait. */
  readonly waiting: number;
}

interface Waiter {
  readonly bytes: number;
  readonly enter: () => void;
}

/** Lets proofs in first come, first served, as long as there is a slot and memory. A large one is never overtaken. */
export class Gate {
  readonly #limits: GateLimits;
  readonly #queue: Waiter[] = [];
  #running = 0;
  #bytes = 0;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Proofs that run and wait, and the bytes that those that run are estimated to take. */
  get state(): { readonly running: number; readonly waiting: number; readonly bytes: number } {
    return { running: this.#running, waiting: this.#queue.length, bytes: this.#bytes };
  }

  /** @throws {ProofTooLargeError} when `bytes` are more than there are, however long one waits. */
  require(bytes: number): void {
    const most = this.#limits.bytes;
    if (bytes <= most) return;
    throw new ProofTooLargeError(
      `one proof of this model takes about ${megabytes(bytes)} MB, and the service may use ${megabytes(most)} MB; raise ` +
        "memoryBytes, or prove it elsewhere",
    );
  }

  /**
   * Waits for a slot and `bytes`, and gives what gives them back; calling that twice is the same as once.
   *
   * @throws {ProofTooLargeError} when `bytes` are more than there are.
   * @throws {ProvingQueueFullError} when as many wait as may.
   * @throws {ZkmlAbortedError} when the signal ends the wait.
   */
  async enter(bytes: number, signal?: AbortSignal): Promise<() => void> {
    const { waiting } = this.#limits;
    if (signal?.aborted === true) throw aborted(signal);
    this.require(bytes);
    if (!this.#fits(bytes) || this.#queue.length > 0) {
      if (this.#queue.length >= waiting) {
        throw new ProvingQueueFullError(`${waiting} proofs wait already; try again when some are done`);
      }
      await this.#wait(bytes, signal);
    } else {
      this.#take(bytes);
    }
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#running--;
      this.#bytes -= bytes;
      this.#admit();
    };
  }

  #fits(bytes: number): boolean {
    return this.#running < this.#limits.slots && this.#bytes + bytes <= this.#limits.bytes;
  }

  #take(bytes: number): void {
    this.#running++;
    this.#bytes += bytes;
  }

  #admit(): void {
    for (let first = this.#queue[0]; first !== undefined && this.#fits(first.bytes); first = this.#queue[0]) {
      this.#queue.shift();
      this.#take(first.bytes);
      first.enter();
    }
  }

  async #wait(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((enter, leave) => {
      const onAbort = (): void => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        leave(aborted(signal));
        this.#admit();
      };
      const waiter: Waiter = {
        bytes,
        enter: () => {
          signal?.removeEventListener("abort", onAbort);
          enter();
        },
      };
      this.#queue.push(waiter);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}

function aborted(signal: AbortSignal | undefined): ZkmlAbortedError {
  return new ZkmlAbortedError("proving was ended while it waited", { cause: signal?.reason });
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
