import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { SessionEvent } from '#contract/event';
import type { Session } from '#contract/session';
import type { ConsoleNews } from '../sessions/follow-console.ts';
import { isFinal } from '../sessions/transitions.ts';

/** So that proxies keep a stream open on which nothing comes. */
const STILL_HERE = ': still here\n\n';

/** Sends server-sent events as they come. The next is asked for when the one before has gone out: a slow reader fills no memory. */
export function sendEvents(reply: FastifyReply, events: AsyncIterable<string>): FastifyReply {
  return reply.type('text/event-stream').header('cache-control', 'no-store').send(Readable.from(events));
}

/** An event for each version of a session. */
export async function* toEventStream(versions: AsyncIterable<Session | undefined>): AsyncGenerator<string> {
  for await (const session of versions) yield session ? toEvent('session', session, session.updatedAt) : STILL_HERE;
}

/** An event for the lines of a console that have come, one at the end of its session. */
export async function* toConsoleStream(news: AsyncIterable<ConsoleNews | undefined>, read: () => Session): AsyncGenerator<string> {
  // The reply's head goes out with its first byte, and a console may be silent.
  yield STILL_HERE;
  for await (const piece of news) yield piece ? toLinesEvent(piece) : STILL_HERE;
  const { status, reason } = read();
  // Whoever is cut off because the controller leaves comes again.
  if (isFinal(status)) yield toEvent('end', { status, reason });
}

function toLinesEvent({ lines, dropped, id }: ConsoleNews): string {
  return toEvent('lines', { lines, ...(dropped > 0 && { dropped }) }, id);
}

/** An event for each transition of any session. */
export async function* toTransitionStream(events: AsyncIterable<SessionEvent | undefined>): AsyncGenerator<string> {
  yield STILL_HERE;
  for await (const event of events) yield event ? toEvent('transition', event, String(event.id)) : STILL_HERE;
}

/** As JSON the data has no line ends of its own. */
function toEvent(name: string, data: unknown, id?: string): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
