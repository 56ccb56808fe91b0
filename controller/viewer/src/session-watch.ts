import type { ViewerQuality } from '#contract/quality';
import { delay, toBackOffMs } from '../../client/delay.ts';
import { OrielError, type Session, type SessionStatus, type ViewerClient } from '../../client/index.ts';

export type SessionEvents = {
  onSession: (session: Session) => void;
  /** The controller cannot be asked. `isFinal`: and that will not change. */
  onTrouble: (error: OrielError, isFinal: boolean) => void;
};

/** A server that does not hold long polls is asked no more often. */
const PAUSE_MS = 500;
const HEARTBEAT_MS = 15_000;

/** Follows the session until it ends, the token is refused, or `signal` aborts. */
export async function watchSession(client: ViewerClient, id: string, events: SessionEvents, signal: AbortSignal): Promise<void> {
  let since: string | undefined;
  for (let failures = 0; !signal.aborted;) {
    try {
      // After a failure without waiting: that the controller is back is news.
      const session = await client.getSession(id, { since: failures > 0 ? undefined : since, signal });
      if (session.updatedAt !== since || failures > 0) events.onSession(session);
      else await delay(PAUSE_MS, signal);
      if (isOver(session.status)) return;
      [since, failures] = [session.updatedAt, 0];
    } catch (error) {
      if (signal.aborted || !(error instanceof OrielError)) return;
      events.onTrouble(error, !error.isTransient);
      if (!error.isTransient) return;
      failures += 1;
      await delay(toBackOffMs(failures), signal).catch(() => undefined);
    }
  }
}

/** Tells the controller, as long as the page is open, that someone looks, and at what. What it says of the session, the watch hears too. */
export async function keepHeartbeat(
  client: ViewerClient,
  id: string,
  readQuality: () => ViewerQuality | undefined,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await client.heartbeat(id, { signal, quality: readQuality() }).catch(() => undefined);
    await delay(HEARTBEAT_MS, signal).catch(() => undefined);
  }
}

export const isOver = (status: SessionStatus): boolean => ['completed', 'failed', 'expired', 'stopped'].includes(status);

/** The machine is up: there is something to look at. */
export const isViewable = (status: SessionStatus): boolean => status === 'vm_created' || status === 'authenticating';

/** Which life of the agent it is: its connections die with it. Undefined while it has not told of itself. */
export const toAgentLife = ({ services }: Session): number | undefined => services.find(({ name }) => name === 'agent')?.restarts;
