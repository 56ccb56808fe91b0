import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMounts } from '../../host/mounts.ts';
import { readSystemdVersion } from '../../host/systemd.ts';
import { toCgroupLayout, type CgroupLayout, type CgroupPlan } from './cgroup-plan.ts';

/** This host's layout. Throws Error when a controller that we need is nowhere. */
export async function readCgroupLayout(): Promise<CgroupLayout> {
  return { ...toCgroupLayout(await readMounts(), await readSystemdVersion()), processors: cpus().length };
}

/** Makes a machine's groups and sets their limits; nothing where they are a unit's. */
export async function createCgroup(plan: CgroupPlan): Promise<void> {
  for (const group of plan.groups) await mkdir(group, { recursive: true, mode: 0o755 });
  // One after the other: a controller is switched on above before its files are there below.
  for (const [file, value] of plan.writes) await writeFile(file, value, { flag: 'r+' });
}

/**
 * Ends every process of the machine and takes its groups away. Being in the group is what proves a process to be the
 * machine's: nothing else ever joins it. Throws when something is still in it after `timeoutMs`.
 */
export async function removeCgroup(plan: CgroupPlan, timeoutMs: number): Promise<void> {
  for (const until = performance.now() + timeoutMs; !(await isRemoved(plan)); await sleep(10)) {
    if (performance.now() > until) throw new Error(`processes cannot be ended: ${(await readMembers(plan)).join(', ')} in ${plan.members}`);
    await killMembers(plan);
  }
}

/** Takes away directories that all machines of the instance share, unless one of them is still there. */
export async function removeEmpty(dirs: readonly string[]): Promise<void> {
  for (const dir of dirs) await rmdir(dir).catch(ignore('ENOENT', 'ENOTEMPTY', 'EBUSY'));
}

/** Processes in the machine's group: its own, and its shim. None when there is no group. */
export async function readMembers({ members }: CgroupPlan): Promise<number[]> {
  const text = await readFile(`${members}/cgroup.procs`, 'utf8').catch(ignore('ENOENT', 'ENODEV'));
  return (text ?? '').split('\n').filter(Boolean).map(Number);
}

/** How many of its processes the kernel killed because its memory had run out. */
export async function readOomKills({ oomFile }: CgroupPlan): Promise<number> {
  const text = await readFile(oomFile, 'utf8').catch(ignore('ENOENT', 'ENODEV'));
  return Number(/^oom_kill (\d+)$/m.exec(text ?? '')?.[1] ?? 0);
}

async function killMembers(plan: CgroupPlan): Promise<void> {
  try {
    await writeFile(`${plan.members}/cgroup.kill`, '1', { flag: 'r+' });
  } catch {
    // Linux before 5.14, or no v2 tree at all: one by one, until none is left to start another.
    for (const pid of await readMembers(plan)) kill(pid);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    ignore('ESRCH')(error as NodeJS.ErrnoException);
  }
}

/** Takes the groups away, those around the others as soon as these are gone; false when a process was in one of them (its last one counts for a moment after its end). */
async function isRemoved(plan: CgroupPlan): Promise<boolean> {
  const removed = await Promise.all(
    // The group of a unit, too: systemd learns from the kernel that it is empty, with or without the folder.
    [...new Set([...plan.groups, plan.members, ...plan.around])].map((group) =>
      rmdir(group)
        .catch(ignore('ENOENT'))
        .then(
          () => true,
          (error: NodeJS.ErrnoException) => {
            if (error.code !== 'EBUSY') throw error;
            return false;
          },
        ),
    ),
  );
  return removed.every(Boolean);
}

function ignore(...codes: string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
}
