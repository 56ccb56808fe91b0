import { toAsk, toPath, type Ask } from './call.ts';
import { newOrielError } from './error.ts';
import { followEvents } from './event-stream.ts';
import type { Door } from './request.ts';
import type { Answer, CandidatesBody, OfferBody, Session, ViewerQuality } from './types.ts';
import { pauseFrom, waitFor } from './wait-for.ts';

export type ClientOptions = { baseUrl?: string; token: Door['token']; fetch?: typeof fetch };

/** A part of the desktop, in its pixels. */
export type Region = { x: number; y: number; width: number; height: number };

export type Abortable = { signal?: AbortSignal | undefined };

/** Seconds for which the server may hold a question that it has no answer to yet. */
const WAIT_S = 25;
const WAIT_TIMEOUT_MS = (WAIT_S + 10) * 1000;

/** The server waits 15 s for the desktop. */
const SCREENSHOT_TIMEOUT_MS = 25_000;

const SESSION = '/api/auth/session/{id}';
const OFFER = '/api/webrtc/session/{id}/offer';

export type ViewerClient = ReturnType<typeof toViewerCalls>;

/**
 * For pages: what somebody may ask who has a viewer's token, of the one session that the token is for. Throws OrielError when it is given
 * an API key: that one is for back ends (`createClient`), and whoever opens the page could take it.
 */
export function createViewerClient(options: ClientOptions): ViewerClient {
  const { token } = options;
  if (/^oriel_key_/.test(typeof token === 'string' ? token : token()))
    throw newOrielError(0, 'api_key_in_page', 'This is an API key, and pages are for viewers’ tokens: see createClient');
  return toViewerCalls(toDoor(options));
}

export function toDoor({ baseUrl = '', token, fetch: fetchFrom }: ClientOptions): Door {
  return { baseUrl, token, fetch: fetchFrom ?? ((...args) => fetch(...args)) };
}

/**
 * Every call takes an AbortSignal and throws OrielError. What may be sent twice is repeated (four tries, 0.2 s apart and more) when the
 * network fails; an offer is not: make a new one.
 */
export function toViewerCalls(door: Door) {
  const ask = toAsk(door);
  return { ...toSessionCalls(door, ask), ...toSignalCalls(ask) };
}

function toSessionCalls(door: Door, ask: Ask) {
  return {
    /** What one can start a session for. */
    providers: ({ signal }: Abortable = {}) =>
      ask('get', '/api/providers', { signal, repeatable: true }).then(({ providers }) => providers),

    /** The session. With `since` (an `updatedAt`) the answer waits until something has changed after it, at most 25 s. */
    getSession: (id: string, { since, signal }: Abortable & { since?: string | undefined } = {}) => readSession(ask, id, since, signal),

    /** The session once it is over, however long that takes: end it with `signal`. */
    waitForEnd: (id: string, { signal }: Abortable = {}) => untilOver(ask, id, signal),

    /** The session as it is now and after each change, to its end. */
    sessionEvents: (id: string, options: Abortable = {}) => toVersions(door, id, options),

    /** Another token of the viewer whose token this client has. */
    renewViewer: (id: string, { signal }: Abortable = {}) =>
      ask('post', `${SESSION}/viewers/renew`, { path: { id }, signal, repeatable: true }),

    /** Says that someone still looks, and how it looks there: a session that nobody looks at expires. */
    heartbeat: (id: string, { signal, quality }: Abortable & { quality?: ViewerQuality | undefined } = {}) =>
      ask('post', `${SESSION}/heartbeat`, { path: { id }, ...(quality && { body: { quality } }), signal, repeatable: true }),

    /** Begins the tool's login again, in a new terminal. */
    restartLogin: (id: string, { signal }: Abortable = {}) => ask('post', `${SESSION}/login/restart`, { path: { id }, signal }),

    /** Ends the session and throws its machine away. */
    stop: (id: string, { signal }: Abortable = {}) => ask('delete', SESSION, { path: { id }, signal, repeatable: true }),

    /** PNG of the desktop as it is now, without the pointer; of a part of it with `region`, in the desktop's pixels. */
    screenshot: (id: string, { region, signal }: Abortable & { region?: Region | undefined } = {}) =>
      ask('get', `${SESSION}/screenshot`, {
        path: { id },
        ...(region && { query: region }),
        timeoutMs: SCREENSHOT_TIMEOUT_MS,
        signal,
        repeatable: true,
      }),

    /** The end of the machine's console, oldest line first; also of a session that is over. */
    getConsole: (id: string, { signal }: Abortable = {}) => ask('get', `${SESSION}/console`, { path: { id }, signal, repeatable: true }),
  };
}

function toSignalCalls(ask: Ask) {
  const waiting = (id: string, offerId: string, signal: AbortSignal | undefined) =>
    ({ path: { id }, query: { offerId, wait: WAIT_S }, timeoutMs: WAIT_TIMEOUT_MS, signal }) as const;
  return {
    iceServers: ({ signal }: Abortable = {}) => ask('get', '/api/webrtc/ice-servers', { signal, repeatable: true }),

    sendOffer: (id: string, body: OfferBody, { signal }: Abortable = {}) => ask('post', OFFER, { path: { id }, body, signal }),

    /** Ends an offer and the connection that came of it, at once and also from a page that is being left. */
    sendBye: (id: string, offerId: string) => ask('delete', OFFER, { path: { id }, query: { offerId }, keepalive: true }),

    /** The answer to this very offer, however long it takes: end it with `signal`. A failing network ends it too. */
    waitForAnswer: (id: string, offerId: string, { signal }: Abortable = {}) =>
      waitFor<Answer>(() => ask('get', '/api/webrtc/session/{id}/answer', waiting(id, offerId, signal)), signal),

    sendCandidates: (id: string, body: CandidatesBody, { signal }: Abortable = {}) =>
      ask('post', '/api/webrtc/session/{id}/candidate', { path: { id }, body, signal, repeatable: true }),

    /** The guest's candidates for this offer, as soon as there is one that was not handed out yet. */
    waitForCandidates: (id: string, offerId: string, { signal }: Abortable = {}) =>
      waitFor(async () => {
        const reply = await ask('get', '/api/webrtc/session/{id}/candidates', waiting(id, offerId, signal));
        return reply.candidates.length > 0 ? reply : undefined;
      }, signal),
  };
}

function readSession(ask: Ask, id: string, since: string | undefined, signal: AbortSignal | undefined): Promise<Session> {
  const wait = since === undefined ? {} : { query: { since, wait: WAIT_S }, timeoutMs: WAIT_TIMEOUT_MS };
  return ask('get', SESSION, { path: { id }, ...wait, signal, repeatable: true });
}

async function untilOver(ask: Ask, id: string, signal: AbortSignal | undefined): Promise<Session> {
  let session = await readSession(ask, id, undefined, signal);
  while (!isOver(session)) {
    const askedAt = performance.now();
    session = await readSession(ask, id, session.updatedAt, signal);
    await pauseFrom(askedAt, signal);
  }
  return session;
}

async function* toVersions(door: Door, id: string, { signal }: Abortable): AsyncGenerator<Session> {
  for await (const { data } of followEvents(door, { path: toPath(`${SESSION}/events`, { id }), signal })) {
    const session = JSON.parse(data) as Session;
    yield session;
    if (isOver(session)) return;
  }
}

/** Nothing more will come of it. */
export const isOver = ({ status }: Pick<Session, 'status'>): boolean => ['completed', 'failed', 'expired', 'stopped'].includes(status);
