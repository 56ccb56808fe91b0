/**
 * What a part of a run takes on a quiet machine, seconds: what it took on a slow one, divided by its pace. The kernel's is what its compiler
 * may need: a pace is that of starting processes, and a compiler can be half as slow again.
 */
const QUIET_SECONDS = { e2eFile: 70, kernel: 600, vm: 180, soak: 30, repro: 140 };

/** A soak takes as long on any machine. */
export const SOAK_MINUTES = 3;

/** What CI may take of its 40 minutes: before this count begins, packages are installed. */
export const CI_MINUTES = 38;

/**
 * Which of the last parts of a run fit into its time, in this order; what does not fit is left out, and what follows may. `spentSeconds` of
 * `minutes` are over. `pace`: how many times slower than a quiet machine this one is. A kernel that is there already takes nothing.
 */
export function chooseParts({ minutes, spentSeconds, pace, hasKernel }: RunTime): Record<'vm' | 'soak' | 'repro', boolean> {
  let left = minutes * 60 - spentSeconds;
  const take = (seconds: number) => seconds <= left && ((left -= seconds), true);
  return {
    vm: take(pace * (QUIET_SECONDS.vm + (hasKernel ? 0 : QUIET_SECONDS.kernel))),
    soak: take(pace * QUIET_SECONDS.soak + SOAK_MINUTES * 60),
    repro: take(pace * QUIET_SECONDS.repro),
  };
}

/** Whether another file of end-to-end tests fits into it: any file, the longest too. */
export function hasTimeForFile({ minutes, spentSeconds, pace }: Omit<RunTime, 'hasKernel'>): boolean {
  return spentSeconds + pace * QUIET_SECONDS.e2eFile <= minutes * 60;
}

export interface RunTime {
  minutes: number;
  spentSeconds: number;
  pace: number;
  hasKernel: boolean;
}
