import { delay, toBackOffMs } from './delay.ts';
import { newOrielError, OrielError, toOrielError } from './error.ts';

export type Door = {
  /** Where the controller is, e.g. `https://oriel.example`; empty: where the page came from. */
  baseUrl: string;
  /** API key, start-up key or viewer's token; or what gives the one that is good now. */
  token: string | (() => string);
  fetch: typeof fetch;
};

export type Call = {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  /** May be sent twice without harm: then it is tried again when the network fails. */
  repeatable?: boolean;
  /** While no controller is there, as when one hands over to the next, tries go on for so long, however many they are. */
  patienceMs?: number;
  /** No answer after this long counts as a failed network. Long polls add their wait. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /** Is sent even when the page ends at once. */
  keepalive?: boolean;
};

const TRIES = 4;

/** The reply's JSON, the picture that it is, or undefined when it has none. Throws OrielError; an aborted call throws the signal's reason. */
export async function request(door: Door, call: Call): Promise<unknown> {
  const since = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await requestOnce(door, call);
    } catch (error) {
      const isPatient = isAway(error) && performance.now() - since < (call.patienceMs ?? 0);
      if (!call.repeatable || !isTransient(error) || (tries >= TRIES && !isPatient)) throw error;
      await delay(toBackOffMs(tries), call.signal);
    }
  }
}

/** The address of a call. A base that ends in a slash and one that does not are the same. */
export function toUrl(baseUrl: string, path: string, query: Call['query'] = {}): string {
  const words = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return `${baseUrl.replace(/\/+$/, '')}${path}${words.length ? `?${new URLSearchParams(words)}` : ''}`;
}

/** Nobody listens, or the one who does is about to go. */
const isAway = (error: unknown) => error instanceof OrielError && (error.code === 'unreachable' || error.code === 'closing');

const isTransient = (error: unknown) => error instanceof OrielError && error.isTransient;

async function requestOnce(door: Door, call: Call): Promise<unknown> {
  const { status, ok, text, picture, retryAfter } = await reach(door, call);
  if (ok && picture) return picture;
  const body = toJson(text);
  if (!ok) throw toOrielError(status, body, retryAfter);
  if (text && body === undefined) throw newOrielError(status, 'not_json', `${call.path} did not answer with JSON`);
  return body;
}

type Answered = { status: number; ok: boolean; text: string; picture: Blob | undefined; retryAfter: string | null };

async function reach(door: Door, call: Call): Promise<Answered> {
  // Without `this`: browsers' own wants none.
  const { fetch } = door;
  const timeout = AbortSignal.timeout(call.timeoutMs ?? 10_000);
  try {
    const response = await fetch(toUrl(door.baseUrl, call.path, call.query), {
      method: call.method,
      headers: {
        ...toHeaders(door),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
        ...call.headers,
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
      cache: 'no-store',
      keepalive: call.keepalive ?? false,
      credentials: 'omit',
    });
    const { status, ok, headers } = response;
    const isPicture = headers.get('content-type')?.startsWith('image/');
    const [text, picture] = isPicture ? ['', await response.blob()] : [await response.text(), undefined];
    return { status, ok, text, picture, retryAfter: headers.get('retry-after') };
  } catch (cause) {
    call.signal?.throwIfAborted();
    throw newOrielError(0, 'unreachable', 'The server cannot be reached', { cause });
  }
}

export function toHeaders({ token }: Door): Record<string, string> {
  return { authorization: `Bearer ${typeof token === 'string' ? token : token()}` };
}

/** Undefined: it is none. */
export function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
