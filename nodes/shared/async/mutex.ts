/** Runs tasks one after another, in the order they were given. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `task` when everything given before has ended, and resolves or rejects as it does. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task, task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
