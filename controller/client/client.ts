import { toAsk } from './call.ts';
import { followEvents, type FollowOptions } from './event-stream.ts';
import type { SessionEvent, StartBody, ViewerRole } from './types.ts';
import { toDoor, toViewerCalls, type Abortable, type ClientOptions } from './viewer-client.ts';

const SESSION = '/api/auth/session/{id}';
const VIEWERS = `${SESSION}/viewers` as const;

/** A controller that ends is followed by the next in a second or two; in ten, where upstreams do not answer. */
const HANDOVER_MS = 15_000;

export type OrielClient = ReturnType<typeof createClient>;

/**
 * For back ends: everything that one asks an Oriel controller, with an API key, which no page may ever have (`createViewerClient` is for
 * pages). Every call takes an AbortSignal and throws OrielError. What may be sent twice is repeated (four tries, 0.2 s apart and more)
 * when the network fails.
 */
export function createClient(options: ClientOptions) {
  const door = toDoor(options);
  const ask = toAsk(door);

  return {
    ...toViewerCalls(door),

    /**
     * Starts a desktop. With an `idempotencyKey` a repeated call gives the same session: it is repeated until a controller that hands over to
     * the next has done so, too.
     */
    startSession: (body: StartBody, { signal, idempotencyKey }: Abortable & { idempotencyKey?: string } = {}) =>
      ask('post', '/api/auth/start', {
        body,
        signal,
        repeatable: idempotencyKey !== undefined,
        patienceMs: HANDOVER_MS,
        ...(idempotencyKey !== undefined && { header: { 'idempotency-key': idempotencyKey } }),
      }),

    /** What the sign-in of a completed session gave. Not repeated: it may be good once. */
    getCredentials: (id: string, { signal }: Abortable = {}) => ask('get', `${SESSION}/credentials`, { path: { id }, signal }),

    /** One more viewer of the session: a link and a token that may look (`view`) or use the desktop (`control`). */
    issueViewer: (id: string, role: ViewerRole, { signal }: Abortable = {}) =>
      ask('post', VIEWERS, { path: { id }, body: { role }, signal }),

    /** All who were ever let in, with who was revoked. */
    listViewers: (id: string, { signal }: Abortable = {}) => ask('get', VIEWERS, { path: { id }, signal, repeatable: true }),

    /** Takes a viewer's access back, at once: its connections close, its tokens are void. */
    revokeViewer: (id: string, peer: string, { signal }: Abortable = {}) =>
      ask('delete', `${VIEWERS}/{peer}`, { path: { id, peer }, signal, repeatable: true }),

    /** The newest sessions of the key's owner, or of all owners for an operator. `lastEventId` is where `events` goes on. */
    listSessions: ({ signal, ...query }: Abortable & { status?: 'open' | 'all'; limit?: number } = {}) =>
      ask('get', '/api/sessions', { query, signal, repeatable: true }),

    /** Each transition of each session from now on, or after `lastId`: none is left out, none comes twice. For operators. */
    events: (options: Omit<FollowOptions, 'path'> = {}) => toTransitions(followEvents(door, { ...options, path: '/api/events' })),

    /** The host, its load and its room. For operators. */
    getHost: ({ signal }: Abortable = {}) => ask('get', '/api/host', { signal, repeatable: true }),
  };
}

async function* toTransitions(events: ReturnType<typeof followEvents>): AsyncGenerator<SessionEvent> {
  for await (const { data } of events) yield JSON.parse(data) as SessionEvent;
}
