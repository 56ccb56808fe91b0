import { Refusal } from '../refusal.ts';
import { unauthorized } from '../sessions/guest-link.ts';
import { SessionNotFound } from '../sessions/errors.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Role, ViewerTokens } from './viewer-tokens.ts';

/** Who asks: the product's back end (or an operator) with an API key, or one viewer of one session. */
export type Principal = { kind: 'key'; name: string } | { kind: 'viewer'; sessionId: string; peerId: string; role: Role };

/**
 *  public   nobody is asked
 *  any      whoever has a token
 *  key      an API key
 *  view     an API key, or a token of this session
 *  control  the same, but no token that may only look
 */
export type Access = 'public' | 'any' | 'key' | 'view' | 'control';

export interface Gate {
  keys: ApiKeys;
  viewerTokens: ViewerTokens;
}

/** Who has this token. Throws Refusal (401). */
export async function identify(token: string | undefined, { keys, viewerTokens }: Gate): Promise<Principal> {
  if (!token) throw unauthorized();
  // Keys have no dots: what is no JWT is not tried as one.
  const claims = token.includes('.') ? await viewerTokens.verify(token) : undefined;
  if (claims) return { kind: 'viewer', ...claims };
  const name = keys.verify(token);
  if (name === undefined) throw unauthorized();
  return { kind: 'key', name };
}

/** Throws unless the principal may. Another's session answers as one that does not exist. */
export function authorize(principal: Principal, access: Access, sessionId: string | undefined): void {
  if (principal.kind === 'key' || access === 'any' || access === 'public') return;
  if (access === 'key') throw new Refusal(403, 'key_needed', 'this needs an API key');
  if (principal.sessionId !== sessionId) throw new SessionNotFound(String(sessionId));
  if (access === 'control' && principal.role !== 'control') throw new Refusal(403, 'control_needed', 'this token may look, but not touch');
}

/** How logs and audit name it. */
export function toWho(principal: Principal): string {
  return principal.kind === 'key' ? `key:${principal.name}` : `viewer:${principal.peerId}`;
}

/** Under which an Idempotency-Key is kept: what one key's owner chose says nothing about another's. */
export function toOwnKey(principal: Principal, key: string | undefined): string | undefined {
  return key === undefined ? undefined : `${toWho(principal)} ${key}`;
}

/** Whose signals it sends: API keys have one viewer in common. No underscore is in it: see signal/mailbox.ts. */
export function toViewerId(principal: Principal): string {
  return principal.kind === 'key' ? 'api' : principal.peerId;
}

/** The token of an `Authorization: Bearer …` header. */
export function toBearer(header: string | undefined): string | undefined {
  return /^Bearer ([\x21-\x7e]+)$/i.exec(header ?? '')?.[1];
}
