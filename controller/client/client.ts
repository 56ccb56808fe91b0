import type { ProviderList } from '#contract/provider';
import type { ViewerQuality } from '#contract/quality';
import type { CredentialsReply } from '#contract/sign-in';
import type { IceServers, Session, SessionStarted, StartBody } from '#contract/session';
import type { Viewer, ViewerRenewed, Viewers } from '#contract/viewer';
import type { ViewerRole } from '#contract/viewer-role';
import type { Answer, CandidatesBody, CandidatesReply, OfferAccepted, OfferBody } from '#contract/signal';
import { request, type Call, type Door } from './request.ts';
import { waitFor } from './wait-for.ts';

export type ClientOptions = { baseUrl?: string; token: Door['token']; fetch?: typeof fetch };

type Abortable = { signal?: AbortSignal | undefined };

/** Seconds for which the server may hold a question that it has no answer to yet. */
const WAIT_S = 25;
const WAIT_TIMEOUT_MS = (WAIT_S + 10) * 1000;

export type OrielClient = ReturnType<typeof createClient>;

/**
 * Everything that one asks an Oriel controller. Every call takes an AbortSignal and throws OrielError. What may be sent twice
 * is repeated (four tries, 0.2 s apart and more) when the network fails; an offer is not: make a new one.
 */
export function createClient({ baseUrl = '', token, fetch: fetchFrom }: ClientOptions) {
  const door: Door = { baseUrl, token, fetch: fetchFrom ?? ((...args) => fetch(...args)) };
  const ask = <T>(call: Call) => request(door, call) as Promise<T>;

  return {
    /** Starts a desktop, for back ends. With an `idempotencyKey` a repeated call gives the same session. */
    startSession: (body: StartBody, { signal, idempotencyKey }: Abortable & { idempotencyKey?: string } = {}) =>
      ask<SessionStarted>({
        method: 'POST',
        path: '/api/auth/start',
        body,
        signal,
        repeatable: idempotencyKey !== undefined,
        ...(idempotencyKey !== undefined && { headers: { 'idempotency-key': idempotencyKey } }),
      }),

    /** What one can start a session for. */
    providers: ({ signal }: Abortable = {}) =>
      ask<ProviderList>({ method: 'GET', path: '/api/providers', signal, repeatable: true }).then(({ providers }) => providers),

    /** What the sign-in of a completed session gave, for back ends. Not repeated: it may be good once. */
    getCredentials: (id: string, { signal }: Abortable = {}) =>
      ask<CredentialsReply>({ method: 'GET', path: `${sessionPath(id)}/credentials`, signal }),

    /** The session. With `since` (an `updatedAt`) the answer waits until something has changed after it, at most 25 s. */
    getSession: (id: string, { since, signal }: Abortable & { since?: string | undefined } = {}) =>
      ask<Session>({
        method: 'GET',
        path: sessionPath(id),
        ...(since !== undefined && { query: { since, wait: WAIT_S }, timeoutMs: WAIT_TIMEOUT_MS }),
        signal,
        repeatable: true,
      }),

    /** One more viewer of the session, for back ends: a link and a token that may look (`view`) or use the desktop (`control`). */
    issueViewer: (id: string, role: ViewerRole, { signal }: Abortable = {}) =>
      ask<Viewer>({ method: 'POST', path: viewersPath(id), body: { role }, signal }),

    /** All who were ever let in, with who was revoked. */
    listViewers: (id: string, { signal }: Abortable = {}) =>
      ask<Viewers>({ method: 'GET', path: viewersPath(id), signal, repeatable: true }),

    /** Takes a viewer's access back, at once: its connections close, its tokens are void. */
    revokeViewer: (id: string, peerId: string, { signal }: Abortable = {}) =>
      ask<unknown>({ method: 'DELETE', path: `${viewersPath(id)}/${encodeURIComponent(peerId)}`, signal, repeatable: true }),

    /** Another token of the viewer whose token this client has. */
    renewViewer: (id: string, { signal }: Abortable = {}) =>
      ask<ViewerRenewed>({ method: 'POST', path: `${viewersPath(id)}/renew`, signal, repeatable: true }),

    /** Says that someone still looks, and how it looks there: a session that nobody looks at expires. */
    heartbeat: (id: string, { signal, quality }: Abortable & { quality?: ViewerQuality | undefined } = {}) =>
      ask<unknown>({
        method: 'POST',
        path: `${sessionPath(id)}/heartbeat`,
        ...(quality && { body: { quality } }),
        signal,
        repeatable: true,
      }),

    /** Ends the session and throws its machine away. */
    stop: (id: string, { signal }: Abortable = {}) => ask<unknown>({ method: 'DELETE', path: sessionPath(id), signal, repeatable: true }),

    /** The end of the machine's console, oldest line first; also of a session that is over. */
    getConsole: (id: string, { signal }: Abortable = {}) =>
      ask<{ lines: string[] }>({ method: 'GET', path: `${sessionPath(id)}/console`, signal, repeatable: true }),

    iceServers: ({ signal }: Abortable = {}) =>
      ask<IceServers>({ method: 'GET', path: '/api/webrtc/ice-servers', signal, repeatable: true }),

    sendOffer: (id: string, body: OfferBody, { signal }: Abortable = {}) =>
      ask<OfferAccepted>({ method: 'POST', path: `${signalPath(id)}/offer`, body, signal }),

    /** Ends an offer and the connection that came of it, at once and also from a page that is being left. */
    sendBye: (id: string, offerId: string) =>
      ask<unknown>({ method: 'DELETE', path: `${signalPath(id)}/offer`, query: { offerId }, keepalive: true }),

    /** The answer to this very offer, however long it takes: end it with `signal`. A failing network ends it too. */
    waitForAnswer: (id: string, offerId: string, { signal }: Abortable = {}) =>
      waitFor(() => ask<Answer | undefined>(waitingGet(id, 'answer', offerId, signal)), signal),

    sendCandidates: (id: string, body: CandidatesBody, { signal }: Abortable = {}) =>
      ask<unknown>({ method: 'POST', path: `${signalPath(id)}/candidate`, body, signal, repeatable: true }),

    /** The guest's candidates for this offer, as soon as there is one that was not handed out yet. */
    waitForCandidates: (id: string, offerId: string, { signal }: Abortable = {}) =>
      waitFor(async () => {
        const reply = await ask<CandidatesReply | undefined>(waitingGet(id, 'candidates', offerId, signal));
        return reply?.candidates.length ? reply : undefined;
      }, signal),
  };
}

const sessionPath = (id: string) => `/api/auth/session/${encodeURIComponent(id)}`;
const viewersPath = (id: string) => `${sessionPath(id)}/viewers`;
const signalPath = (id: string) => `/api/webrtc/session/${encodeURIComponent(id)}`;

const waitingGet = (id: string, what: 'answer' | 'candidates', offerId: string, signal: AbortSignal | undefined): Call => ({
  method: 'GET',
  path: `${signalPath(id)}/${what}`,
  query: { offerId, wait: WAIT_S },
  timeoutMs: WAIT_TIMEOUT_MS,
  signal,
});
