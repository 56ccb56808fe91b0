import { COUNTER } from './counter.ts';
import type { ViewerPage } from './viewer.ts';

/** What was seen of a counter: how many of its numbers, and the longest time for which it stood still, with when that began. */
export interface Watched {
  seen: number;
  longestMs: number;
  /** ms after the watch began. */
  longestAt: number;
}

interface Watching {
  watched: Watched & { startedAt: number; changedAt: number; last: number };
}

/**
 * Watches the counter in the page itself, at each frame that its video decodes: nothing between the page and the test can make it look
 * slower, or faster. The end gives what was seen; also the time from the last change to it counts.
 */
export async function watchCounter(viewer: ViewerPage): Promise<() => Promise<Watched>> {
  const element = await viewer.element();
  await element.evaluate(({ video }, { bits, cell, x, y }) => {
    const context = new OffscreenCanvas(bits + 2, 1).getContext('2d', { willReadFrequently: true })!;
    context.imageSmoothingEnabled = false;
    const now = performance.now();
    const watched = { seen: 0, longestMs: 0, longestAt: 0, startedAt: now, changedAt: now, last: -1 };
    (globalThis as unknown as Watching).watched = watched;
    const look = () => {
      // One pixel of each of its cells: the middle.
      context.drawImage(video, x, y, (bits + 2) * cell, cell, 0, 0, bits + 2, 1);
      const { data } = context.getImageData(0, 0, bits + 2, 1);
      const cells = Array.from({ length: bits + 2 }, (_, index) => (data[index * 4 + 1]! > 200 ? 1 : data[index * 4 + 1]! < 55 ? 0 : -1));
      const isCounter = !cells.includes(-1) && cells[0] === 1 && cells.at(-1) === 0;
      const count = isCounter ? cells.slice(1, -1).reduce<number>((value, bit) => value * 2 + bit, 0) : -1;
      if (isCounter && count !== watched.last) {
        const at = performance.now();
        if (at - watched.changedAt > watched.longestMs) {
          watched.longestMs = at - watched.changedAt;
          watched.longestAt = watched.changedAt - watched.startedAt;
        }
        Object.assign(watched, { last: count, changedAt: at, seen: watched.seen + 1 });
      }
      if ((globalThis as unknown as Watching).watched === watched) video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }, COUNTER);
  return () =>
    element.evaluate(() => {
      const page = globalThis as unknown as Watching;
      const { seen, longestMs, longestAt, startedAt, changedAt } = page.watched;
      page.watched = undefined as never;
      const lastMs = performance.now() - changedAt;
      return lastMs > longestMs ? { seen, longestMs: lastMs, longestAt: changedAt - startedAt } : { seen, longestMs, longestAt };
    });
}
