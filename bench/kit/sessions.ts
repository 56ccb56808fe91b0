import type { Session } from '#contract/session';
import type { OrielClient } from '../../controller/client/index.ts';

/** Waits until a session is as it should be, by long polls. Throws when it ends before, or after `timeoutMs`. */
export async function waitForSession(
  client: OrielClient,
  id: string,
  isReached: (session: Session) => boolean,
  timeoutMs = 60_000,
): Promise<Session> {
  const signal = AbortSignal.timeout(timeoutMs);
  for (let since: string | undefined; ;) {
    const session = await client.getSession(id, { since, signal });
    if (isReached(session)) return session;
    if (['failed', 'expired', 'stopped'].includes(session.status)) throw new Error(`session ${session.status}: ${session.reason?.message}`);
    since = session.updatedAt;
  }
}

/** Terminal and Chromium are on the desktop: what start-up has to do is done, or nearly. */
export function hasWindows({ marks }: Session): boolean {
  return marks['terminal'] !== undefined && marks['chromium'] !== undefined;
}
