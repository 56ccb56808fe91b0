import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../host/process.ts';
import { readConsole } from '../console.ts';
import type { MachineRecord } from '../driver.ts';

/** How soon a VMM that died instead of listening is noticed. */
const LOOK_MS = 100;
/** Between a connection's end and that of the VMM that it went to. */
const ENDING_MS = 200;
const LAST_LINES = 5;
/** What a process says at its end takes a moment through the shim. */
const SHIM_MS = 500;

export interface Listener {
  /** How errors name it. */
  name: string;
  record: MachineRecord;
  console: string;
  /** In all. */
  limitMs: number;
}

/**
 * Tells a VMM that waits what to boot. `talk` is given a signal that aborts when the VMM is dead, when `limitMs` are over, or with
 * `signal`. What the VMM has said on its console is part of the error.
 */
export async function tellVmm(vmm: Listener, signal: AbortSignal, talk: (limit: AbortSignal) => Promise<void>): Promise<void> {
  const { name, record, limitMs } = vmm;
  const died = new AbortController();
  const look = () => isAlive(record).then((alive) => alive || died.abort());
  const watch = setInterval(() => void look().catch(() => undefined), LOOK_MS);
  try {
    await talk(AbortSignal.any([signal, died.signal, AbortSignal.timeout(limitMs)]));
  } catch (cause) {
    signal.throwIfAborted();
    const { message } = cause as Error;
    const what = (await hasEnded(record)) ? `${name} ended before it had a machine (${message})` : message;
    throw new Error(await withLastWords(what, vmm.console), { cause });
  } finally {
    clearInterval(watch);
  }
}

/** One that says no more may be about to end. */
async function hasEnded(record: MachineRecord): Promise<boolean> {
  for (const until = performance.now() + ENDING_MS; await isAlive(record); await sleep(LOOK_MS / 10))
    if (performance.now() > until) return false;
  return true;
}

/** A reason, and what was last said on the console. */
export async function withLastWords(what: string, console: string): Promise<string> {
  for (const until = performance.now() + SHIM_MS; performance.now() < until; await sleep(LOOK_MS / 10)) {
    const text = (await readConsole(console)).trim();
    if (text !== '') return `${what}; it said:\n${text.split('\n').slice(-LAST_LINES).join('\n')}`;
  }
  return what;
}
