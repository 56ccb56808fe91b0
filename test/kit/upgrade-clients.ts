import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type OrielClient } from '../../controller/client/index.ts';
import { assert } from './suite.ts';

export interface ClientsOptions {
  origin: string;
  apiKey: string;
  /** A session that is there all the time. */
  sessionId: string;
}

const ASK_EVERY_MS = 100;
const LIMIT_MS = 20_000;
/** A start is asked for so long after the beginning: as the one controller goes, or the other is not there yet. */
const START_AFTER_MS = 600;

/**
 * What a product's back end does all the time, while a controller takes over from another: it asks for a session, waits for its next version,
 * follows the events of all, and starts some. Each answer is noted.
 */
export function startClients({ origin, apiKey, sessionId }: ClientsOptions) {
  const client = createClient({ baseUrl: origin, token: apiKey });
  const over = new AbortController();
  const answers: Record<string, number> = {};
  const note = (what: string) => void (answers[what] = (answers[what] ?? 0) + 1);
  const path = `${origin}/api/auth/session/${sessionId}`;
  const ask = (url: string) => askOnce(url, apiKey, over.signal);
  let version = '';
  const work = [
    repeat(over.signal, async () => note((await ask(path)).said)),
    // Nothing of it changes: it waits until the controller goes.
    repeat(over.signal, async () => {
      const { said, updatedAt } = await ask(`${path}?wait=25&since=${encodeURIComponent(version)}`);
      version = updatedAt ?? version;
      note(`long poll: ${said}`);
    }),
    startOne(client),
  ] as const;
  const events = followTwice(client, over.signal);
  return {
    /** Ends them; gives how often each answer came, and the session that was started. Throws for an answer that leaves a caller in the dark. */
    async stop(): Promise<{ answers: Record<string, number>; started: string }> {
      const started = await work[2];
      await events.stop();
      over.abort();
      await Promise.all(work);
      const unclear = Object.keys(answers).filter((what) => !CLEAR.test(what));
      assert.equal(unclear, [], `answers: ${JSON.stringify(answers)}`);
      return { answers, started };
    },
  };
}

/** An answer, or one that says "again": by its code, or as nobody listens at that moment. */
const CLEAR = /^(long poll: )?(200|503 closing, retry-after \d+|ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET|it was the end)$/;

interface Said {
  said: string;
  /** Of the session. */
  updatedAt?: string | undefined;
}

async function askOnce(url: string, apiKey: string, over: AbortSignal): Promise<Said> {
  try {
    const signal = AbortSignal.any([over, AbortSignal.timeout(2 * LIMIT_MS)]);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${apiKey}` }, signal });
    const { error, updatedAt } = (await answer.json()) as { error?: { code: string }; updatedAt?: string };
    return { said: answer.ok ? '200' : `${answer.status} ${error?.code}, retry-after ${answer.headers.get('retry-after')}`, updatedAt };
  } catch (error) {
    if (over.aborted) return { said: 'it was the end' };
    const { cause, name } = error as Error & { cause?: { code?: string } };
    return { said: cause?.code ?? name };
  }
}

async function repeat(signal: AbortSignal, act: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await act();
    await sleep(ASK_EVERY_MS);
  }
}

/** By the client that products have, which repeats what it may: it gives one session. */
async function startOne(client: OrielClient): Promise<string> {
  await sleep(START_AFTER_MS);
  const idempotencyKey = `upgrade-${Date.now()}`;
  const start = () => client.startSession({ userId: 'product', provider: 'desktop' }, { idempotencyKey });
  const [{ sessionId }, again] = [await start(), await start()];
  assert.is(again.sessionId, sessionId);
  return sessionId;
}

/** The events of all sessions, followed all the time; at the end asked for once more from the beginning: the same, each once. */
function followTwice(client: OrielClient, over: AbortSignal) {
  const seen: number[] = [];
  const from = client.listSessions({ limit: 1 }).then(({ lastEventId }) => String(lastEventId));
  const following = from.then((lastId) => collect(client, lastId, over, seen));
  return {
    async stop(): Promise<void> {
      const last = Number((await client.listSessions({ limit: 1 })).lastEventId);
      await untilThere(seen, last, Number(await from));
      const again: number[] = [];
      void collect(client, await from, over, again);
      await untilThere(again, last, Number(await from));
      assert.equal(
        seen.filter((id) => id <= last),
        again.filter((id) => id <= last),
        'no event was left out, none came twice',
      );
      void following;
    },
  };
}

async function collect(client: OrielClient, lastId: string, signal: AbortSignal, ids: number[]): Promise<void> {
  try {
    for await (const { id } of client.events({ lastId, signal })) ids.push(Number(id));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function untilThere(ids: number[], last: number, first: number): Promise<void> {
  for (const until = Date.now() + LIMIT_MS; last > first && (ids.at(-1) ?? 0) < last; await sleep(50))
    if (Date.now() > until) throw new Error(`events up to ${last} were to come; there are ${ids.slice(-5).join(', ')}`);
}
