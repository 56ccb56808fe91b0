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
/** For a browser to close its end. */
const CLOSE_MS = 1_000;

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
    ...{ closeTimeout: CLOSE_MS }, // of ws 8.19, of which its types do not know yet
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
    socket.once('close', closed);
    // A place is taken until both ends are closed: neither may be slow at it, and come again and again meanwhile.
    let ends = 1;
    const leave = () => void (--ends === 0 && open.set(live, open.get(live)! - 1));
    socket.once('close', leave);
    const upstream = await connectUpstream((deps.toUrl ?? toUrl)(live), live.guest.vncSecret ?? '', live.life.signal);
    ends += 1;
    upstream.once('close', leave);
    if (socket.destroyed) return upstream.terminate();
    const life = AbortSignal.any([live.life.signal, deps.sessions.leaving, revoked.signal]);
    let isJoined = false;
    sockets.handleUpgrade(request, socket, head, (browser) => {
      isJoined = true;
      join(browser, upstream, life, () => deps.sessions.used(live));
    });
    // ws has refused the handshake itself: it has no key, or one that is none.
    if (!isJoined) upstream.terminate();
  }
}

function toUrl({ slot }: LiveSession): string {
  return `ws://${slot.routerAddress}:${GUEST_NETWORK.websockifyPort}/websockify`;
}
