import type { IncomingMessage } from 'node:http';
import { isAllowedOrigin } from '../auth/cors.ts';
import type { Access } from '../auth/access.ts';
import type { AuthFailures } from '../auth/failures.ts';
import { authorize, identify, toHolder, type Gate } from '../auth/principal.ts';
import { toAddress, type IsTrusted } from '../auth/trusted-proxies.ts';
import { Refusal } from '../refusal.ts';
import type { LiveSession } from '../sessions/live-session.ts';
import type { Sessions } from '../sessions/sessions.ts';

/** Subprotocol that carries the token: a page cannot give a WebSocket headers. The other one is `binary`. */
const TOKEN_PREFIX = 'oriel.';

export interface HandshakeDeps {
  gate: Gate;
  failures: AuthFailures;
  sessions: Sessions;
  corsOrigins: readonly string[];
  /** Viewers use a desktop one at a time, which VNC does not know of. */
  isOneAtATime?: boolean;
  /** Proxies that are believed whose request they bring; nobody when left out. */
  isTrusted?: IsTrusted;
}

/** VNC has no way to tell who may only look. */
export const VNC_ACCESS: Access = { scope: 'control', viewer: 'control' };

/** The session whose VNC a request may speak to, and in whose name. Throws Refusal. */
export async function checkHandshake(request: IncomingMessage, deps: HandshakeDeps): Promise<{ live: LiveSession; holder: string }> {
  const { gate, failures, sessions, corsOrigins, isOneAtATime, isTrusted = () => false } = deps;
  const id = toSessionId(request.url ?? '');
  const protocols = toProtocols(request.headers['sec-websocket-protocol']);
  const token = protocols.find((one) => one.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
  const principal = await identify(token, gate).catch((error: unknown) => {
    throw failures.toRefusal(error, toAddress(request, isTrusted));
  });
  if (!isAllowedOrigin(request.headers.origin, request.headers.host, corsOrigins))
    throw new Refusal(403, 'origin_refused', 'pages of this origin may not');
  authorize(principal, VNC_ACCESS, id, (one) => sessions.ownerOf(one));
  if (isOneAtATime) throw new Refusal(403, 'vnc_off', 'viewers use this host’s desktops one at a time (ORIEL_CONTROL): VNC has no turns');
  if (!protocols.includes('binary')) throw new Refusal(400, 'binary_needed', 'the subprotocol `binary` has to be offered');
  return { live: sessions.ready(id), holder: toHolder(principal) };
}

export function toSessionId(url: string): string {
  const id = /^\/api\/vnc\/session\/(s-[a-z2-7]{20})$/.exec(url)?.[1];
  if (!id) throw new Refusal(404, 'not_found', 'there is no such WebSocket');
  return id;
}

export function toProtocols(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}
