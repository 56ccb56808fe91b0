import type { FastifyInstance, FastifyReply } from 'fastify';
import { toHolder } from '../auth/principal.ts';

declare module 'fastify' {
  interface FastifyInstance {
    leaving: AbortSignal;
  }
}

/** Lets all that wait go when `leaving` aborts: they are to ask again. */
export function letGoOnLeaving(app: FastifyInstance, leaving: AbortSignal): void {
  app.decorate('leaving', leaving);
}

/**
 * Aborts when nobody waits for the reply any more: the client went away before it was written, its key or token was revoked, or this
 * controller leaves. (A request closes as soon as its body is read; the reply does not.)
 */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const { leaving, doors } = reply.server;
  const { principal } = reply.request;
  const gone = new AbortController();
  const abort = () => {
    closed?.();
    leaving.removeEventListener('abort', abort);
    gone.abort();
  };
  // Guests have no keys.
  const closed = principal ? doors.opened(toHolder(principal), abort) : undefined;
  reply.raw.once('close', abort);
  leaving.addEventListener('abort', abort);
  if (leaving.aborted) abort();
  return gone.signal;
}
