import { setTimeout as sleep } from 'node:timers/promises';
import { PACE } from './pace.ts';
import type { ViewerPage } from './viewer.ts';

/** More than it advances from one look to the next. */
const MOST_STEPS = 2000;

/** A counter that a page in the desktop draws as bits, large enough to survive any encoder, framed by two marks. */
export const COUNTER = { bits: 16, cell: 40, x: 40, y: 40 } as const;

/** The counter as the viewer's picture shows it now, or null when it shows none. */
export async function readCounter(viewer: ViewerPage): Promise<number | null> {
  const cells = Array.from({ length: COUNTER.bits + 2 }, (_, index) => ({
    x: COUNTER.x + (index + 0.5) * COUNTER.cell,
    y: COUNTER.y + COUNTER.cell / 2,
  }));
  const brightness = await viewer.readSquares(cells);
  const bits = brightness.map((value) => (value > 200 ? 1 : value < 55 ? 0 : -1));
  if (bits.length === 0 || bits.includes(-1) || bits[0] !== 1 || bits.at(-1) !== 0) return null;
  return bits.slice(1, -1).reduce<number>((value, bit) => value * 2 + bit, 0);
}

/**
 * Waits for a picture that lives: the counter is above `above`, and goes on. Resolves with the milliseconds since `since`
 * (`performance.now()`, the call when missing) and what it read. A page that is on its way to another has no picture.
 */
export async function waitForCounter(
  viewer: ViewerPage,
  { above = -1, since = performance.now(), timeoutMs = 20_000 * PACE }: { above?: number; since?: number; timeoutMs?: number } = {},
): Promise<{ ms: number; count: number }> {
  let first: number | null = null;
  const seen: (number | null)[] = [];
  for (const until = since + timeoutMs; performance.now() < until; await sleep(10)) {
    const count = await readCounter(viewer).catch(() => null);
    if (count !== seen.at(-1)) seen.push(count);
    if (count === null || count <= above) continue;
    // A picture on its way to the counter's first can look like one, of any number: what goes on from there is none.
    if (first === null || count < first || count > first + MOST_STEPS) first = count;
    if (count > first) return { ms: performance.now() - since, count };
  }
  throw new Error(
    `no counter above ${above} that advances within ${timeoutMs} ms; seen: ${seen.slice(-8).join(', ')}; ${await viewer.describe()}`,
  );
}

/** Waits for a picture that lives and comes by this transport. Resolves with the milliseconds since `since`. */
export async function waitForTransport(
  viewer: ViewerPage,
  transport: string,
  { since = performance.now(), timeoutMs = 30_000 * PACE }: { since?: number; timeoutMs?: number } = {},
): Promise<number> {
  for (;;) {
    const { ms } = await waitForCounter(viewer, { since, timeoutMs });
    if ((await viewer.transport().catch(() => undefined)) === transport) return ms;
    if (ms > timeoutMs) throw new Error(`not by ${transport} within ${timeoutMs} ms; ${await viewer.describe()}`);
  }
}
