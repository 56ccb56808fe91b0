import { readFileSync } from 'node:fs';
import { toMachinesGroup, type CgroupLayout } from './cgroup-plan.ts';

/** Memory that all machines of an instance hold together and cannot give back, MiB; 0 where there is no machine, or no telling. */
export function readUsedMib(layout: CgroupLayout, instance: string): number {
  try {
    return parseUsedMib(readFileSync(`${toMachinesGroup(layout, instance)}/memory.stat`, 'utf8'));
  } catch {
    return 0;
  }
}

/** What programs and their shared memory take, of a group and all below it (memory.stat of v2, or of v1, where it is called otherwise). */
export function parseUsedMib(stat: string): number {
  const count = (...names: string[]) =>
    Number(names.map((name) => new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1]).find((value) => value !== undefined) ?? 0);
  return Math.floor((count('total_rss', 'anon') + count('total_shmem', 'shmem')) / 2 ** 20);
}
