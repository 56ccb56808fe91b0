import { setTimeout as sleep } from 'node:timers/promises';

export interface BackOff {
  /** Waits ever longer; at once over when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
  reset(): void;
}

/** 0.2 s, doubled up to 1 s, ± 20 % so that all clones do not ask a controller at once that has just come back: its desktops wait for it. */
export function createBackOff(firstMs = 200, mostMs = 1000): BackOff {
  let nextMs = firstMs;
  return {
    async wait(signal) {
      const ms = nextMs * (0.8 + 0.4 * Math.random());
      nextMs = Math.min(mostMs, nextMs * 2);
      await sleep(ms, undefined, { signal }).catch(() => {});
    },
    reset: () => void (nextMs = firstMs),
  };
}
