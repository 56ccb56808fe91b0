import type { Machine } from '../machines/driver.ts';
import type { SessionTable } from '../store/sessions.ts';
import type { Store } from '../store/store.ts';
import { SessionFailure } from './errors.ts';
import type { LiveMachine } from './live-machine.ts';
import type { Machinery } from './machinery.ts';
import { explainExit, toFatal } from './reason.ts';

/** What of a console is kept when its machine is gone: the end. */
const KEPT_CHARACTERS = 32 * 1024;
const SHOWN_LINES = 500;

/** Follows a machine that runs: its own last word, its end, and until `signal` aborts its console. Resolves when that is read. */
export function watchMachine(live: LiveMachine, machine: Machine, machinery: Machinery, signal: AbortSignal): Promise<void> {
  const onLine = (line: string) => {
    live.console.add(line);
    const fatal = toFatal(line);
    if (fatal !== undefined) live.onFailure(new SessionFailure('machine_fatal', fatal));
  };
  void machine.exited.then(async (exit) => {
    // The file knows more than the watcher: the last words of a machine come with its end.
    const text = await machinery.readConsole(live.consolePath).catch(() => live.console.lines.join('\n'));
    live.onFailure(explainExit(exit, toLines(text)));
  });
  return follow(live, machinery, onLine, AbortSignal.any([signal, live.hold.signal]));
}

async function follow(live: LiveMachine, machinery: Machinery, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  try {
    await machinery.watchConsole(live.consolePath, onLine, signal);
  } catch (error) {
    live.log.warn({ err: error }, 'console cannot be followed');
  }
}

/** Keeps the end of the console of a session's machine that is being taken down, if it can: taking down goes on. */
export async function keepConsole(
  live: LiveMachine,
  machinery: Pick<Machinery, 'readConsole'>,
  { later, sessions }: Pick<Store, 'later' | 'sessions'>,
): Promise<void> {
  const { sessionId } = live;
  if (sessionId === undefined) return;
  const text = await machinery.readConsole(live.consolePath).catch(() => live.console.lines.join('\n'));
  const kept = text.slice(-KEPT_CHARACTERS);
  const at = new Date().toISOString();
  try {
    later.do('console', () => sessions.saveConsole(sessionId, kept, at));
  } catch (error) {
    live.log.error({ err: error }, 'console cannot be kept');
  }
}

/** The end of a session's console: of its machine while there is one, else what was kept. While it is taken down its file goes, after that was kept. */
export async function readConsoleLines(
  id: string,
  live: Pick<LiveMachine, 'consolePath'> | undefined,
  machinery: Machinery,
  table: SessionTable,
): Promise<string[]> {
  const text = live && (await machinery.readConsole(live.consolePath).catch(() => undefined));
  return toLines(text || (table.readConsole(id) ?? '')).slice(-SHOWN_LINES);
}

function toLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
