import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRssMib } from '#test/processes';

/** Of sysconf(_SC_CLK_TCK): the same on every Linux that we run on. */
const TICKS_PER_SECOND = 100;

/** Seconds of a processor that a process has used. */
export function readCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Percent of one processor that a process uses in the next seconds. */
export async function watchCpu(pid: number, seconds: number): Promise<number> {
  const [used, started] = [readCpuSeconds(pid), performance.now()];
  await sleep(seconds * 1000);
  return ((readCpuSeconds(pid) - used) * 100_000) / (performance.now() - started);
}

export { readRssMib };
