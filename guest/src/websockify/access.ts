import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { DoorRefusal } from '#contract/guest';

export const VNC_PATH = '/websockify';

/** HTTP statuses of refusals. */
export const STATUS_OF = { path: 404, origin: 403, secret: 401, full: 503 } as const satisfies Record<DoorRefusal, number>;

/** Why a request for the desktop's VNC is refused; undefined when it is let in. */
export function toRefusal({ url, headers }: Pick<IncomingMessage, 'url' | 'headers'>, secret: string): DoorRefusal | undefined {
  // Not by URL, which throws for what is none.
  if (url?.split('?')[0] !== VNC_PATH) return 'path';
  // Browsers always send it, the controller never does: no page gets in, whatever it has found out.
  if (headers.origin !== undefined) return 'origin';
  return isSecret(headers.authorization, secret) ? undefined : 'secret';
}

export function isSecret(authorization: string | undefined, secret: string): boolean {
  const told = Buffer.from(authorization ?? '');
  const wanted = Buffer.from(`Bearer ${secret}`);
  return told.length === wanted.length && timingSafeEqual(told, wanted);
}
