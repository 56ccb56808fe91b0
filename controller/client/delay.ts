/** Milliseconds to wait before try number `tries` (1 is the first repeat): doubled each time, from `firstMs` up to `mostMs`. */
export function toBackOffMs(tries: number, { firstMs = 200, mostMs = 3000 } = {}): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(30, Math.max(0, tries - 1)));
}

/** Resolves after `ms`, or rejects with the signal's reason. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stopped);
    };
    const stopped = () => (done(), reject(signal?.reason));
    const timer = setTimeout(() => (done(), resolve()), ms);
    signal?.addEventListener('abort', stopped, { once: true });
  });
}
