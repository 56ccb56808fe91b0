import { delay, toBackOffMs } from './delay.ts';
import { newOrielError, OrielError, toOrielError } from './error.ts';
import { EventLines, type ServerEvent } from './event-lines.ts';
import { toHeaders, toJson, toUrl, type Door } from './request.ts';

export type FollowOptions = {
  path: string;
  signal?: AbortSignal | undefined;
  /** Events after this one come first. */
  lastId?: string | undefined;
  /** Whether the stream is open. */
  onLink?: ((isOpen: boolean) => void) | undefined;
};

/** Nothing for so long, and the connection is dead: the controller says each 15 s that it is there. */
const SILENT_MS = 40_000;

/**
 * Server-sent events, one after the other, for as long as somebody asks for them; a stream that breaks is opened anew after its last
 * event. Throws OrielError when it is refused, and the signal's reason. (The browser's own EventSource cannot send a token.)
 */
export async function* followEvents(door: Door, { path, signal, lastId, onLink }: FollowOptions): AsyncGenerator<ServerEvent> {
  for (let failures = 0; ; failures += 1) {
    try {
      for await (const event of readStream(door, { path, signal, lastId, onLink })) {
        [lastId, failures] = [event.id ?? lastId, 0];
        yield event;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof OrielError && !error.isTransient) throw error;
    }
    onLink?.(false);
    await delay(toBackOffMs(failures + 1), signal);
  }
}

async function* readStream(door: Door, { path, signal, lastId, onLink }: FollowOptions): AsyncGenerator<ServerEvent> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENT_MS);
  try {
    const reader = await open(door, path, lastId, signal ? AbortSignal.any([signal, silence.signal]) : silence.signal);
    onLink?.(true);
    const lines = new EventLines();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENT_MS);
      yield* lines.take(chunk.value);
    }
  } finally {
    clearTimeout(timer);
    // Whoever has had enough does not hold the connection.
    silence.abort();
  }
}

async function open(door: Door, path: string, lastId: string | undefined, signal: AbortSignal) {
  const headers = { ...toHeaders(door), ...(lastId !== undefined && { 'last-event-id': lastId }) };
  const { fetch } = door;
  const response = await fetch(toUrl(door.baseUrl, path), { headers, cache: 'no-store', credentials: 'omit', signal });
  if (!response.ok) throw toOrielError(response.status, toJson(await response.text()), response.headers.get('retry-after'));
  if (!response.body) throw newOrielError(0, 'unreachable', `${path} answered nothing`);
  return response.body.pipeThrough(new TextDecoderStream()).getReader();
}
