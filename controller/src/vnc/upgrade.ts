import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { GUEST_NETWORK } from '#contract/network';
import type { FastifyBaseLogger } from 'fastify';
import type { OpenDoors } from '../auth/open-doors.ts';
import { Refusal } from '../refusal.ts';
import { toErrorReply } from '../routes/api-error.ts';
import { sendRaw } from '../routes/raw-reply.ts';
import type { LiveSession } from '../sessions/live-session.ts';
import { checkHandshake, type HandshakeDeps } from './handshake.ts';
import { join } from './join.ts';
import { connectUpstream } from './upstream.ts';

/** VNC clients send a few bytes at a time; a pasted text is the largest. */
const MESSAGE_MAX_BYTES = 1024 * 1024;
const SOCKETS_PER_SESSION = 8;

export interface VncDeps extends HandshakeDeps {
  log: FastifyBaseLogger;
  doors: OpenDoors;
  /** Of every reply. */
  headers: Record<string, string>;
  /** Where a clone's websockify is; tests have their own. */
  toUrl?: (live: LiveSession) => string;
}

/** Answers WebSocket requests: `/api/vnc/session/:id` is tied to the websockify of that clone. */
export function serveVnc(server: Server, deps: VncDeps): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_MAX_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => 'binary',
  });
  const open = new WeakMap<LiveSession, number>();

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    serve(request, socket, head).catch((error: unknown) => {
      if (!(error instanceof Refusal)) deps.log.error({ err: error }, 'WebSocket failed');
      const reply = toErrorReply(error);
      sendRaw(socket, { ...reply, headers: { ...deps.headers, ...reply.headers } });
    });
  });

  async function serve(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { live, holder } = await checkHandshake(request, deps);
    const count = open.get(live) ?? 0;
    if (count >= SOCKETS_PER_SESSION)
      throw new Refusal(429, 'too_many_sockets', `a session has at most ${SOCKETS_PER_SESSION}`, { retryAfterSeconds: 5 });
    open.set(live, count + 1);
    const revoked = new AbortController();
    const closed = deps.doors.opened(holder, () => revoked.abort());
    socket.once('close', () => {
      closed();
      open.set(live, (open.get(live) ?? 1) - 1);
    });
    const upstream = await connectUpstream((deps.toUrl ?? toUrl)(live), live.guest.vncSecret ?? '', live.life.signal);
    if (socket.destroyed) return upstream.terminate();
    const life = AbortSignal.any([live.life.signal, deps.sessions.leaving, revoked.signal]);
    sockets.handleUpgrade(request, socket, head, (browser) => join(browser, upstream, life, () => deps.sessions.used(live)));
  }
}

function toUrl({ slot }: LiveSession): string {
  return `ws://${slot.routerAddress}:${GUEST_NETWORK.websockifyPort}/websockify`;
}
