import type { FastifyInstance, FastifyReply } from 'fastify';
import { toHolder } from '../auth/principal.ts';

declare module 'fastify' {
  interface FastifyInstance {
    leaving: Leaving;
  }
}

interface Leaving {
  signal: AbortSignal;
  waiting: Set<() => void>;
}

/** One for all: to make an error costs more than the rest of a reply. */
const GONE = new DOMException('nobody waits for the reply', 'AbortError');

/**
 * Lets all that wait go when `leaving` aborts: they are to ask again, and on another connection. A client that asks all the time would else
 * be answered by the one that goes for as long as that may take, on a connection that it keeps.
 */
export function letGoOnLeaving(app: FastifyInstance, leaving: AbortSignal): void {
  // A signal goes through all its listeners to add one: with a thousand guests that wait, each request would.
  const waiting = new Set<() => void>();
  app.decorate('leaving', { signal: leaving, waiting });
  leaving.addEventListener('abort', () => [...waiting].forEach((abort) => abort()));
  app.addHook('onSend', async (_request, reply) => void (leaving.aborted && reply.header('connection', 'close')));
}

/**
 * Aborts when nobody waits for the reply any more: the client went away before it was written, its key or token was revoked, or this
 * controller leaves. (A request closes as soon as its body is read; the reply does not.)
 */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const { doors, leaving } = reply.server;
  const { signal, waiting } = leaving;
  const { principal } = reply.request;
  const gone = new AbortController();
  const abort = () => {
    closed?.();
    waiting.delete(abort);
    gone.abort(GONE);
  };
  // Guests have no keys.
  const closed = principal ? doors.opened(toHolder(principal), abort) : undefined;
  reply.raw.once('close', abort);
  waiting.add(abort);
  if (signal.aborted) abort();
  return gone.signal;
}
