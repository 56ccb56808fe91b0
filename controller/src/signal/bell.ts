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

/** Aborts after `ms`, or with any of `signals`. Timers take whole milliseconds, and who asks may have said half of one. */
export function waitSignal(ms: number, ...signals: AbortSignal[]): AbortSignal {
  return AbortSignal.any([AbortSignal.timeout(Math.ceil(ms)), ...signals]);
}
