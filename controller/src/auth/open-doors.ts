/** Longer than the requests that are under way. */
const SHUT_MAX = 4096;

/**
 * What is open in somebody's name: long polls, event streams, WebSockets. It closes when his key or token is revoked, as his next request
 * would be refused.
 */
export class OpenDoors {
  readonly #open = new Map<string, Set<() => void>>();
  /** For good: a request that was let in just before must not open one after. */
  readonly #shut = new Set<string>();

  /** Keeps `close` until what this gives is called: then it has closed by itself. */
  opened(holder: string, close: () => void): () => void {
    if (this.#shut.has(holder)) close();
    const doors = this.#open.get(holder) ?? new Set();
    this.#open.set(holder, doors.add(close));
    return () => {
      doors.delete(close);
      if (doors.size === 0 && this.#open.get(holder) === doors) this.#open.delete(holder);
    };
  }

  close(holder: string): void {
    const doors = this.#open.get(holder);
    this.#open.delete(holder);
    if (this.#shut.size >= SHUT_MAX) this.#shut.delete(this.#shut.keys().next().value!);
    this.#shut.add(holder);
    for (const close of doors ?? []) close();
  }

  /** Those that have something open. */
  get holders(): string[] {
    return [...this.#open.keys()];
  }
}
