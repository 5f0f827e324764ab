const CLOCK_MS = 1_000;
const QUIET_MS = 5_000;

/** Says on stderr what is being done: one living line on a terminal, a line every five seconds elsewhere. */
export class Progress {
  readonly #started = performance.now();
  #step = "";
  #last = 0;
  #clock: NodeJS.Timeout | undefined;

  /** Something new is being done. */
  step(step: string): void {
    this.#step = step;
    this.#clock ??= setInterval(() => {
      this.#show();
    }, CLOCK_MS).unref();
    this.#show();
  }

  /** Something is finished; it stays on the screen. */
  done(text: string): void {
    clearInterval(this.#clock);
    this.#clock = undefined;
    process.stderr.write(`${process.stderr.isTTY ? "\r\u001b[K" : ""}  ${text} (${this.#seconds()} s)\n`);
  }

  #show(): void {
    const line = `  ${this.#step}, ${this.#seconds()} s`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
    else if (performance.now() - this.#last > QUIET_MS) {
      this.#last = performance.now();
      process.stderr.write(`${line}\n`);
    }
  }

  #seconds(): number {
    return Math.round((performance.now() - this.#started) / 1_000);
  }
}
