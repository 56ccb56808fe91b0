import type { FastifyInstance } from 'fastify';
import { isLoopback, type Config } from '../config.ts';

export type SecurityHeaders = Record<string, string>;

/** Of browsers' devices a desktop's page needs none. */
const POWERS = ['camera', 'microphone', 'geolocation', 'display-capture', 'usb', 'serial', 'hid', 'midi', 'payment'];
const YEAR_S = 31_536_000;

type Named = Pick<Config, 'corsOrigins' | 'publicUrl' | 'bind'>;

/**
 * Headers of every reply, of those too that no route makes. Pages run our own scripts only; others embed them only when they may call the
 * API.
 */
export function toSecurityHeaders({ corsOrigins: embedders, publicUrl, bind }: Named): SecurityHeaders {
  return {
    'content-security-policy': toPolicy(embedders),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': POWERS.map((power) => `${power}=()`).join(', '),
    // Where a page comes by plain HTTP from elsewhere browsers ignore it, and complain.
    ...(isTrusted(publicUrl, bind) && { 'cross-origin-opener-policy': 'same-origin' }),
    'cross-origin-resource-policy': embedders.length > 0 ? 'cross-origin' : 'same-origin',
    ...(embedders.length === 0 && { 'x-frame-options': 'SAMEORIGIN' }),
    ...(publicUrl?.startsWith('https:') && { 'strict-transport-security': `max-age=${YEAR_S}` }),
  };
}

/** Whether browsers take the pages for what was meant: they come by HTTPS, or from this host. */
function isTrusted(publicUrl: string | undefined, bind: string): boolean {
  return publicUrl === undefined ? isLoopback(bind) : publicUrl.startsWith('https:');
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
