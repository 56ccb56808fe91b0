import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Windows that are waited for, by the mark that they make: their class, as xprop prints it. */
export const AWAITED_WINDOWS: Readonly<Record<string, RegExp>> = { terminal: /terminal/i, chromium: /chromium/i };

/** `_NET_CLIENT_LIST(WINDOW): window id # 0x1400003, 0x1600003` → the ids; none for another property. */
export function parseClientList(line: string): string[] {
  return line.startsWith('_NET_CLIENT_LIST(') ? (line.match(/0x[0-9a-f]+/g) ?? []) : [];
}

/** Tells of each awaited window when the window manager first has it. Ends by itself when all have been seen. */
export function watchWindows(env: NodeJS.ProcessEnv, onSeen: (mark: string) => void): () => void {
  const awaited = new Map(Object.entries(AWAITED_WINDOWS));
  const known = new Set<string>();
  // All properties of the root window: asked for one that nobody has named yet, xprop would never see it.
  // stdbuf: it would keep its lines until a pipe's 4 KiB are full.
  const spy: ChildProcess = spawn('stdbuf', ['-oL', 'xprop', '-root', '-spy'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const stop = () => void spy.kill('SIGTERM');
  spy.on('error', () => {}); // marks are a service to people: none is worse than no desktop
  createInterface(spy.stdout!).on('line', (line) => {
    for (const id of parseClientList(line)) {
      if (known.has(id)) continue;
      known.add(id);
      execFile('xprop', ['-id', id, 'WM_CLASS'], { env }, (_, windowClass) => {
        for (const [mark, pattern] of awaited) if (pattern.test(windowClass) && awaited.delete(mark)) onSeen(mark);
        if (awaited.size === 0) stop();
      });
    }
  });
  return stop;
}
