import { createConnection, type LookupFunction, type Socket } from 'node:net';
import { RequestError } from 'proxy-chain';
import type { Address } from './target.ts';

const CONNECT_MS = 15_000;
const KEEP_ALIVE_MS = 60_000;

/** Connects to one of these addresses, trying them as browsers do (RFC 8305). Throws RequestError 502 in a person's words. */
export async function connectTo(host: string, port: number, addresses: readonly Address[], timeoutMs = CONNECT_MS): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = createConnection({
    host,
    port,
    lookup: answerWith(addresses),
    autoSelectFamily: true,
    allowHalfOpen: true,
    noDelay: true,
  });
  const timer = setTimeout(() => reject(new RequestError(`${host}:${port} did not answer within ${timeoutMs / 1000} s`, 502)), timeoutMs);
  socket.once('connect', resolve).once('error', (error) => reject(new RequestError(toWords(host, port, error), 502)));
  try {
    await promise;
    return socket.setKeepAlive(true, KEEP_ALIVE_MS);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Ties both sockets together: each end's last word reaches the other, and neither outlives the other. */
export function join(source: Socket, target: Socket): void {
  if (source.destroyed) return void target.destroy();
  source.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
  source.pipe(target).pipe(source);
  target.on('error', () => source.destroy());
  source.on('error', () => target.destroy());
  target.on('close', () => endSoon(source));
  source.on('close', () => target.destroy());
}

/** What was received still goes out; a peer that then does not close is not waited for. */
function endSoon(socket: Socket): void {
  socket.end().resume();
  socket.setTimeout(5_000, () => socket.destroy());
}

/** In place of the resolver: whatever the name, it is these. */
function answerWith(addresses: readonly Address[]): LookupFunction {
  return (_hostname, { all }, callback) => {
    if (all) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
}

function toWords(host: string, port: number, error: NodeJS.ErrnoException): string {
  const code = error.code ?? (error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException).code : undefined);
  const what: Record<string, string> = {
    ECONNREFUSED: 'refused the connection',
    ECONNRESET: 'closed the connection',
    ETIMEDOUT: 'did not answer',
    EHOSTUNREACH: 'cannot be reached: no way leads there',
    ENETUNREACH: 'cannot be reached: no way leads there',
  };
  return `${host}:${port} ${what[code ?? ''] ?? `cannot be reached (${code ?? 'unknown error'})`}`;
}
