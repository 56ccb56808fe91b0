import { SignJWT } from 'jose';
import { SCOPES, type Access, type Scope } from '../../src/auth/access.ts';
import { createViewerTokens } from '../../src/auth/viewer-tokens.ts';
import { API_KEY, VNC_SECRET } from '../fakes/controller.ts';

/** Which session is asked for. `junk` is no id at all. */
export const TARGETS = ['mine', 'foreign', 'over', 'unknown', 'junk'] as const;
export type Target = (typeof TARGETS)[number];

export interface Sessions {
  mine: string;
  foreign: string;
}

/** What the agents of the two were given: their one-time tokens, which are used, and the secrets that they speak with since. */
export type Guests = Record<keyof Sessions, { token: string; secret: string }>;

/** Who asks: with what in the `Authorization` header, or none. */
export interface Caller {
  name: string;
  /** What it may is that of: nobody, a viewer of one session, an API key. */
  as: 'nobody' | { owner: string; scopes: readonly Scope[] } | { target: Target; role: 'view' | 'control' };
  toHeader: (sessions: Sessions, guests: Guests) => Promise<string | undefined> | string | undefined;
}

/** The viewer of a session who was revoked. */
export const toRevokedViewer = (sessionId: string) => `p-revoked${sessionId.slice(2)}`;

const KEY = new Uint8Array(32);
const ours = createViewerTokens(KEY, 60_000);
const claims = (sessionId: string) => ({ sessionId, peerId: 'p-viewer', role: 'control' }) as const;
const bearer = async (token: Promise<string | { token: string }>) => {
  const made = await token;
  return `Bearer ${typeof made === 'string' ? made : made.token}`;
};
const unsigned = (text: string) => Buffer.from(text).toString('base64url');

interface StoredKey {
  secret: string;
  owner: string;
  scopes: readonly Scope[];
  expiresAt?: string;
  isRevoked?: boolean;
}

/** Keys that are in the database, by name. All sessions are of `local`. */
export const KEYS: Record<string, StoredKey> = {
  'a key that may only read': { secret: `oriel_key_${'r'.repeat(43)}`, owner: 'local', scopes: ['read'] },
  'a key that may only start': { secret: `oriel_key_${'s'.repeat(43)}`, owner: 'local', scopes: ['start'] },
  'a key of another owner': {
    secret: `oriel_key_${'f'.repeat(43)}`,
    owner: 'stranger',
    scopes: SCOPES.filter((scope) => scope !== 'operate'),
  },
  'an operator of another owner': { secret: `oriel_key_${'o'.repeat(43)}`, owner: 'host', scopes: ['operate', 'credentials'] },
  'a key whose time is over': {
    secret: `oriel_key_${'e'.repeat(43)}`,
    owner: 'local',
    scopes: SCOPES,
    expiresAt: '2020-01-01T00:00:00.000Z',
  },
  'a key that was revoked': { secret: `oriel_key_${'v'.repeat(43)}`, owner: 'local', scopes: SCOPES, isRevoked: true },
  'a key without a scope': { secret: `oriel_key_${'n'.repeat(43)}`, owner: 'local', scopes: [] },
};

/** The controller's tokens are signed by 32 zero bytes (test/fakes/controller.ts). */
export const CALLERS: Caller[] = [
  { name: 'no token', as: 'nobody', toHeader: () => undefined },
  { name: 'an empty token', as: 'nobody', toHeader: () => 'Bearer ' },
  { name: 'another scheme', as: 'nobody', toHeader: () => `Basic ${Buffer.from(`x:${API_KEY}`).toString('base64')}` },
  { name: 'a wrong key', as: 'nobody', toHeader: () => `Bearer ${'x'.repeat(43)}` },
  { name: 'the key and more', as: 'nobody', toHeader: () => `Bearer ${API_KEY}k` },
  { name: 'a part of the key', as: 'nobody', toHeader: () => `Bearer ${API_KEY.slice(1)}` },
  { name: 'an expired token', as: 'nobody', toHeader: ({ mine }) => bearer(createViewerTokens(KEY, -1000).sign(claims(mine))) },
  {
    name: "another controller's token",
    as: 'nobody',
    toHeader: ({ mine }) => bearer(createViewerTokens(new Uint8Array(32).fill(1), 60_000).sign(claims(mine))),
  },
  {
    name: 'a token without a signature',
    as: 'nobody',
    toHeader: ({ mine }) => {
      const payload = { iss: 'oriel', sub: mine, peer: 'p-viewer', role: 'control', exp: 4_000_000_000 };
      return `Bearer ${unsigned('{"alg":"none"}')}.${unsigned(JSON.stringify(payload))}.`;
    },
  },
  {
    name: 'a token that was changed',
    as: 'nobody',
    toHeader: async ({ mine, foreign }) => {
      const [head, , tail] = (await ours.sign(claims(mine))).token.split('.') as [string, string, string];
      const [, body] = (await ours.sign(claims(foreign))).token.split('.') as [string, string];
      return `Bearer ${head}.${body}.${tail}`;
    },
  },
  {
    name: 'a token that does not expire',
    as: 'nobody',
    toHeader: ({ mine }) =>
      bearer(
        new SignJWT({ peer: 'p-viewer', role: 'control' })
          .setProtectedHeader({ alg: 'HS256' })
          .setIssuer('oriel')
          .setSubject(mine)
          .sign(KEY),
      ),
  },
  {
    name: 'a viewer who was revoked',
    as: 'nobody',
    toHeader: ({ mine }) => bearer(ours.sign({ ...claims(mine), peerId: toRevokedViewer(mine) })),
  },
  {
    name: 'one of another session who was revoked',
    as: 'nobody',
    toHeader: ({ foreign }) => bearer(ours.sign({ ...claims(foreign), peerId: toRevokedViewer(foreign) })),
  },
  { name: "the guest's one-time token", as: 'nobody', toHeader: (_, { mine }) => `Bearer ${mine.token}` },
  { name: "the guest's agent", as: 'nobody', toHeader: (_, { mine }) => `Bearer ${mine.secret}` },
  { name: "another guest's one-time token", as: 'nobody', toHeader: (_, { foreign }) => `Bearer ${foreign.token}` },
  { name: "another guest's agent", as: 'nobody', toHeader: (_, { foreign }) => `Bearer ${foreign.secret}` },
  { name: "the secret of a guest's noVNC", as: 'nobody', toHeader: () => `Bearer ${VNC_SECRET}` },
  { name: 'a viewer', as: { target: 'mine', role: 'control' }, toHeader: ({ mine }) => bearer(ours.sign(claims(mine))) },
  {
    name: 'one who looks',
    as: { target: 'mine', role: 'view' },
    toHeader: ({ mine }) => bearer(ours.sign({ ...claims(mine), role: 'view' })),
  },
  {
    name: 'a viewer of another session',
    as: { target: 'foreign', role: 'control' },
    toHeader: ({ foreign }) => bearer(ours.sign(claims(foreign))),
  },
  { name: 'an API key', as: { owner: 'local', scopes: SCOPES }, toHeader: () => `Bearer ${API_KEY}` },
  ...Object.entries(KEYS).map(([name, { secret, owner, scopes, expiresAt, isRevoked }]): Caller => ({
    name,
    as: expiresAt || isRevoked ? 'nobody' : { owner, scopes },
    toHeader: () => `Bearer ${secret}`,
  })),
];

/** Undefined when the caller may; else the status that it gets. Said here once more, by what is promised and not by how it is done. */
export function toRefusal(access: Access, { as }: Caller, target: Target | undefined): number | undefined {
  if (access === 'public') return undefined;
  if (as === 'nobody') return 401;
  const { scope, viewer } = access;
  if ('scopes' in as) {
    if (!scope) return 403;
    const isOperator = as.scopes.includes('operate') && scope !== 'credentials';
    if (!as.scopes.includes(scope) && !(isOperator && ['read', 'control'].includes(scope))) return 403;
    if (target === undefined || target === 'junk') return undefined;
    return target === 'unknown' || (as.owner !== 'local' && !isOperator) ? 404 : undefined;
  }
  if (!viewer) return 403;
  if (target !== undefined && as.target !== target) return 404;
  return viewer === 'control' && as.role !== 'control' ? 403 : undefined;
}

const VIEW: Access = { scope: 'read', viewer: 'view' };
const SIGNAL: Access = { scope: 'control', viewer: 'view' };

/** Who may call what. A route that is not here fails the test. */
export const ACCESS: Record<string, Access> = {
  'GET /health': 'public',
  'GET /ready': 'public',
  'GET /metrics': 'public',
  'POST /api/auth/start': { scope: 'start' },
  'GET /api/auth/session/{id}': VIEW,
  'DELETE /api/auth/session/{id}': { scope: 'control', viewer: 'control' },
  'GET /api/auth/session/{id}/events': VIEW,
  'POST /api/auth/session/{id}/heartbeat': SIGNAL,
  'GET /api/auth/session/{id}/credentials': { scope: 'credentials' },
  'GET /api/auth/session/{id}/services': VIEW,
  'GET /api/auth/session/{id}/console': { scope: 'read', viewer: 'control' },
  'GET /api/auth/session/{id}/console/events': { scope: 'read', viewer: 'control' },
  'GET /api/auth/session/{id}/screenshot': { scope: 'control', viewer: 'view' },
  'POST /api/auth/session/{id}/viewers': { scope: 'control' },
  'GET /api/auth/session/{id}/viewers': { scope: 'read' },
  'DELETE /api/auth/session/{id}/viewers/{peer}': { scope: 'control' },
  'POST /api/auth/session/{id}/viewers/renew': { viewer: 'view' },
  'POST /api/auth/session/{id}/login/restart': { scope: 'control', viewer: 'control' },
  'GET /api/providers': { scope: 'start', viewer: 'view' },
  'GET /api/webrtc/ice-servers': VIEW,
  'POST /api/webrtc/session/{id}/offer': SIGNAL,
  'GET /api/webrtc/session/{id}/offer': SIGNAL,
  'DELETE /api/webrtc/session/{id}/offer': SIGNAL,
  'GET /api/webrtc/session/{id}/answer': SIGNAL,
  'POST /api/webrtc/session/{id}/candidate': SIGNAL,
  'GET /api/webrtc/session/{id}/candidates': SIGNAL,
  'GET /api/vnc/session/{id}': { scope: 'control', viewer: 'control' },
  'GET /api/sessions': { scope: 'read' },
  'GET /api/events': { scope: 'operate' },
  'GET /api/host': { scope: 'operate' },
};
