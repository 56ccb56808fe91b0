import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const LARGE_BYTES = 10 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const TRIES = 5;
const BROKEN_OFF = ['EPIPE', 'ECONNRESET'];
const TIMEOUT_MS = 10_000;

export interface LargeReply {
  status: number;
  code: string | undefined;
  /** Of the body, until the reply came. */
  sentBytes: number;
}

/** Sends a body of 10 MB at the pace at which it is taken, until a reply comes. */
export async function sendLarge(origin: string, line: string, token: string, chunked: boolean): Promise<LargeReply> {
  for (let tries = 1; ; tries++)
    try {
      return await sendLargeOnce(origin, line, token, chunked);
    } catch (error) {
      // The controller has answered and closed, and a write that met that took the reply along: nothing is known of it.
      if (tries === TRIES || !BROKEN_OFF.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
}

async function sendLargeOnce(origin: string, line: string, token: string, chunked: boolean): Promise<LargeReply> {
  const [method, path] = line.split(' ') as [string, string];
  const { promise, resolve, reject } = Promise.withResolvers<LargeReply>();
  let sentBytes = 0;
  let isOver = false;
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': LARGE_BYTES }),
  };
  const asked = request(`${origin}${path}`, { method, headers, agent: false, timeout: TIMEOUT_MS }, (response) => {
    const atReply = sentBytes;
    text(response).then((body) => {
      const { error } = JSON.parse(body) as { error?: { code: string } };
      resolve({ status: response.statusCode ?? 0, code: error?.code, sentBytes: atReply });
    }, reject);
  });
  // A connection that is closed while it is written to is as good as a reply that came before.
  asked
    .on('error', (error) => (isOver ? undefined : reject(error)))
    .on('timeout', () => asked.destroy(new Error(`no reply within ${TIMEOUT_MS} ms`)));
  void promise.catch(() => {}).finally(() => ((isOver = true), asked.destroy()));
  const chunk = Buffer.alloc(CHUNK_BYTES, 'x');
  for (let first = true; sentBytes < LARGE_BYTES && !isOver && !asked.destroyed; first = false) {
    if (!asked.write(first ? Buffer.concat([Buffer.from('{"userId":"'), chunk.subarray(11)]) : chunk))
      await Promise.race([drained(asked), promise.catch(() => {})]);
    sentBytes += CHUNK_BYTES;
    await sleep(0);
  }
  if (!isOver && !asked.destroyed) asked.end();
  return promise;
}

/** What the controller answers to bytes that need not be HTTP, until it closes the connection, in whatever way. `end`: no more will come. */
export function sendBytes(origin: string, bytes: string, { end = false } = {}): Promise<string> {
  const { hostname, port } = new URL(origin);
  const { promise, resolve } = Promise.withResolvers<string>();
  let received = '';
  const socket = connect({ host: hostname, port: Number(port), timeout: TIMEOUT_MS });
  socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
  socket.on('timeout', () => socket.destroy()).on('error', () => {});
  socket.on('close', () => resolve(received));
  if (end) socket.end(bytes, 'latin1');
  else socket.write(bytes, 'latin1');
  return promise;
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => stream.once('drain', resolve));
}
