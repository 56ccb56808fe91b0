import type { AddressInfo } from 'node:net';
import type { RouteApp } from '../../src/routes/route-app.ts';
import { eventually } from './controller.ts';

export interface ConsoleEvent {
  event: string;
  id?: string;
  data: { lines?: string[]; dropped?: number; status?: string; reason?: { code: string; message: string } };
}

/** Server-sent events of a console; comments are left out. */
export function parseEvents(text: string): ConsoleEvent[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('event: '))
    .map((block) => {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
      return {
        event: fields.event!,
        ...(fields.id !== undefined && { id: fields.id }),
        data: JSON.parse(fields.data!) as ConsoleEvent['data'],
      };
    });
}

export function toLines(events: readonly ConsoleEvent[]): string[] {
  return events.flatMap(({ data }) => data.lines ?? []);
}

export function countLines(events: readonly ConsoleEvent[]): { got: number; dropped: number } {
  return { got: toLines(events).length, dropped: events.reduce((sum, { data }) => sum + (data.dropped ?? 0), 0) };
}

/** A reader of a session's console, at a real socket. */
export async function openConsole(app: RouteApp, id: string, token: string, headers: Record<string, string> = {}) {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const left = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/session/${id}/console/events`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: left.signal,
  });
  const events: ConsoleEvent[] = [];
  const read = async () => {
    let rest = '';
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop()!;
      events.push(...parseEvents(blocks.join('\n\n')));
    }
  };
  const ended = read().catch((error: unknown) => assertLeft(left.signal, error));
  return {
    response,
    events,
    ended,
    /** The events, as soon as they fit. */
    until: (fits: (events: readonly ConsoleEvent[]) => boolean) =>
      eventually(() => {
        if (fits(events)) return events;
        if (events.at(-1)?.event === 'end') throw new Error(`not seen: ${fits}; its end is ${JSON.stringify(events.at(-1))}`);
      }),
    leave: () => left.abort(),
  };
}

function assertLeft({ aborted }: AbortSignal, error: unknown): void {
  if (!aborted) throw error;
}
