import { setTimeout as sleep } from 'node:timers/promises';
import { PACE } from './pace.ts';
import type { TargetServer } from './target-server.ts';
import type { ViewerPage } from './viewer.ts';

/** A place inside the terminal window at start-up, in desktop pixels. */
const TERMINAL = { x: 300, y: 300 };
const TRIES = 5;

/** How long the terminal must have kept the keyboard. */
const KEPT_MS = 1_000;

/**
 * Gives the desktop's terminal the keyboard and proves that it has it and keeps it. The window manager moves the focus when it comes
 * to it, so that the first keys after a click can miss the terminal; a window that is still coming up takes it.
 */
export async function takeTerminal(viewer: ViewerPage, target: TargetServer): Promise<void> {
  await typeUntilSeen(viewer, target);
  await sleep(KEPT_MS * PACE);
  await typeUntilSeen(viewer, target);
}

async function typeUntilSeen(viewer: ViewerPage, target: TargetServer): Promise<void> {
  const count = () => target.received.filter(({ path }) => path === '/terminal').length;
  const before = count();
  for (let tries = 1; count() === before; tries++) {
    await viewer.click(TERMINAL.x, TERMINAL.y);
    await viewer.type(`\ncurl -s ${target.url}/terminal\n`);
    await target
      .waitFor('the terminal', () => count() > before, 4_000 * PACE)
      .catch((error: Error) => {
        if (tries === TRIES) throw error;
      });
  }
}
