import type { SessionEvent } from '#contract/event';
import { createClient, OrielError } from '../../../client/index.ts';
import { followEvents } from '../../../client/event-stream.ts';
import { toDoor } from '../../../client/viewer-client.ts';
import { STRINGS } from './strings.ts';

export type OperatorApi = ReturnType<typeof createOperatorApi>;

/** What the page asks. `onRefused`: the key is not good any more. */
export function createOperatorApi(key: string, onRefused: (why: string) => void) {
  const door = toDoor({ token: key });
  const client = createClient({ token: key });
  /** A stream that ends with its signal has ended well. */
  const untilRefused = async (following: Promise<void>, signal: AbortSignal) => {
    await following.catch((error: unknown) => {
      if (error instanceof OrielError && [401, 403].includes(error.status) && !signal.aborted) onRefused(STRINGS.wrongKey);
    });
  };
  return {
    host: () => client.getHost(),
    list: (status: 'open' | 'all', limit: number) => client.listSessions({ status, limit }),
    session: (id: string) => client.getSession(id),
    stop: (id: string) => client.stop(id),

    /** Transitions from this one on, until `signal` aborts. */
    followEvents(lastId: number, signal: AbortSignal, onEvent: (event: SessionEvent) => void, onLink: (isOpen: boolean) => void) {
      const follow = async () => {
        for await (const event of client.events({ lastId: String(lastId), signal, onLink })) onEvent(event);
      };
      return untilRefused(follow(), signal);
    },

    /** A console, to the end of its session or until `signal` aborts. */
    followConsole(id: string, signal: AbortSignal, onLines: (lines: string[], dropped: number) => void) {
      const follow = async () => {
        const path = `/api/auth/session/${encodeURIComponent(id)}/console/events`;
        for await (const { name, data } of followEvents(door, { path, signal })) {
          if (name === 'end') return;
          if (name !== 'lines') continue;
          const { lines, dropped = 0 } = JSON.parse(data) as { lines: string[]; dropped?: number };
          onLines(lines, dropped);
        }
      };
      return untilRefused(follow(), signal);
    },
  };
}
