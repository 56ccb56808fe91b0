import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.ts';

export type SecurityHeaders = Record<string, string>;

/** Of browsers' devices a desktop's page needs none. */
const POWERS = ['camera', 'microphone', 'geolocation', 'display-capture', 'usb', 'serial', 'hid', 'midi', 'payment'];
const YEAR_S = 31_536_000;

/**
 * Headers of every reply, of those too that no route makes. Pages run our own scripts only; others embed them only when they may call the
 * API.
 */
export function toSecurityHeaders({ corsOrigins: embedders, publicUrl }: Pick<Config, 'corsOrigins' | 'publicUrl'>): SecurityHeaders {
  return {
    'content-security-policy': toPolicy(embedders),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': POWERS.map((power) => `${power}=()`).join(', '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': embedders.length > 0 ? 'cross-origin' : 'same-origin',
    ...(embedders.length === 0 && { 'x-frame-options': 'SAMEORIGIN' }),
    ...(publicUrl?.startsWith('https:') && { 'strict-transport-security': `max-age=${YEAR_S}` }),
  };
}

export function setSecurityHeaders(app: FastifyInstance, headers: SecurityHeaders): void {
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
