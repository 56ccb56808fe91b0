import type { SessionEvent } from '#contract/event';
import type { Host } from '#contract/host';
import type { Session } from '#contract/session';
import { delay, toBackOffMs } from '../../../client/delay.ts';
import { createClient, OrielError } from '../../../client/index.ts';
import { request, type Door } from '../../../client/request.ts';
import { EventLines, type ServerEvent } from './event-lines.ts';
import { STRINGS } from './strings.ts';

export interface FollowOptions {
  path: string;
  signal: AbortSignal;
  lastId?: string | undefined;
  onEvent: (event: ServerEvent) => void;
  /** Whether the stream is open. */
  onLink?: (isOpen: boolean) => void;
  /** True after an event after which none comes. */
  isLast?: (event: ServerEvent) => boolean;
}

/** Nothing for so long, and the connection is dead: the controller says each 15 s that it is there. */
const SILENT_MS = 40_000;

export type OperatorApi = ReturnType<typeof createOperatorApi>;

/** What the page asks. `onRefused`: the key is not good any more. */
export function createOperatorApi(key: string, onRefused: (why: string) => void) {
  const door: Door = { baseUrl: '', token: key, fetch: (...args) => fetch(...args) };
  const client = createClient({ token: key });
  const get = <T>(path: string) => request(door, { method: 'GET', path, repeatable: true }) as Promise<T>;
  return {
    host: () => get<Host>('/api/host'),
    list: (status: 'open' | 'all', limit: number) =>
      get<{ sessions: Session[]; lastEventId: number }>(`/api/sessions?status=${status}&limit=${limit}`),
    session: (id: string) => client.getSession(id),
    stop: (id: string) => client.stop(id),

    /** Transitions from this one on, until `signal` aborts. */
    followEvents: (lastId: number, signal: AbortSignal, onEvent: (event: SessionEvent) => void, onLink: (isOpen: boolean) => void) =>
      follow(key, onRefused, {
        path: '/api/events',
        lastId: String(lastId),
        signal,
        onLink,
        onEvent: ({ data }) => onEvent(JSON.parse(data) as SessionEvent),
      }),

    /** A console, to the end of its session or until `signal` aborts. */
    followConsole: (id: string, signal: AbortSignal, onLines: (lines: string[], dropped: number) => void) =>
      follow(key, onRefused, {
        path: `/api/auth/session/${encodeURIComponent(id)}/console/events`,
        signal,
        isLast: ({ name }) => name === 'end',
        onEvent: ({ name, data }) => {
          if (name !== 'lines') return;
          const { lines, dropped = 0 } = JSON.parse(data) as { lines: string[]; dropped?: number };
          onLines(lines, dropped);
        },
      }),
  };
}

/** Follows a stream; one that breaks is opened anew after its last event. */
async function follow(key: string, onRefused: (why: string) => void, options: FollowOptions): Promise<void> {
  const { signal, onLink } = options;
  let { lastId } = options;
  for (let failures = 0; !signal.aborted;) {
    const isDone = await readStream(key, { ...options, lastId }, (id) => ([lastId, failures] = [id ?? lastId, 0])).catch(
      (error: unknown) => {
        if (error instanceof OrielError && [401, 403].includes(error.status) && !signal.aborted) onRefused(STRINGS.wrongKey);
        return error instanceof OrielError && !error.isTransient;
      },
    );
    if (isDone || signal.aborted) return;
    onLink?.(false);
    failures += 1;
    await delay(toBackOffMs(failures), signal).catch(() => undefined);
  }
}

/** True when no event comes any more. Throws when the stream breaks. */
async function readStream(key: string, options: FollowOptions, onSeen: (id: string | undefined) => void): Promise<boolean> {
  const { path, lastId, signal, onEvent, onLink, isLast } = options;
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENT_MS);
  try {
    const headers = { authorization: `Bearer ${key}`, ...(lastId !== undefined && { 'last-event-id': lastId }) };
    const response = await fetch(path, { headers, cache: 'no-store', signal: AbortSignal.any([signal, silence.signal]) });
    if (!response.ok) throw new OrielError(response.status, 'refused', `${path} answered ${response.status}`);
    const lines = new EventLines();
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    onLink?.(true);
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENT_MS);
      for (const event of lines.take(chunk.value)) {
        onEvent(event);
        onSeen(event.id);
        if (isLast?.(event)) return true;
      }
    }
    return false;
  } finally {
    clearTimeout(timer);
  }
}
