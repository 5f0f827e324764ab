/** Lets one loop sleep until there is work or a time has passed. */
export class Notifier {
  #wake: (() => void) | undefined;
  #pending = false;

  /** Ends the wait that is under way, or the next one at once. */
  notify(): void {
    this.#pending = true;
    this.#wake?.();
  }

  /** Waits for `notify`, `ms` milliseconds, or the signal, whichever is first; never rejects. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal.addEventListener("abort", done, { once: true });
        this.#wake = done;
      });
    }
    this.#pending = false;
  }
}
