import type { FastifyInstance, FastifyRequest } from 'fastify';
import { toSecurity, type Access } from './access.ts';
import type { KeyHolder } from './api-keys.ts';
import type { AuthFailures } from './failures.ts';
import type { OpenDoors } from './open-doors.ts';
import { authorize, identify, toBearer, type Gate, type Principal } from './principal.ts';
import type { ViewerClaims } from './viewers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call it. A route that does not say keeps the app from starting. */
    access?: Access;
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
  interface FastifyInstance {
    doors: OpenDoors;
  }
}

export interface GuardDeps extends Gate {
  doors: OpenDoors;
  failures: AuthFailures;
  sessions: { ownerOf(sessionId: string): string | undefined };
}

/** Asks every request of this part of the app who it is, before anything of its body is read. */
export function guardRoutes(app: FastifyInstance, deps: GuardDeps): void {
  const { doors, failures, sessions } = deps;
  app.decorateRequest('principal', null);
  if (!app.hasDecorator('doors')) app.decorate('doors', doors);
  app.addHook('onRoute', ({ method, url, config, schema }) => {
    if (!config?.access) throw new Error(`${[method].flat().join()} ${url} does not say who may call it`);
    if (schema && !schema.hide) schema.security = toSecurity(config.access);
  });
  app.addHook('onRequest', async (request) => {
    const { access = 'public' } = request.is404 ? {} : request.routeOptions.config;
    if (access === 'public') return;
    const { id } = request.params as { id?: string };
    try {
      request.principal = await identify(toBearer(request.headers.authorization), deps);
    } catch (error) {
      throw failures.toRefusal(error, request.ip);
    }
    authorize(request.principal, access, id, (sessionId) => sessions.ownerOf(sessionId));
  });
}

/** The principal of a guarded route. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('this route is not guarded');
  return request.principal;
}

/** The same of a route that only keys may call. */
export function keyOf(request: FastifyRequest): KeyHolder & { kind: 'key' } {
  const principal = principalOf(request);
  if (principal.kind !== 'key') throw new Error('this route is not for keys alone');
  return principal;
}

/** The same of one that only viewers may call. */
export function viewerOf(request: FastifyRequest): ViewerClaims {
  const principal = principalOf(request);
  if (principal.kind !== 'viewer') throw new Error('this route is not for viewers alone');
  return principal;
}
