import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { createAjv } from '#contract/ajv';
import type { Logger } from 'pino';
import { EGRESS_PROTOCOL, OpenSlot, type State } from './control-protocol.ts';
import { SlotProxy } from './slot-proxy.ts';
import type { Surroundings } from './target.ts';
import { addCounts, NOTHING, type Counts } from './totals.ts';

const isOpenSlot = createAjv().compile<OpenSlot>(OpenSlot);
const BODY_MAX = 65_536;

/** What the controller talks to: opens and closes slots, see control-protocol.ts. `onStop` ends the process. */
export function createControlServer(surroundings: Surroundings, log: Logger, onStop: () => void): Server {
  const slots = new Map<number, SlotProxy>();
  let closed = NOTHING;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: NodeJS.ErrnoException) => {
      log.warn({ code: error.code ?? error.name, url: request.url }, 'control request failed');
      reply(response, 500, { error: error.message });
    });
  });
  // One after the other, so that opening and closing the same slot cannot overtake each other.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(act: () => Promise<T>) => {
    const turn = last.then(act);
    last = turn.catch(() => {});
    return turn;
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    const index = /^\/slots\/(\d+)$/.exec(url)?.[1];
    if (method === 'GET' && url === '/life') return;
    if (method === 'GET' && url === '/state') return reply(response, 200, toState(slots, closed));
    if (method === 'PUT' && index !== undefined) return await open(await readBody(request), Number(index), response);
    if (method === 'DELETE' && index !== undefined) return await close(Number(index), response);
    if (method === 'POST' && url === '/stop') {
      response.once('close', onStop);
      return reply(response, 204);
    }
    reply(response, 404, { error: 'no such thing' });
  }

  async function open(body: unknown, index: number, response: ServerResponse): Promise<void> {
    if (!isOpenSlot(body) || body.index !== index || !isUrl(body.upstream)) return reply(response, 400, { error: toSentence() });
    await inTurn(async () => {
      if (isDeepStrictEqual(slots.get(index)?.slot, body)) return;
      await closeSlot(index);
      const proxy = new SlotProxy(body, surroundings, log);
      await proxy.open();
      slots.set(index, proxy);
      log.info({ slot: index, machine: body.machineId, upstream: body.upstream !== undefined }, 'slot opened');
    });
    reply(response, 204);
  }

  async function close(index: number, response: ServerResponse): Promise<void> {
    const counts = await inTurn(() => closeSlot(index));
    reply(response, counts ? 200 : 404, counts ?? { error: 'not open' });
  }

  async function closeSlot(index: number) {
    const proxy = slots.get(index);
    slots.delete(index);
    const counts = await proxy?.close();
    if (counts) closed = addCounts(closed, counts);
    if (counts) log.info({ slot: index, ...counts }, 'slot closed');
    return counts;
  }

  return server;
}

function toState(slots: ReadonlyMap<number, SlotProxy>, closed: Counts): State {
  const counts = [...slots].map(([index, proxy]) => [index, proxy.counts()] as const);
  return { protocol: EGRESS_PROTOCOL, pid: process.pid, slots: Object.fromEntries(counts), closed };
}

function isUrl(upstream: string | undefined): boolean {
  return upstream === undefined || URL.canParse(upstream);
}

/** Names the wrong field, never its value: it may be a password. */
function toSentence(): string {
  return (
    (isOpenSlot.errors ?? []).map((error) => `${error.instancePath || '/'} ${error.message}`).join('; ') || '/index or /upstream is wrong'
  );
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > BODY_MAX) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reply(response: ServerResponse, status: number, body?: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? undefined : JSON.stringify(body));
}
