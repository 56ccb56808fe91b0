import { setTimeout as sleep } from 'node:timers/promises';

export interface Flood {
  /** Replies by what `ask` made of them. */
  counts: Map<string, number>;
  /** Of each, until its reply, sorted. */
  ms: number[];
}

/** Asks so many times a second, whether or not the last one was answered, until `signal` aborts; resolves when all are answered. */
export async function flood(perSecond: number, ask: (n: number) => Promise<string>, signal: AbortSignal): Promise<Flood> {
  const result: Flood = { counts: new Map(), ms: [] };
  const open = new Set<Promise<void>>();
  const started = performance.now();
  for (let n = 0; !signal.aborted; n++) {
    const asked = askOnce(result, () => ask(n)).finally(() => open.delete(asked));
    open.add(asked);
    // By the clock, not by the pause: what is late is caught up.
    await sleep(Math.max(0, started + ((n + 1) * 1000) / perSecond - performance.now()));
  }
  await Promise.all(open);
  result.ms.sort((a, b) => a - b);
  return result;
}

async function askOnce({ counts, ms }: Flood, ask: () => Promise<string>): Promise<void> {
  const started = performance.now();
  const answer = await ask().catch((error: Error) => `error: ${error.cause instanceof Error ? error.cause.message : error.message}`);
  counts.set(answer, (counts.get(answer) ?? 0) + 1);
  ms.push(performance.now() - started);
}
