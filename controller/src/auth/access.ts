import { VIEWER_ROLES, type ViewerRole } from '#contract/viewer-role';

/**
 *  start        start sessions
 *  read         read the owner's sessions, with their consoles
 *  control      end them, say who may view them, view them
 *  credentials  read what their sign-ins gave
 *  operate      read and control the sessions of every owner (never their credentials), and look at the host
 */
export const SCOPES = ['start', 'read', 'control', 'credentials', 'operate'] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * Who may call a route: nobody is asked, or keys with this scope and viewers with at least this role. What is left out may not: a route
 * without a scope is for viewers alone. Where the route names a session it has to be the viewer's own, or the key's owner's.
 */
export type Access = 'public' | { scope?: Scope; viewer?: ViewerRole };

export const isScope = (word: string): word is Scope => (SCOPES as readonly string[]).includes(word);

/** An operator can see all that it has to tell of; what somebody signed in to is not among it. */
export function hasScope(scopes: ReadonlySet<string>, wanted: Scope): boolean {
  return scopes.has(wanted) || (scopes.has('operate') && ['read', 'control'].includes(wanted));
}

/** Whether sessions of other owners are there at all. */
export function reachesAll(scopes: ReadonlySet<string>, wanted: Scope): boolean {
  return scopes.has('operate') && wanted !== 'credentials';
}

export function hasRole(role: ViewerRole, wanted: ViewerRole): boolean {
  return VIEWER_ROLES.indexOf(role) >= VIEWER_ROLES.indexOf(wanted);
}

/** As OpenAPI says it: any one of these. */
export function toSecurity(access: Access): Record<string, string[]>[] {
  if (access === 'public') return [];
  const { scope, viewer } = access;
  return [...(scope ? [{ key: [scope] }] : []), ...(viewer ? [{ viewer: [viewer] }] : [])];
}
