import type { FastifyInstance } from 'fastify';

/** Headers of every reply. Pages run our own scripts only; others embed them only when they may call the API. */
export function setSecurityHeaders(app: FastifyInstance, embedders: readonly string[]): void {
  const headers = {
    'content-security-policy': toPolicy(embedders),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': embedders.length > 0 ? 'cross-origin' : 'same-origin',
  };
  app.addHook('onRequest', async (_request, reply) => void reply.headers(headers));
}

export function toPolicy(embedders: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    // Cursor shapes and noVNC's pictures.
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${["'self'", ...embedders].join(' ')}`,
  ].join('; ');
}
