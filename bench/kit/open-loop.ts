import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `perSecond` times a second for `seconds`, whether or not there were replies by then; gives the ms of each from the moment at
 * which it was due. A server that stops for a second so has a second's requests waiting, as it has in life.
 */
export async function askAtRate(perSecond: number, seconds: number, ask: (count: number) => Promise<unknown>): Promise<number[]> {
  const total = perSecond * seconds;
  const started = performance.now();
  const replies: Promise<number>[] = [];
  while (replies.length < total) {
    const due = started + (replies.length * 1000) / perSecond;
    if (due > performance.now()) await sleep(Math.max(1, due - performance.now()));
    else replies.push(ask(replies.length).then(() => performance.now() - due));
  }
  return Promise.all(replies);
}
