import { once } from 'node:events';
import { Agent as HttpAgent, request, type IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { RequestError } from 'proxy-chain';
import { SocksClient } from 'socks';
import { connectTo } from './connect.ts';
import type { Upstream } from './control-protocol.ts';
import type { Address, Surroundings } from './target.ts';

const TUNNEL_MS = 15_000;

/**
 * A connection to this address through an upstream, which is given the address that was checked and never a name: nothing but CONNECT is
 * asked of it, for plain HTTP too. Throws RequestError 502, of which neither message nor cause names the upstream or its password.
 */
export async function connectThrough(
  upstream: Upstream,
  { address }: Pick<Address, 'address'>,
  port: number,
  surroundings: Pick<Surroundings, 'resolve'>,
): Promise<Socket> {
  const socket = await connectUpstream(upstream, surroundings);
  const timer = setTimeout(() => socket.destroy(new Error('timeout')), TUNNEL_MS);
  try {
    return await (upstream.protocol === 'socks5' ? askSocks : askHttp)(socket, upstream, address, port);
  } catch (error) {
    socket.destroy();
    // Errors of the library below carry the options that it was given.
    throw new RequestError(`the way out ${toWords(error as Error)}`, 502);
  } finally {
    clearTimeout(timer);
  }
}

/** A connection to the upstream itself, wherever it is: its operator's network may be a private one. */
export async function connectUpstream({ protocol, host, port }: Upstream, { resolve }: Pick<Surroundings, 'resolve'>): Promise<Socket> {
  try {
    const addresses = isIP(host) ? [{ address: host, family: isIP(host) }] : await resolve(host);
    const socket = await connectTo(host, port, addresses, TUNNEL_MS);
    const secured = protocol === 'https' ? await secure(socket, host) : socket;
    // Until somebody reads it.
    return secured.on('error', () => undefined);
  } catch {
    throw new RequestError('the way out cannot be reached', 502);
  }
}

async function secure(socket: Socket, host: string): Promise<Socket> {
  const secured = connectTls({ socket, ...(isIP(host) ? { host } : { servername: host }), ALPNProtocols: ['http/1.1'] });
  const late = AbortSignal.timeout(TUNNEL_MS);
  try {
    await once(secured, 'secureConnect', { signal: late });
    return secured;
  } catch (error) {
    secured.destroy();
    throw error;
  }
}

/** HTTP CONNECT (RFC 9110, 9.3.6). */
async function askHttp(socket: Socket, { username, password = '' }: Upstream, address: string, port: number): Promise<Socket> {
  const target = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  const auth =
    username === undefined ? {} : { 'proxy-authorization': `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const asked = request({
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...auth },
    agent: agentOf(socket),
    timeout: TUNNEL_MS,
  });
  const refuse = ({ statusCode }: IncomingMessage) => reject(new UpstreamAnswered(statusCode ?? 0));
  asked.on('error', reject).on('timeout', () => asked.destroy(new Error('timeout')));
  asked.on('response', refuse).on('connect', (response, tunnel: Socket, head) => {
    if (Math.floor((response.statusCode ?? 0) / 100) !== 2) return refuse(response);
    if (head.length > 0) tunnel.unshift(head);
    resolve(tunnel);
  });
  asked.end();
  return promise;
}

/** SOCKS 5 (RFC 1928), with name and password (RFC 1929). */
async function askSocks(
  socket: Socket,
  { host, port, username, password }: Upstream,
  address: string,
  targetPort: number,
): Promise<Socket> {
  const established = await SocksClient.createConnection({
    proxy: { host, port, type: 5, ...(username !== undefined && { userId: username, password: password ?? '' }) },
    command: 'connect',
    destination: { host: address, port: targetPort },
    timeout: TUNNEL_MS,
    existing_socket: socket,
  });
  return keepEarly(established.socket);
}

/** The library lets the socket flow a turn later, whether somebody reads it or not: what a server says first would be lost. */
async function keepEarly(socket: Socket): Promise<Socket> {
  const early: Buffer[] = [];
  const keep = (chunk: Buffer) => void early.push(chunk);
  socket.on('data', keep);
  await nextTurn();
  socket.off('data', keep).pause();
  if (early.length > 0) socket.unshift(Buffer.concat(early));
  return socket;
}

class UpstreamAnswered extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`answered ${status}`);
    this.status = status;
  }
}

function toWords(error: Error): string {
  if (error instanceof UpstreamAnswered) return error.status === 407 ? 'does not know its password' : error.message;
  if (/authentication/i.test(error.message)) return 'does not know its password';
  if (/timeout|timed out/i.test(error.message)) return 'did not answer in time';
  return 'refused the connection';
}

/** An agent for one request, which has its connection already. One that was paused is read again: a server answers, and does not speak first. */
export function agentOf(target: Socket): HttpAgent {
  const agent = new HttpAgent({ keepAlive: false });
  agent.createConnection = () => target.resume();
  return agent;
}
