import type { Block } from "../../shared/chain/types.ts";

/** The newest block that the node knows of. Never goes back by itself; a lagging endpoint is not believed. */
export class HeadTracker {
  #head: Block | undefined;
  #updatedAt = 0;

  /** Takes a block; keeps the one with the greater number, the newer of two with the same. */
  update(block: Block): void {
    this.#updatedAt = Date.now();
    if (this.#head === undefined || block.number >= this.#head.number) this.#head = block;
  }

  /** The newest block, or undefined before the first. */
  get current(): Block | undefined {
    return this.#head;
  }

  /** When a block was last taken, milliseconds since 1970; 0 for never. */
  get updatedAt(): number {
    return this.#updatedAt;
  }
}
