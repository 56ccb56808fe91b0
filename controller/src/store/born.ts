import type { BootTime } from '../host/boot-time.ts';

/** Columns of a moment on the clock that runs since the host's boot. */
export interface BornRow {
  boot_id: string | null;
  born_ms: number | null;
}

export function toBorn(born: BootTime | undefined): [string | null, number | null] {
  return born ? [born.bootId, born.ms] : [null, null];
}

export function fromBorn({ boot_id: bootId, born_ms: ms }: BornRow): { born?: BootTime } {
  return bootId === null || ms === null ? {} : { born: { bootId, ms } };
}
