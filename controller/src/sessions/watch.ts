import type { Session } from '#contract/session';
import { untilAtMost } from '../signal/bell.ts';
import type { LiveSession } from './live-session.ts';
import { isFinal } from './transitions.ts';

/** Proxies close a stream on which nothing comes for a minute. */
export const KEEP_ALIVE_MS = 15_000;

/** Resolves when the session differs from the version `since`, ends, `waitMs` have passed or `gone` aborts. */
export async function waitForChange(
  live: LiveSession,
  read: () => Session,
  since: string,
  waitMs: number,
  gone: AbortSignal,
): Promise<void> {
  await untilAtMost(waitMs, live.changed, () => read().updatedAt !== since || undefined, live.life.signal, gone);
}

/** Each version of a session from now on, the present one first and a final one last; undefined where there was none for a while. */
export async function* toVersions(
  wait: (since: string | undefined, waitMs: number) => Promise<Session>,
  gone: AbortSignal,
): AsyncGenerator<Session | undefined> {
  let last: string | undefined;
  while (!gone.aborted) {
    const session = await wait(last, KEEP_ALIVE_MS);
    yield session.updatedAt === last ? undefined : session;
    last = session.updatedAt;
    if (isFinal(session.status)) return;
  }
}
