import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { GUEST_NETWORK } from '#contract/network';
import type { FastifyBaseLogger } from 'fastify';
import { Refusal } from '../refusal.ts';
import { toErrorReply } from '../routes/api-error.ts';
import type { LiveSession } from '../sessions/live-session.ts';
import { checkHandshake, type HandshakeDeps } from './handshake.ts';
import { join } from './join.ts';
import { connectUpstream } from './upstream.ts';

/** VNC clients send a few bytes at a time; a pasted text is the largest. */
const MESSAGE_MAX_BYTES = 1024 * 1024;
const SOCKETS_PER_SESSION = 8;
/** For one who was refused, to read why, and for a browser to close its end. */
const CLOSE_MS = 1_000;

export interface VncDeps extends HandshakeDeps {
  log: FastifyBaseLogger;
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
      refuse(socket, error);
    });
  });

  async function serve(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const live = await checkHandshake(request, deps);
    const count = open.get(live) ?? 0;
    if (count >= SOCKETS_PER_SESSION)
      throw new Refusal(429, 'too_many_sockets', `a session has at most ${SOCKETS_PER_SESSION}`, { retryAfterSeconds: 5 });
    open.set(live, count + 1);
    // A place is taken until both ends are closed: neither may be slow at it, and come again and again meanwhile.
    let ends = 1;
    const leave = () => void (--ends === 0 && open.set(live, open.get(live)! - 1));
    socket.once('close', leave);
    const upstream = await connectUpstream((deps.toUrl ?? toUrl)(live), live.guest.vncSecret ?? '', live.life.signal);
    ends += 1;
    upstream.once('close', leave);
    if (socket.destroyed) return upstream.terminate();
    const life = AbortSignal.any([live.life.signal, deps.sessions.leaving]);
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

/** A handshake that is refused gets the API's error as its reply. */
function refuse(socket: Duplex, error: unknown): void {
  const { statusCode, headers, body } = toErrorReply(error);
  const text = JSON.stringify(body);
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  socket.end(
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`,
  );
  // It is half open: whoever does not close the other half would keep it for ever.
  const late = setTimeout(() => socket.destroy(), CLOSE_MS).unref();
  socket.resume().once('close', () => clearTimeout(late));
}
