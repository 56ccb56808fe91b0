import type { FastifyInstance } from 'fastify';
import { Refusal } from '../refusal.ts';
import { isStoreError } from '../store/errors.ts';
import { toErrorReply } from './api-error.ts';

/** Every reply that is not 2xx has one shape. Only our own mistakes are logged. */
export function replyWithErrors(app: FastifyInstance): void {
  const known: { method: string; pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) known.push({ method: one, pattern: toPattern(url) });
  });
  app.setErrorHandler((error, request, reply) => {
    const { statusCode, headers, body } = toErrorReply(error);
    if (statusCode >= 500 && (!(error instanceof Refusal) || isStoreError(error)))
      request.log.error(
        { err: error, method: request.method, route: request.routeOptions.url, ...toSession(request.params) },
        'request failed',
      );
    return reply.code(statusCode).headers(headers).send(body);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!;
    const methods = [...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
    // A route that knows the method has itself found nothing: a file that is not there.
    if (methods.length === 0 || methods.includes(request.method)) throw new Refusal(404, 'not_found', 'there is nothing here');
    reply.header('allow', methods.join(', '));
    throw new Refusal(405, 'method_not_allowed', `${request.method} is not allowed here, but ${methods.join(', ')}`);
  });
}

/** Which session it was about. */
function toSession(params: unknown): { session?: string } {
  const { id } = (params ?? {}) as { id?: string };
  return id === undefined ? {} : { session: id };
}

/** A route's url as a pattern of paths: `/api/x/:id`. */
function toPattern(url: string): RegExp {
  const parts = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${parts.join('/')}$`);
}
