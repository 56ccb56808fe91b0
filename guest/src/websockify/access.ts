import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const VNC_PATH = '/websockify';

/** Why a request for the desktop's VNC is refused, as an HTTP status; undefined when it is let in. */
export function toRefusal({ url, headers }: Pick<IncomingMessage, 'url' | 'headers'>, secret: string): number | undefined {
  // Not by URL, which throws for what is none.
  if (url?.split('?')[0] !== VNC_PATH) return 404;
  // Browsers always send it, the controller never does: no page gets in, whatever it has found out.
  if (headers.origin !== undefined) return 403;
  return isSecret(headers.authorization, secret) ? undefined : 401;
}

export function isSecret(authorization: string | undefined, secret: string): boolean {
  const told = Buffer.from(authorization ?? '');
  const wanted = Buffer.from(`Bearer ${secret}`);
  return told.length === wanted.length && timingSafeEqual(told, wanted);
}
