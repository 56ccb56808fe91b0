import type { ViewerRole } from '#contract/viewer-role';
import { Refusal } from '../refusal.ts';
import { ViewerRevoked } from '../sessions/errors.ts';
import { unauthorized } from '../sessions/guest-link.ts';
import { newPeerId } from '../sessions/ids.ts';
import type { Later } from '../store/later.ts';
import type { StoredViewer, ViewerTable } from '../store/viewers.ts';
import type { OpenDoors } from './open-doors.ts';
import type { ViewerClaims, ViewerTokens } from './viewer-tokens.ts';

export type { ViewerClaims } from './viewer-tokens.ts';

/** Viewers of one session whose tokens are good; a repeated start has another one each time. */
const VIEWERS_MAX = 256;
/** Sessions whose revoked viewers are kept in memory. */
const KNOWN_MAX = 4096;

export interface IssuedViewer extends ViewerClaims {
  token: string;
  /** ms since 1970. */
  expiresAt: number;
}

export interface ViewersDeps {
  table: ViewerTable;
  tokens: ViewerTokens;
  /** For rows that are of use to whoever revokes them: nobody waits for them. */
  later: Pick<Later, 'do'>;
  doors: Pick<OpenDoors, 'close'>;
  /** Tells the session's guest. */
  onRevoked(sessionId: string, peerId: string): void;
}

/**
 * Who may look at desktops. A viewer is a row, its token a short word for it that is renewed while the session lives; what is revoked is
 * the viewer, with all its tokens.
 */
export class Viewers {
  readonly #deps: ViewersDeps;
  /** Of sessions that were asked for: each request of each viewer needs it. */
  readonly #revoked = new Map<string, Set<string>>();

  constructor(deps: ViewersDeps) {
    this.#deps = deps;
  }

  /** A new viewer. `by`: who asked. Throws Refusal when there are too many. */
  async issue(sessionId: string, role: ViewerRole, by: string, lifetimeMs?: number): Promise<IssuedViewer> {
    const { table, tokens, later } = this.#deps;
    const createdAt = new Date().toISOString();
    const living = table.list(sessionId).filter(({ revokedAt, expiresAt }) => revokedAt === undefined && expiresAt > createdAt);
    if (living.length >= VIEWERS_MAX)
      throw new Refusal(429, 'too_many_viewers', `a session has at most ${VIEWERS_MAX} viewers: revoke one`, { retryAfterSeconds: 60 });
    const claims = { sessionId, peerId: newPeerId(), role };
    const signed = await tokens.sign(claims, lifetimeMs);
    const row = { peerId: claims.peerId, role, createdAt, createdBy: by, expiresAt: new Date(signed.expiresAt).toISOString() };
    later.do('viewer', () => table.insert(sessionId, row));
    return { ...claims, ...signed };
  }

  /** Another token of the same viewer. */
  async renew(claims: ViewerClaims): Promise<IssuedViewer> {
    const { table, tokens, later } = this.#deps;
    const signed = await tokens.sign(claims);
    later.do('viewer', () => table.renewed(claims.peerId, new Date(signed.expiresAt).toISOString()));
    return { ...claims, ...signed };
  }

  /** Whose token it is. Throws Refusal (401). */
  async verify(token: string): Promise<ViewerClaims> {
    const claims = await this.#deps.tokens.verify(token);
    if (!claims) throw unauthorized();
    if (this.#revokedOf(claims.sessionId).has(claims.peerId)) throw new ViewerRevoked();
    return claims;
  }

  list(sessionId: string): StoredViewer[] {
    return this.#deps.table.list(sessionId);
  }

  /** From now on its tokens are void, and what is open in its name closes. Throws Refusal when the session has no such viewer. */
  revoke(sessionId: string, peerId: string): void {
    const isNew = this.#deps.table.revoke(sessionId, peerId, new Date().toISOString());
    if (!isNew && !this.#revokedOf(sessionId).has(peerId))
      throw new Refusal(404, 'viewer_not_found', `the session has no viewer ${peerId}`);
    this.#revoked.get(sessionId)?.add(peerId);
    this.#deps.doors.close(`viewer:${peerId}`);
    this.#deps.onRevoked(sessionId, peerId);
  }

  /** Tells a session's guest again: it may not have heard before the controller ended that told it. */
  remind(sessionId: string): void {
    for (const peerId of this.#revokedOf(sessionId)) this.#deps.onRevoked(sessionId, peerId);
  }

  #revokedOf(sessionId: string): Set<string> {
    const known = this.#revoked.get(sessionId);
    if (known) return known;
    const revoked = this.#deps.table.list(sessionId).filter(({ revokedAt }) => revokedAt !== undefined);
    const peers = new Set(revoked.map(({ peerId }) => peerId));
    if (this.#revoked.size >= KNOWN_MAX) this.#revoked.delete(this.#revoked.keys().next().value!);
    this.#revoked.set(sessionId, peers);
    return peers;
  }
}
