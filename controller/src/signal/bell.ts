import { Limit } from '../host/limit.ts';

/** Something changed: whoever waits looks again. */
export class Bell {
  #waiting = new Set<() => void>();

  ring(): void {
    const woken = this.#waiting;
    this.#waiting = new Set();
    for (const wake of woken) wake();
  }

  /** Resolves at the next ring, or when `signal` aborts. */
  next(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) return Promise.resolve();
    const wake = () => {
      signal.removeEventListener('abort', wake);
      this.#waiting.delete(wake);
      resolve();
    };
    this.#waiting.add(wake);
    signal.addEventListener('abort', wake);
    return promise;
  }
}

/** What `read` gives, as soon as it gives something; undefined when `signal` aborts first. */
export async function until<T>(bell: Bell, read: () => T | undefined, signal: AbortSignal): Promise<T | undefined> {
  for (;;) {
    const value = read();
    if (value !== undefined || signal.aborted) return value;
    await bell.next(signal);
  }
}

/** The same, after `ms` at the latest. */
export async function untilAtMost<T>(ms: number, bell: Bell, read: () => T | undefined, ...signals: AbortSignal[]): Promise<T | undefined> {
  using limit = new Limit(ms, ...signals);
  return await until(bell, read, limit.signal);
}
