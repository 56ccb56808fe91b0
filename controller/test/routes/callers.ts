import { SignJWT } from 'jose';
import type { Access } from '../../src/auth/principal.ts';
import { createViewerTokens } from '../../src/auth/viewer-tokens.ts';
import { API_KEY } from '../fakes/controller.ts';

/** Which session is asked for. `junk` is no id at all. */
export const TARGETS = ['mine', 'foreign', 'over', 'unknown', 'junk'] as const;
export type Target = (typeof TARGETS)[number];

export interface Sessions {
  mine: string;
  foreign: string;
}

/** Who asks: with what in the `Authorization` header, or none. */
export interface Caller {
  name: string;
  /** What it may is that of: nobody, a viewer of one session, an API key. */
  as: 'nobody' | 'key' | { target: Target; role: 'view' | 'control' };
  toHeader: (sessions: Sessions) => Promise<string | undefined> | string | undefined;
}

const KEY = new Uint8Array(32);
const ours = createViewerTokens(KEY, 60_000);
const claims = (sessionId: string) => ({ sessionId, peerId: 'p-viewer', role: 'control' }) as const;
const bearer = async (token: Promise<string>) => `Bearer ${await token}`;
const unsigned = (text: string) => Buffer.from(text).toString('base64url');

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
      const [head, , tail] = (await ours.sign(claims(mine))).split('.') as [string, string, string];
      const [, body] = (await ours.sign(claims(foreign))).split('.') as [string, string];
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
  { name: 'an API key', as: 'key', toHeader: () => `Bearer ${API_KEY}` },
];

/** Undefined when the caller may; else the status that it gets. Said here once more, by what is promised and not by how it is done. */
export function toRefusal(access: Access, { as }: Caller, target: Target | undefined): number | undefined {
  if (access === 'public' || as === 'key') return undefined;
  if (as === 'nobody') return 401;
  if (access === 'any') return undefined;
  if (access === 'key') return 403;
  if (as.target !== target) return 404;
  return access === 'control' && as.role !== 'control' ? 403 : undefined;
}

/** Who may call what. A route that is not here fails the test. */
export const ACCESS: Record<string, Access> = {
  'GET /health': 'public',
  'GET /ready': 'public',
  'GET /metrics': 'public',
  'POST /api/auth/start': 'key',
  'GET /api/auth/session/{id}': 'view',
  'DELETE /api/auth/session/{id}': 'control',
  'GET /api/auth/session/{id}/events': 'view',
  'POST /api/auth/session/{id}/heartbeat': 'view',
  'GET /api/auth/session/{id}/credentials': 'key',
  'POST /api/auth/session/{id}/login/restart': 'control',
  'GET /api/providers': 'any',
  'GET /api/auth/session/{id}/services': 'view',
  'GET /api/auth/session/{id}/console': 'control',
  'GET /api/auth/session/{id}/console/events': 'control',
  'GET /api/webrtc/ice-servers': 'any',
  'POST /api/webrtc/session/{id}/offer': 'view',
  'GET /api/webrtc/session/{id}/offer': 'view',
  'DELETE /api/webrtc/session/{id}/offer': 'view',
  'GET /api/webrtc/session/{id}/answer': 'view',
  'POST /api/webrtc/session/{id}/candidate': 'view',
  'GET /api/webrtc/session/{id}/candidates': 'view',
  'GET /api/vnc/session/{id}': 'control',
  'GET /api/sessions': 'key',
  'GET /api/events': 'key',
  'GET /api/host': 'key',
};
