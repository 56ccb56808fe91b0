import { readFileSync } from 'node:fs';
import { toDropped } from './capabilities.ts';
import { findCommand } from './find-command.ts';
import { loadModules } from './modules.ts';

/** Set for the process that is begun again, so that it is so once. Not ORIEL_: it is nobody's to set. */
const DONE = '_ORIEL_LEAST';

/**
 * Bytes. No file is that small, and for 1 the kernel starts no collector of core dumps either, which it does for 0 (core(5)): the memory of
 * the controller has secrets in it.
 */
const CORE_BYTES = 1;

export interface Rights {
  /** /proc/self/status. */
  status: string;
  /** /proc/self/limits. */
  limits: string;
}

/**
 * Argv that begins this program again with what it needs of root's rights, or undefined when it has no more than that: systemd can have
 * seen to it. Never to get rights by a program's owner or file, no core dumps; each in a way that it and what it starts cannot take back.
 */
export function planLeast({ status, limits }: Rights, again: readonly string[]): string[] | undefined {
  const dropped = toDropped(/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0');
  const mayGain = /^NoNewPrivs:\s*0$/m.test(status);
  const [, soft, hard] = /^Max core file size\s+(\S+)\s+(\S+)/m.exec(limits) ?? [];
  if (dropped.length === 0 && !mayGain && [soft, hard].every((limit) => Number(limit) <= CORE_BYTES)) return undefined;
  const bounding = dropped.length > 0 ? [`--bounding-set=${dropped.map((name) => `-${name}`).join(',')}`] : [];
  return ['prlimit', `--core=${CORE_BYTES}:${CORE_BYTES}`, 'setpriv', ...bounding, '--inh-caps=-all', '--no-new-privs', ...again];
}

/**
 * Begins this very process again, as it is (its pid, its terminal, who waits for it), with least rights; does not come back then. Comes back
 * when there is nothing to give up, or no means: a message says what. Nothing else may have begun yet.
 */
export async function becomeLeast(say: (message: string) => void): Promise<void> {
  process.umask(0o022);
  if (process.getuid?.() !== 0 || process.env[DONE] !== undefined) return void delete process.env[DONE];
  const [status, limits] = ['status', 'limits'].map((name) => readFileSync(`/proc/self/${name}`, 'utf8')) as [string, string];
  const argv = planLeast({ status, limits }, [process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
  if (!argv) return;
  const [prlimit, setpriv] = await Promise.all(['prlimit', 'setpriv'].map((name) => findCommand(name)));
  if (!prlimit || !setpriv) return say('the controller keeps all of root’s rights: prlimit and setpriv (util-linux) are not installed');
  await loadModules();
  process.execve!(prlimit, argv, { ...process.env, [DONE]: '1' });
}
