import { SignJWT } from 'jose/jwt/sign';
import { jwtVerify } from 'jose/jwt/verify';

export type Role = 'control' | 'view';

/** What a viewer token says: this viewer, of this session, may do this. */
export interface ViewerClaims {
  sessionId: string;
  peerId: string;
  role: Role;
}

export interface ViewerTokens {
  sign(claims: ViewerClaims): Promise<string>;
  /** Undefined for a token that is not ours, was changed or has expired. */
  verify(token: string): Promise<ViewerClaims | undefined>;
}

const ISSUER = 'oriel';

/** JWT, HS256: the one who signs is the one who reads. `lifetimeMs` is the longest that a session lives. */
export function createViewerTokens(key: Uint8Array, lifetimeMs: number): ViewerTokens {
  return {
    sign: ({ sessionId, peerId, role }) =>
      new SignJWT({ peer: peerId, role })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setSubject(sessionId)
        .setIssuedAt()
        .setExpirationTime(new Date(Date.now() + lifetimeMs))
        .sign(key),
    verify: (token) =>
      jwtVerify(token, key, { issuer: ISSUER, algorithms: ['HS256'], requiredClaims: ['sub', 'exp'] }).then(
        ({ payload }) => toClaims(payload),
        () => undefined,
      ),
  };
}

function toClaims({ sub, peer, role }: { sub?: string; peer?: unknown; role?: unknown }): ViewerClaims | undefined {
  if (!sub || typeof peer !== 'string' || (role !== 'control' && role !== 'view')) return undefined;
  return { sessionId: sub, peerId: peer, role };
}
