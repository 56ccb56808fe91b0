import { readFileSync } from 'node:fs';

/**
 * A moment on the clock that runs since the host's boot. No jump of the host's time reaches it, each process of one boot reads the same,
 * and it stands while the host sleeps: CLOCK_MONOTONIC, as Node's timers.
 */
export interface BootTime {
  /** Names the boot: moments of two boots say nothing of each other. */
  bootId: string;
  ms: number;
}

let bootId: string | undefined;

export function readBootTime(): BootTime {
  bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { bootId, ms: Number(process.hrtime.bigint() / 1_000_000n) };
}
