import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorReply } from './api-error.ts';

/** For one who was refused, to read why. */
const CLOSE_MS = 1_000;

/** Answers where there is no request that a route could answer, and closes. */
export function sendRaw(socket: Duplex, { statusCode, headers, body }: ErrorReply): void {
  const text = JSON.stringify(body);
  const lines = Object.entries({
    ...headers,
    'content-type': 'application/json; charset=utf-8',
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
