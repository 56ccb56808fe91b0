import type { FastifyInstance, FastifyReply } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    leaving: Leaving;
  }
}

interface Leaving {
  signal: AbortSignal;
  waiting: Set<() => void>;
}

/** Lets all that wait go when `leaving` aborts: they are to ask again. */
export function letGoOnLeaving(app: FastifyInstance, leaving: AbortSignal): void {
  // A signal goes through all its listeners to add one: with a thousand guests that wait, each request would.
  const waiting = new Set<() => void>();
  app.decorate('leaving', { signal: leaving, waiting });
  leaving.addEventListener('abort', () => [...waiting].forEach((abort) => abort()));
}

/**
 * Aborts when nobody waits for the reply any more: the client went away before it was written, or this controller leaves. (A request
 * closes as soon as its body is read; the reply does not.)
 */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const { signal, waiting } = reply.server.leaving;
  const gone = new AbortController();
  const abort = () => {
    waiting.delete(abort);
    gone.abort();
  };
  reply.raw.once('close', abort);
  waiting.add(abort);
  if (signal.aborted) abort();
  return gone.signal;
}
