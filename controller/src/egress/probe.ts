import { request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Probe, Probed, Way } from './control-protocol.ts';
import { toHost } from './host-name.ts';
import { resolveTarget, type Surroundings } from './target.ts';
import { agentOf, connectUpstream } from './upstream.ts';
import { connectBy } from './way-out.ts';

/** Of the answer so much is read. */
const ANSWER_MAX = 1_024;

/** Tries a way as a clone would, within `timeoutMs`. Never throws. */
export async function probe({ way, url, timeoutMs }: Probe, surroundings: Surroundings): Promise<Probed> {
  const startedAt = performance.now();
  const limit = AbortSignal.timeout(timeoutMs);
  const late = Promise.withResolvers<never>();
  limit.addEventListener('abort', () => late.reject(new Error(`no answer within ${timeoutMs} ms`)), { once: true });
  const trying = attempt(way, url, limit, surroundings);
  trying.catch(() => undefined);
  try {
    return { ...(await Promise.race([trying, late.promise])), ms: Math.round(performance.now() - startedAt) };
  } catch (error) {
    return { why: (error as Error).message.slice(0, 200), ms: Math.round(performance.now() - startedAt) };
  }
}

async function attempt(way: Way, url: string | undefined, limit: AbortSignal, surroundings: Surroundings): Promise<{ address?: string }> {
  if (url !== undefined) return toAnswer(await fetchBy(way, new URL(url), limit, surroundings));
  if (typeof way === 'object') (await connectUpstream(way, surroundings)).destroy();
  return {};
}

/** The beginning of what is at this address. Throws for all but 2xx. */
async function fetchBy(way: Way, url: URL, signal: AbortSignal, surroundings: Surroundings): Promise<string> {
  const host = toHost(url.hostname);
  if (host === undefined) throw new Error('the probe’s address names no host');
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const socket = await connectBy(way, host, port, await resolveTarget(host, surroundings), surroundings);
  try {
    signal.throwIfAborted();
    return await ask(url, socket, host, signal);
  } finally {
    socket.destroy();
  }
}

function ask(url: URL, socket: Socket, host: string, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options = { signal, headers: { connection: 'close', 'user-agent': 'oriel-probe' } };
  const sent =
    url.protocol === 'https:'
      ? requestHttps(url, { ...options, agent: secureAgentOf(socket, host) })
      : requestHttp(url, { ...options, agent: agentOf(socket) });
  sent.on('error', () => reject(new Error('what is probed did not answer')));
  sent.on('response', (response) => {
    if (Math.floor(response.statusCode! / 100) !== 2) return reject(new Error(`what is probed answered ${response.statusCode}`));
    let text = '';
    const done = () => resolve(text);
    response.setEncoding('utf8').on('error', done).on('end', done);
    response.on('data', (chunk: string) => {
      text = (text + chunk).slice(0, ANSWER_MAX);
      if (text.length === ANSWER_MAX) done();
    });
  });
  sent.end();
  return promise;
}

function secureAgentOf(socket: Socket, host: string): HttpsAgent {
  const agent = new HttpsAgent({ keepAlive: false });
  agent.createConnection = () => connectTls({ socket, ...(isIP(host) ? { host } : { servername: host }) });
  return agent;
}

/** An address alone, as most such services answer, or JSON with it as `ip`. Anything else is only a sign of life. */
function toAnswer(text: string): { address?: string } {
  const found = /"ip"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? text.trim();
  return isIP(found) ? { address: found } : {};
}
