import { readFile } from 'node:fs/promises';

/** A process for ever: pids are used again, a pid with its start time is not. */
export interface ProcessId {
  pid: number;
  /** Clock ticks after boot: field 22 of /proc/pid/stat. */
  startTime: number;
}

/** Start time of a living process (a zombie lives no more); undefined when there is none with this pid. */
export async function readStartTime(pid: number): Promise<number | undefined> {
  try {
    return parseStartTime(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

/** Field 22 of a /proc/pid/stat line; undefined for a zombie. The program's name, in brackets, may contain anything. */
export function parseStartTime(stat: string): number | undefined {
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : Number(rest[18]);
}

export async function isAlive({ pid, startTime }: ProcessId): Promise<boolean> {
  return (await readStartTime(pid)) === startTime;
}

/** Sends a signal to this very process; false when it is gone, whoever has its pid now. */
export async function signalProcess(id: ProcessId, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(id))) return false;
  try {
    return process.kill(id.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
