import { execFile, type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';
import { toXkbText, toXmodmapText, type SpareKey } from '../input/keymap.ts';

/** Each takes some 10 to 40 ms; a minute says that X hangs. */
const TIMEOUT_MS = 60_000;

/** Runs a program of X, resolves with what it says. Rejects when it fails. */
export type RunX = (program: 'xprop' | 'xwininfo' | 'xdotool' | 'xrandr', args: string[]) => Promise<string>;

/** `env`: DISPLAY and XAUTHORITY. */
export function createRunX(env: NodeJS.ProcessEnv): RunX {
  const run = promisify(execFile);
  return async (program, args) => (await run(program, args, { env, timeout: TIMEOUT_MS })).stdout;
}

/** Gives X its keymap. Rejects when X is not there. */
export function uploadKeymap(env: NodeJS.ProcessEnv): Promise<void> {
  return feed('xkbcomp', ['-w0', '-I/usr/share/X11/xkb', '-', env['DISPLAY']!], toXkbText(), env);
}

/** Puts key syms on spare keys. */
export function remapKeys(keys: SpareKey[], env: NodeJS.ProcessEnv): Promise<void> {
  return feed('xmodmap', ['-'], toXmodmapText(keys), env);
}

function feed(program: string, args: string[], text: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = execFile(program, args, { env, timeout: TIMEOUT_MS }, (error) => (error ? reject(error) : resolve()));
    child.stdin!.on('error', () => {}); // its exit tells
    child.stdin!.end(text);
  });
}
