import type { FastifyInstance } from 'fastify';

const ALLOWED = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': 'authorization, content-type, idempotency-key, last-event-id',
  'access-control-max-age': '600',
};

/** Lets the pages of these origins call the API with a token. Cookies are never used, so credentials are not allowed. */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origins.length > 0) reply.header('vary', 'Origin');
    if (!origin || !origins.includes(origin)) return;
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-expose-headers', 'retry-after');
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method']) return reply.code(204).headers(ALLOWED).send();
  });
}

/** True for a WebSocket from our own page or an allowed one, or from a program that is no browser. */
export function isAllowedOrigin(origin: string | undefined, host: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined) return true;
  return allowed.includes(origin) || (host !== undefined && URL.parse(origin)?.host === host);
}
