import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { INTERNET } from './internet.ts';
import { PACE } from './pace.ts';

interface Flow {
  bytes: number;
  /** May be changed while it flows. */
  bytesPerSecond: number;
}

const FLOW_TICK_MS = 50;

export interface Received {
  method: string;
  path: string;
  userAgent: string;
  /** Address that the request came from: the egress process's, never a clone's. */
  from: string;
  body: string;
}

/** A server on the test's internet that remembers all it was asked and serves the pages given to it. */
export class TargetServer {
  readonly url = `http://${INTERNET.serverName}`;
  readonly received: Received[] = [];
  readonly #pages = new Map<string, { type: string; body: string | Buffer }>();
  readonly #flows = new Map<string, Flow>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async start(): Promise<void> {
    this.#server.listen(80, INTERNET.serverAddress);
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  page(path: string, body: string | Buffer, type = 'text/html; charset=utf-8'): void {
    this.#pages.set(path, { type, body });
  }

  /** Serves so many bytes at this path, as slowly. */
  flow(path: string, flow: Flow): void {
    this.#flows.set(path, flow);
  }

  /** The first request that fits, waiting for it at most `timeoutMs`. */
  async waitFor(what: string, fits: (received: Received) => boolean, timeoutMs = 20_000 * PACE): Promise<Received> {
    for (const until = Date.now() + timeoutMs; Date.now() < until; await sleep(20)) {
      const found = this.received.find(fits);
      if (found) return found;
    }
    throw new Error(
      `${what}: not seen within ${timeoutMs} ms; seen: ${this.received.map(({ method, path }) => `${method} ${path}`).join(', ') || 'nothing'}`,
    );
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '/', headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = url.replace(/^http:\/\/[^/]+/, '');
    this.received.push({
      method,
      path,
      userAgent: headers['user-agent'] ?? '',
      from: request.socket.remoteAddress ?? '',
      body: Buffer.concat(chunks).toString('utf8'),
    });
    const page = this.#pages.get(path.split('?')[0]!);
    response.setHeader('cache-control', 'no-store');
    const flow = this.#flows.get(path);
    if (flow) return pour(response, flow);
    if (page) response.setHeader('content-type', page.type).end(page.body);
    else if (method === 'GET') response.writeHead(404).end('not found\n');
    else response.end('ok\n');
  }
}

/** A reader that stops reading stops it. */
async function pour(response: ServerResponse, flow: Flow): Promise<void> {
  const { bytes } = flow;
  response.setHeader('content-length', bytes);
  const closed = once(response, 'close');
  for (let left = bytes; left > 0 && !response.destroyed;) {
    const piece = Buffer.alloc(Math.min(left, Math.ceil((flow.bytesPerSecond * FLOW_TICK_MS) / 1000)), 'oriel');
    left -= piece.length;
    const isFull = !response.write(piece);
    await Promise.race([Promise.all([sleep(FLOW_TICK_MS), isFull && once(response, 'drain')]), closed]);
  }
  response.end();
}
