/**
 * Syncs for all who ask: one at a time, and who comes while one runs shares the next, as what he wrote may have missed it. So many starts
 * cost the disk one sync, and nobody else waits for it.
 */
export class LogSync {
  readonly #sync: () => Promise<void>;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Resolves when all that was written before this call is on the disk. Rejects with what the disk said. */
  done(): Promise<void> {
    this.#next ??= this.#begin(this.#running);
    return this.#next;
  }

  async #begin(before: Promise<unknown>): Promise<void> {
    await before;
    const sync = this.#sync();
    this.#running = sync.catch(() => undefined);
    this.#next = undefined;
    await sync;
  }
}
