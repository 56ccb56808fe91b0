import type { ViewerRole } from '#contract/viewer-role';
import { Refusal } from '../refusal.ts';
import { unauthorized } from '../sessions/guest-link.ts';
import { SessionNotFound } from '../sessions/errors.ts';
import { hasRole, hasScope, reachesAll, type Access } from './access.ts';
import type { ApiKeys, KeyHolder } from './api-keys.ts';
import type { ViewerClaims, Viewers } from './viewers.ts';

/** Who asks: the product's back end (or an operator) with an API key, or one viewer of one session. */
export type Principal = ({ kind: 'key' } & KeyHolder) | ({ kind: 'viewer' } & ViewerClaims);

export interface Gate {
  keys: ApiKeys;
  viewers: Pick<Viewers, 'verify'>;
}

/** Who has this token. Throws Refusal (401). */
export async function identify(token: string | undefined, { keys, viewers }: Gate): Promise<Principal> {
  if (!token) throw unauthorized();
  // Keys have no dots: what is no JWT is not tried as one.
  if (token.includes('.')) return { kind: 'viewer', ...(await viewers.verify(token)) };
  const holder = keys.verify(token);
  if (!holder) throw unauthorized();
  return { kind: 'key', ...holder };
}

/** Throws Refusal unless the principal may. `sessionId`: the one that is meant. Another's answers as one that does not exist. */
export function authorize(
  principal: Principal,
  access: Access,
  sessionId: string | undefined,
  ownerOf: (sessionId: string) => string | undefined,
): void {
  if (access === 'public') return;
  if (principal.kind === 'viewer') authorizeViewer(principal, access, sessionId);
  else authorizeKey(principal, access, sessionId, ownerOf);
}

function authorizeViewer(
  { sessionId: own, role }: ViewerClaims,
  { viewer }: Exclude<Access, 'public'>,
  sessionId: string | undefined,
): void {
  if (!viewer) throw new Refusal(403, 'key_needed', 'this needs an API key');
  if (sessionId !== undefined && own !== sessionId) throw new SessionNotFound(sessionId);
  if (!hasRole(role, viewer)) throw new Refusal(403, 'control_needed', 'this token may look, but not touch');
}

function authorizeKey(
  { scopes, owner }: KeyHolder,
  { scope }: Exclude<Access, 'public'>,
  sessionId: string | undefined,
  ownerOf: (sessionId: string) => string | undefined,
): void {
  if (!scope) throw new Refusal(403, 'viewer_needed', 'this is for viewers: it needs the token of one');
  if (!hasScope(scopes, scope)) throw new Refusal(403, 'scope_needed', `this needs an API key with the scope ${scope}`);
  // What is no session's id is told so by the route's schema.
  if (sessionId === undefined || !SESSION_ID.test(sessionId)) return;
  const found = ownerOf(sessionId);
  if (found === undefined || (found !== owner && !reachesAll(scopes, scope))) throw new SessionNotFound(sessionId);
}

const SESSION_ID = /^s-[a-z2-7]{20}$/;

/** Whose sessions a key is shown; undefined: everybody's. */
export function toOwner(principal: Principal): string | undefined {
  if (principal.kind === 'viewer') throw new Error('a viewer owns nothing');
  return reachesAll(principal.scopes, 'read') ? undefined : principal.owner;
}

/** How logs and audit name it. */
export function toWho(principal: Principal): string {
  return principal.kind === 'key' ? `key:${principal.name}` : `viewer:${principal.peerId}`;
}

/** What is open in its name is kept under this: two keys may have one name, while one is changed for the other. */
export function toHolder(principal: Principal): string {
  return principal.kind === 'key' ? `key:${principal.id}` : `viewer:${principal.peerId}`;
}

/** Under which an Idempotency-Key is kept: what one owner chose says nothing about another's. */
export function toOwnKey({ owner }: KeyHolder, key: string | undefined): string | undefined {
  return key === undefined ? undefined : `${owner} ${key}`;
}

/** Whose signals it sends: API keys have one viewer in common. No underscore is in it: see signal/mailbox.ts. */
export function toViewerId(principal: Principal): string {
  return principal.kind === 'key' ? 'api' : principal.peerId;
}

/** What it may do at a desktop: a key that may view one may use it. */
export function toRole(principal: Principal): ViewerRole {
  return principal.kind === 'key' ? 'control' : principal.role;
}

/** The token of an `Authorization: Bearer …` header. */
export function toBearer(header: string | undefined): string | undefined {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? '')?.[1];
}
