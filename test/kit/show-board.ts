import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '#contract/session';
import { waitForCounter } from './counter.ts';
import { PACE } from './pace.ts';
import type { TargetServer } from './target-server.ts';
import type { ViewerPage } from './viewer.ts';

export interface ShownOn {
  viewer: ViewerPage;
  target: TargetServer;
  readSession: () => Promise<Session>;
  /** Of the desktop, where several have a board. */
  name?: string;
  timeoutMs?: number;
}

/** How often the first command is typed at most. */
const TRIES = 6;

/** Shows the board over all of a new desktop, and over its lower part the terminal; by the viewer's own keys. */
export async function showBoard({ viewer, target, readSession, name = '', timeoutMs = 30_000 * PACE }: ShownOn): Promise<void> {
  await waitForWindows(viewer, readSession, timeoutMs);
  const path = `/board${name}.sh`;
  const arranged = `/arranged${name}`;
  target.page(path, toScript(`${target.url}/board`, `${target.url}${arranged}`), 'text/plain');
  // The click moves the focus to the terminal, which the window manager does when it comes to it: the first keys may miss it.
  for (let tries = 1; !target.received.some((received) => received.path === path); tries++) {
    await viewer.click(200, 200);
    await viewer.type(`curl -s ${target.url}${path} | sh\n`);
    await target
      .waitFor('the first command', (received) => received.path === path, timeoutMs / TRIES)
      .catch((error: Error) => {
        if (tries === TRIES) throw error;
      });
  }
  await target.waitFor('the board', (received) => received.path === arranged, timeoutMs);
  await waitForCounter(viewer);
}

/** A window that comes up while one types takes the focus: the browser's, which is the last, has to have painted its page. */
async function waitForWindows(viewer: ViewerPage, readSession: () => Promise<Session>, timeoutMs: number): Promise<void> {
  for (const until = Date.now() + timeoutMs; ; await sleep(50)) {
    const { marks } = await readSession();
    const [page = 0] = await viewer.readSquares([{ x: 900, y: 500 }]);
    if (marks.terminal !== undefined && marks.chromium !== undefined && page > 200) return;
    if (Date.now() > until) throw new Error(`no terminal and browser after ${timeoutMs} ms: ${JSON.stringify(marks)}, brightness ${page}`);
  }
}

// The browser may take the keyboard a moment after it is seen: the terminal has it when it has kept it.
const toScript = (board: string, arranged: string) => `
terminal=$(xdotool search --class xfce4-terminal | tail -1)
chromium --user-data-dir=/tmp/board --no-first-run --kiosk ${board} >/dev/null 2>&1 &
board=$(xdotool search --sync --onlyvisible --name '^board')
xdotool windowsize $terminal 800 400 windowmove $terminal 0 200
held=0
for look in $(seq 40); do
  [ "$(xdotool getactivewindow)" = "$terminal" ] && held=$((held + 1)) || held=0
  [ $held -ge 4 ] && break
  [ $held -ge 1 ] || xdotool windowactivate --sync $terminal
  sleep 0.2
done
curl -s ${arranged}
`;
