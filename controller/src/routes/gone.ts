import type { FastifyReply } from 'fastify';

/** Aborts when the client went away before its reply was written. (A request closes as soon as its body is read; the reply does not.) */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
