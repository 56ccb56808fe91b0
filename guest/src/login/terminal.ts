import { spawn, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toShellWords } from './shell-words.ts';

/** As wide as the terminal that the desktop starts with, and over it. */
export const COLUMNS = 60;

export interface TerminalOptions {
  /** Folder of the login's pipes, see /usr/libexec/oriel/login. */
  folder: string;
  title: string;
  command: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** The desktop's own terminal has the same place: one that came later would hide this one. So it is waited for, but not for ever. */
const AFTER_THE_DESKTOPS =
  'timeout 20 xdotool search --sync --onlyvisible --class xfce4-terminal >/dev/null 2>&1; exec xfce4-terminal "$@"';

/** Runs the command in a visible terminal of its own. `onClosed` is called when that is closed. */
export async function openTerminal({ folder, title, command, env, cwd }: TerminalOptions, onClosed: () => void): Promise<() => void> {
  await writeFile(join(folder, 'command'), `exec ${toShellWords(command)}\n`, { mode: 0o600 });
  const argv = ['--disable-server', `--geometry=${COLUMNS}x38+0+0`, `--title=${title}`, '--execute', '/usr/libexec/oriel/login', folder];
  const child = spawn('sh', ['-c', AFTER_THE_DESKTOPS, 'sh', ...argv], {
    env,
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  let isWanted = true;
  const closed = () => isWanted && onClosed();
  child.once('error', closed).once('exit', closed);
  return () => {
    isWanted = false;
    end(child);
  };
}

/** The terminal; what runs in it is told so by the kernel (SIGHUP). */
function end({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // It has ended.
  }
}
