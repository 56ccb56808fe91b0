import { createServer, type Server } from 'node:http';
import type { DoorRefusal } from '#contract/guest';
import { isSecret, STATUS_OF } from '../websockify/access.ts';

export interface AuthServerOptions {
  secret: string;
  /** `waiting`, `sending` … */
  getState(): string;
  /** Begins the login again. False when it is too late for that. */
  restart(): boolean;
  onRefused(why: DoorRefusal): void;
}

const REQUEST_MS = 10_000;
const MOST = 8;

/** `GET /health`, `GET /state`, `POST /restart`. A page in the desktop's browser gets nothing: it has an Origin, and no secret. */
export function createAuthServer({ secret, getState, restart, onRefused }: AuthServerOptions): Server {
  const server = createServer({ headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS }, ({ method, url, headers }, response) => {
    const reply = (status: number, body?: object) =>
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(body && JSON.stringify(body));
    const refuse = (why: DoorRefusal) => {
      onRefused(why);
      reply(STATUS_OF[why]);
    };
    if (headers.origin !== undefined) return refuse('origin');
    if (!isSecret(headers.authorization, secret)) return refuse('secret');
    if (method === 'GET' && url === '/health') return void reply(200, { status: 'ok' });
    if (method === 'GET' && url === '/state') return void reply(200, { state: getState() });
    if (method === 'POST' && url === '/restart') return void (restart() ? reply(202) : reply(409));
    refuse('path');
  });
  server.maxConnections = MOST;
  server.on('drop', () => onRefused('full'));
  return server;
}
