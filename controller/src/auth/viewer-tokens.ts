import { createSecretKey } from 'node:crypto';
import { SignJWT } from 'jose/jwt/sign';
import { jwtVerify } from 'jose/jwt/verify';
import { VIEWER_ROLES, type ViewerRole } from '#contract/viewer-role';

/** What a viewer token says: this viewer, of this session, may do this. */
export interface ViewerClaims {
  sessionId: string;
  peerId: string;
  role: ViewerRole;
}

export interface SignedToken {
  token: string;
  /** ms since 1970. */
  expiresAt: number;
}

export interface ViewerTokens {
  sign(claims: ViewerClaims, lifetimeMs?: number): Promise<SignedToken>;
  /** Undefined for a token that is not ours, was changed or has expired. */
  verify(token: string): Promise<ViewerClaims | undefined>;
}

const ISSUER = 'oriel';
/** Tokens whose signature was found right: a page sends the same one each time. */
const KNOWN_MAX = 4096;

/** Does not jump when the host's clock is set: nobody loses his desktop to that. */
const steadyNow = () => performance.timeOrigin + performance.now();

/** JWT, HS256: the one who signs is the one who reads. `lifetimeMs` is that of tokens of which nothing else is said; `now` is in ms since 1970. */
export function createViewerTokens(secret: Uint8Array, lifetimeMs: number, now = steadyNow): ViewerTokens {
  const key = createSecretKey(secret);
  const known = new Map<string, { claims: ViewerClaims; expiresAt: number }>();
  return {
    async sign({ sessionId, peerId, role }, ms = lifetimeMs) {
      // Whole seconds, as the token has them.
      const expiresAt = Math.floor((now() + ms) / 1000) * 1000;
      const token = await new SignJWT({ peer: peerId, role })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setSubject(sessionId)
        .setIssuedAt(new Date(now()))
        .setExpirationTime(new Date(expiresAt))
        .sign(key);
      return { token, expiresAt };
    },
    async verify(token) {
      const before = known.get(token);
      if (before) return before.expiresAt > now() ? before.claims : undefined;
      const found = await read(token, key, new Date(now()));
      if (found) remember(known, token, found);
      return found?.claims;
    },
  };
}

type Found = { claims: ViewerClaims; expiresAt: number };

function read(token: string, key: ReturnType<typeof createSecretKey>, currentDate: Date): Promise<Found | undefined> {
  const rules = { issuer: ISSUER, algorithms: ['HS256'], requiredClaims: ['sub', 'exp'], currentDate };
  return jwtVerify(token, key, rules).then(
    ({ payload }) => toFound(payload),
    () => undefined,
  );
}

/** The one that came first goes first. */
function remember(known: Map<string, Found>, token: string, found: Found): void {
  if (known.size >= KNOWN_MAX) known.delete(known.keys().next().value!);
  known.set(token, found);
}

function toFound({ sub, exp, peer, role }: { sub?: string; exp?: number; peer?: unknown; role?: unknown }): Found | undefined {
  if (!sub || !exp || typeof peer !== 'string' || !isRole(role)) return undefined;
  return { claims: { sessionId: sub, peerId: peer, role }, expiresAt: exp * 1000 };
}

function isRole(value: unknown): value is ViewerRole {
  return (VIEWER_ROLES as readonly unknown[]).includes(value);
}
