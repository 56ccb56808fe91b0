import { createServer, STATUS_CODES, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DoorRefusal } from '#contract/guest';
import { WebSocketServer } from 'ws';
import { STATUS_OF, toRefusal } from './access.ts';
import { bridge } from './bridge.ts';

export interface WebsockifyOptions {
  secret: string;
  /** Path of VNC's Unix socket. */
  vncSocket: string;
  /** Connections at a time. */
  most?: number;
  onRefused(why: DoorRefusal): void;
}

/** VNC clients send kilobytes; only a clipboard is larger. */
const MESSAGE_MAX = 1024 * 1024;
const HANDSHAKE_MS = 10_000;
/** For one who was refused, to hear of it. */
const CLOSE_MS = 1_000;

/** The desktop's VNC as a WebSocket, for whoever shows the secret. Everything else gets an HTTP error. */
export function createWebsockify({ secret, vncSocket, most = 16, onRefused }: WebsockifyOptions): Server {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_MAX,
    perMessageDeflate: false,
    handleProtocols: (names) => names.has('binary') && 'binary',
  });
  const server = createServer({ headersTimeout: HANDSHAKE_MS, requestTimeout: HANDSHAKE_MS }, (_, response) => {
    onRefused('path');
    response.writeHead(426).end();
  });
  server.maxConnections = most * 2;
  server.on('drop', () => onRefused('full'));
  server.on('upgrade', (request, stream, head) => {
    const refusal = toRefusal(request, secret) ?? (sockets.clients.size >= most ? 'full' : undefined);
    if (refusal !== undefined) {
      onRefused(refusal);
      return refuse(stream, STATUS_OF[refusal]);
    }
    sockets.handleUpgrade(request, stream, head, (socket) => bridge(socket, vncSocket));
  });
  server.on('close', () => sockets.close());
  return server;
}

function refuse(stream: Duplex, status: number): void {
  stream.on('error', () => {});
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  // Whoever does not close his half takes the place of one who may come in.
  const late = setTimeout(() => stream.destroy(), CLOSE_MS).unref();
  stream.resume().once('close', () => clearTimeout(late));
}
