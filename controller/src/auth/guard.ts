import type { FastifyInstance, FastifyRequest } from 'fastify';
import { authorize, identify, toBearer, type Access, type Gate, type Principal } from './principal.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call it; `key` when nothing is said. */
    access?: Access;
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}

/** Asks every request of this part of the app who it is, before anything of its body is read. */
export function guardRoutes(app: FastifyInstance, gate: Gate): void {
  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request) => {
    const access = request.is404 ? 'public' : (request.routeOptions.config.access ?? 'key');
    if (access === 'public') return;
    request.principal = await identify(toBearer(request.headers.authorization), gate);
    authorize(request.principal, access, (request.params as { id?: string }).id);
  });
}

/** The principal of a guarded route. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new Error('this route is not guarded');
  return request.principal;
}
